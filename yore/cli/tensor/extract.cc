// yore extract: an automaton out of a model.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "yore/automata/convert.h"
#include "yore/automata/formats.h"
#include "yore/automata/learn.h"
#include "yore/automata/word_search.h"
#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/cli/command.h"
#include "yore/cli/language_options.h"
#include "yore/cli/tensor/subject.h"
#include "yore/expressivity/verdict.h"
#include "yore/inspection/answers.h"

namespace yore::cli {
namespace {

using logic::Word;

struct ExtractRequest {
  std::filesystem::path model;
  std::optional<languages::Language> language;  ///< to compare with, other than the model's own
  std::string output;
  bool force = false;
  int max_states = 200;
  std::int64_t max_queries = 200'000;
  int length = 100;
  std::int64_t exhaustive_words = 10'000;
  std::int64_t random_words = 5'000;
  std::uint64_t seed = 0;
  bool json = false;
};

int extract(const ExtractRequest& request) {
  base::catch_interrupts();
  const Subject subject = read_subject(request.model);
  std::optional<languages::Language> language;
  if (request.language || !subject.saved.language.empty()) language = language_of(subject, request.language);
  automata::BlackBox box(subject.alphabet(), [&](std::span<const Word> words) {
    std::vector<char> accepted;
    for (const float logit : inspection::answers(subject.saved.model, words)) accepted.push_back(logit > 0);
    return accepted;
  });
  automata::SearchOptions search_options;
  search_options.max_length = request.length;
  search_options.exhaustive_words = request.exhaustive_words;
  search_options.random_words = request.random_words;
  search_options.seed = request.seed;
  automata::WordSearch search(box, search_options);
  automata::LearnOptions learn_options;
  learn_options.max_states = request.max_states;
  learn_options.max_queries = request.max_queries;
  const automata::Learned learned = automata::learn(box, std::ref(search), learn_options);

  const automata::Searched& seen = search.last();
  expressivity::ClassifyOptions classify;
  classify.formulas = true;
  const expressivity::Classification verdict = expressivity::classify(learned.dfa, classify);
  const auto difference = language ? automata::difference(learned.dfa, language->dfa) : std::optional<Word>();
  if (!request.output.empty()) {
    const bool json = std::filesystem::path(request.output).extension() == ".json";
    base::write_file(request.output, json ? automata::json_from_dfa(learned.dfa) + "\n"
                                          : automata::att_from_dfa(learned.dfa));
  }
  std::vector<std::string> classes;
  for (const expressivity::Class c : verdict.sufficient) classes.emplace_back(expressivity::name(c));
  const bool same = language && !difference;
  if (request.json) {
    base::Json json = {{"states", learned.dfa.states},
                       {"finished", learned.finished},
                       {"open", learned.open},
                       {"queries", box.asked()},
                       {"rounds", learned.rounds},
                       {"exhaustive_length", seen.exhaustive_length},
                       {"extra_states", seen.extra_states},
                       {"sufficient", classes}};
    if (language) {
      json["language"] = language->spec;
      json["same"] = same;
      json["difference"] =
          difference ? base::Json(subject.alphabet().format_word(*difference)) : base::Json();
    }
    json["automaton"] = base::parse_json(automata::json_from_dfa(learned.dfa), "automaton");
    fmt::print("{}\n", json.dump());
  } else {
    fmt::print("{}: an automaton of {} states, from {} words in {} rounds\n", request.model.string(),
               learned.dfa.states, box.asked(), learned.rounds);
    if (learned.finished) {
      fmt::print("  no difference found: all words to length {} agree", seen.exhaustive_length);
      if (seen.extra_states >= 0)
        fmt::print("; any other language would need an automaton of more than {} states",
                   learned.dfa.states + seen.extra_states);
      fmt::print("\n");
    } else {
      fmt::print("  NOT finished: {}\n", learned.open);
    }
    if (verdict.sufficient.empty())
      fmt::print("  beyond hybrid attention (or open); yore classify says more\n");
    else
      fmt::print("  {} attention suffices for it\n", fmt::join(classes, " or "));
    if (language)
      fmt::print("  {}\n", same ? fmt::format("the same language as {}", language->title)
                                : fmt::format("not {}: they differ on {}, which the model {}",
                                              language->title, shown(subject.alphabet(), *difference),
                                              learned.dfa.accepts(*difference) ? "accepts" : "rejects"));
    if (!request.output.empty()) fmt::print("  written to {}\n", request.output);
  }
  if (base::interrupted()) return base::interrupt_exit_code();
  return learned.finished && (!language || same) ? kOk : kNo;
}

class Extract : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option("MODEL", request_.model, "A model's or run's folder, or a model.safetensors")->required();
    language_.declare(app);
    app.add_option("-o,--output", request_.output,
                   "Write the automaton to this file (.json, else AT&T text)");
    app.add_flag("--force", request_.force, "Replace that file");
    app.add_option("--max-automaton", request_.max_states, "Budget: states of the automaton")
        ->check(CLI::PositiveNumber);
    app.add_option("--max-queries", request_.max_queries, "Budget: words the learner asks")
        ->check(CLI::PositiveNumber);
    app.add_option("-N,--length", request_.length, "Longest word with which differences are looked for")
        ->check(CLI::PositiveNumber);
    app.add_option("--exhaustive-words", request_.exhaustive_words,
                   "Compare the first so many words with every hypothesis")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--random", request_.random_words, "Compare this many drawn words with every hypothesis")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--seed", request_.seed, "Of the drawn words");
    app.add_flag("--json", request_.json, "Print one JSON object");
  }
  int run() override {
    if (!request_.output.empty() && !request_.force && std::filesystem::exists(request_.output))
      throw base::InputError("--output", fmt::format("{} exists; --force replaces it", request_.output));
    if (language_.given()) request_.language = language_.read();
    return extract(request_);
  }

 private:
  ExtractRequest request_;
  LanguageOptions language_;
};

}  // namespace

std::unique_ptr<Command> make_extract() {
  return std::make_unique<Extract>();
}

}  // namespace yore::cli
