// yore extract: an automaton out of a model.
#include "yore/inspection/extract.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "yore/automata/convert.h"
#include "yore/automata/formats.h"
#include "yore/base/interrupt.h"
#include "yore/base/text.h"
#include "yore/cli/extract_line.h"
#include "yore/cli/output.h"
#include "yore/cli/tensor/subject_language.h"
#include "yore/expressivity/verdict.h"
#include "yore/inspection/answers.h"
#include "yore/logic/word_text.h"

namespace yore::cli {
namespace {

/// What was learnt, and what follows from it.
struct Findings {
  inspection::Extracted extracted;
  std::vector<std::string> sufficient;          ///< names of classes
  std::optional<languages::Language> language;  ///< compared with, if there is one
  std::optional<logic::Word> difference;        ///< from it
  bool accepted = false;                        ///< that word, by the model itself

  const automata::Dfa& dfa() const { return extracted.learned.dfa; }
  bool same() const { return language && !difference; }
};

base::Json to_json(const Findings& f) {
  const automata::Learned& learned = f.extracted.learned;
  base::Json json = {{"states", f.dfa().states},
                     {"finished", learned.finished},
                     {"open", learned.open},
                     {"queries", f.extracted.words_asked},
                     {"rounds", learned.rounds},
                     {"exhaustive_length", f.extracted.last.exhaustive_length},
                     {"extra_states", f.extracted.last.extra_states},
                     {"sufficient", f.sufficient}};
  if (f.language) {
    json["language"] = f.language->spec;
    json["same"] = f.same();
    json["difference"] =
        f.difference ? base::Json(f.dfa().alphabet.format_word(*f.difference)) : base::Json();
  }
  json["automaton"] = base::parse_json(automata::json_from_dfa(f.dfa()), "automaton");
  return json;
}

void print(std::FILE* to, const Findings& f, const std::string& model) {
  const automata::Learned& learned = f.extracted.learned;
  fmt::print(to, "{}: an automaton of {}, from {} in {}\n", model, base::counted(f.dfa().states, "state"),
             base::counted(f.extracted.words_asked, "word"), base::counted(learned.rounds, "round"));
  if (learned.finished) {
    const automata::Searched& seen = f.extracted.last;
    if (seen.exhaustive_length >= 0)
      fmt::print(to, "  no difference found: all words to length {} agree", seen.exhaustive_length);
    else
      fmt::print(to, "  no difference found in {} words", seen.words);
    if (seen.extra_states >= 0)
      fmt::print(to, "; any other language would need an automaton of more than {} states",
                 f.dfa().states + seen.extra_states);
    fmt::print(to, "\n");
  } else {
    fmt::print(to, "  NOT finished: {}\n", learned.open);
  }
  if (f.sufficient.empty())
    fmt::print(to, "  beyond hybrid attention (or open); yore classify says more\n");
  else
    fmt::print(to, "  {} attention suffices for it\n", fmt::join(f.sufficient, " or "));
  if (f.same())
    fmt::print(to, "  the same language as {}\n", f.language->title);
  else if (f.language) {
    const auto does = [](bool accepts) { return accepts ? "accepts" : "rejects"; };
    const bool as_learnt = f.dfa().accepts(*f.difference) == f.accepted;
    fmt::print(to, "  not {}: they differ on {}, which the {}\n", f.language->title,
               logic::shown_word(f.dfa().alphabet, *f.difference),
               as_learnt ? fmt::format("model {}", does(f.accepted))
                         : fmt::format("automaton {} and the model {}", does(!f.accepted), does(f.accepted)));
  }
}

class Extract : public ExtractLine {
 public:
  int run() override {
    check_output(output_, force_);
    const inspection::Subject subject = inspection::read_subject(model_);
    std::optional<languages::Language> language;
    if (language_.given() || language_.alphabet || !subject.saved.language.empty())
      language = language_of(subject, language_);
    base::catch_interrupts();  // not before: reading a language, from a pipe perhaps, looks at no flag
    const Findings findings = find(subject, language);
    if (!output_.empty()) emit(automaton(findings.dfa()), output_);
    std::FILE* const to = report_stream(output_);
    if (json_) {
      fmt::print(to, "{}\n", to_json(findings).dump());
    } else {
      print(to, findings, model_.string());
      if (!output_.empty()) fmt::print(to, "  written to {}\n", output_);
    }
    if (base::interrupted()) {
      complain(fmt::format("extract: stopped by a signal after {} words; the automaton is what they told",
                           findings.extracted.words_asked));
      return base::interrupt_exit_code();
    }
    return findings.extracted.learned.finished && (!language || findings.same()) ? kOk : kNo;
  }

 private:
  Findings find(const inspection::Subject& subject,
                const std::optional<languages::Language>& language) const {
    Findings f{inspection::extract(subject.model(), subject.alphabet(), options_), {}, language, {}, false};
    const base::FinishingUp answer;  // about what was learnt, though a signal ended the learning
    for (const expressivity::Class c : expressivity::classify(f.dfa()).sufficient)
      f.sufficient.emplace_back(expressivity::name(c));
    if (language) f.difference = automata::difference(f.dfa(), language->dfa);
    if (f.difference)  // what was learnt may be another language than the model's
      f.accepted = inspection::answers(subject.model(), subject.alphabet(), {&*f.difference, 1})[0] > 0;
    return f;
  }

  std::string automaton(const automata::Dfa& dfa) const {
    const bool json = std::filesystem::path(output_).extension() == ".json";
    return json ? automata::json_from_dfa(dfa) + "\n" : automata::att_from_dfa(dfa);
  }
};

}  // namespace

std::unique_ptr<Command> make_extract() {
  return std::make_unique<Extract>();
}

}  // namespace yore::cli
