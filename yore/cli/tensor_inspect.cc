// `yore-tensor`'s side of yore verify, run and extract.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cmath>
#include <iostream>

#include "yore/automata/convert.h"
#include "yore/automata/formats.h"
#include "yore/automata/learn.h"
#include "yore/automata/word_search.h"
#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/base/progress.h"
#include "yore/cli/command.h"
#include "yore/cli/tensor.h"
#include "yore/compiler/explain.h"
#include "yore/compiler/manifest.h"
#include "yore/expressivity/verdict.h"
#include "yore/inspection/answers.h"
#include "yore/inspection/trace.h"
#include "yore/inspection/verify.h"
#include "yore/model/checkpoint.h"

namespace yore::cli {
namespace {

using logic::Word;

constexpr std::size_t kLongestShown = 60;

/// A model, and what its files say of it.
struct Subject {
  arch::ModelFile file;
  model::SavedModel saved;
  std::optional<compiler::Manifest> manifest;
  const logic::Alphabet& alphabet() const { return saved.alphabet; }
};

Subject read_subject(const std::filesystem::path& path) {
  arch::ModelFile file = arch::read_model(path);
  model::SavedModel saved = model::from_file(file, path.string());
  std::optional<compiler::Manifest> manifest;
  if (!file.compiled.is_null()) manifest = compiler::manifest_from_json(file.compiled, file, path.string());
  return {std::move(file), std::move(saved), std::move(manifest)};
}

/// The language asked for, or the model's own; over the model's alphabet in any case.
languages::Language language_of(const Subject& subject, const std::optional<languages::Language>& asked) {
  languages::Language language =
      asked ? *asked : languages::read_language(subject.file.language, subject.alphabet().text());
  if (language.dfa.alphabet != subject.alphabet())
    throw base::InputError(
        "language", fmt::format("its alphabet {{{}}} is not the model's {{{}}} (--alphabet {} fixes it)",
                                fmt::join(language.dfa.alphabet.names(), ", "),
                                fmt::join(subject.alphabet().names(), ", "), subject.alphabet().text()));
  return language;
}

std::string shown(const logic::Alphabet& alphabet, const Word& word) {
  if (word.empty()) return "(the empty word)";
  if (word.size() <= kLongestShown) return alphabet.format_word(word);
  return fmt::format(
      "{}... ({} letters)",
      alphabet.format_word({word.begin(), word.begin() + static_cast<std::ptrdiff_t>(kLongestShown)}),
      word.size());
}

/// The strings that tell the classes the language is not in from it, as long as they are.
std::vector<Word> witness_words(const automata::Dfa& dfa, int longest) {
  expressivity::ClassifyOptions options;
  options.formulas = false;
  std::vector<Word> words;
  for (const expressivity::ClassVerdict& verdict : expressivity::classify(dfa, options).classes) {
    if (!verdict.witness) continue;
    constexpr int kDense = 8;
    for (int n = 1;; n += n < kDense ? 1 : n) {
      auto [a, b] = expressivity::witness_strings(*verdict.witness, n);
      if (std::max(a.size(), b.size()) > static_cast<std::size_t>(longest)) break;
      words.push_back(std::move(a));
      words.push_back(std::move(b));
    }
  }
  return words;
}

/// A bound on logits; null where there is none.
base::Json bound(double x) {
  return std::isfinite(x) ? base::Json(x) : base::Json();
}

base::Json tally_json(const inspection::Tally& tally, const logic::Alphabet& alphabet) {
  base::Json json = {{"words", tally.words}, {"wrong", tally.wrong}, {"accuracy", tally.accuracy()}};
  json["shortest_wrong"] =
      tally.shortest_wrong ? base::Json(alphabet.format_word(*tally.shortest_wrong)) : base::Json();
  json["least_accepting_logit"] = bound(tally.least_accepting);
  json["largest_rejecting_logit"] = bound(tally.largest_rejecting);
  return json;
}

class Verifier {
 public:
  explicit Verifier(const VerifyRequest& request)
      : request_(request),
        subject_(read_subject(request.model)),
        language_(language_of(subject_, request.language)) {}

  int run() {
    say("{}: {} parameters, held against {}\n", request_.model.string(),
        subject_.saved.model.parameters().size(), language_.title);
    if (subject_.manifest) prove();
    exhaustive();
    drawn();
    json_["right"] = right_;
    if (request_.json) fmt::print("{}\n", json_.dump());
    if (base::interrupted()) return base::interrupt_exit_code();
    return right_ ? kOk : kNo;
  }

 private:
  template <class... T>
  void say(fmt::format_string<T...> format, T&&... values) const {
    if (!request_.json) fmt::print(format, std::forward<T>(values)...);
  }

  void prove() {
    const compiler::Manifest& manifest = *subject_.manifest;
    const auto difference = automata::difference(automata::dfa_from_formula(manifest.formula), language_.dfa);
    base::Json json;
    json["formula_is_the_language"] = !difference;
    if (difference) {
      say("  formula      is another language: they differ on {}\n", shown(subject_.alphabet(), *difference));
      json["difference"] = subject_.alphabet().format_word(*difference);
      right_ = false;
    } else {
      say("  formula      is the language (decided on automata)\n");
    }
    const std::int64_t length = request_.prove_length > 0 ? request_.prove_length : manifest.length;
    const compiler::Proof proof = compiler::prove(subject_.file, manifest, length);
    json["proven"] = proof.proven;
    json["length"] = length;
    json["error"] = proof.error;
    if (!proof.proven) {
      right_ = false;
      const std::int64_t longest = compiler::longest_proven(subject_.file, manifest, length - 1);
      json["failure"] = proof.failure;
      json["longest_proven"] = longest;
      say("  weights      NOT proven for {} letters: {}\n", length, proof.failure);
      say("               {}\n",
          longest == 0 ? std::string("proven for no length")
                       : fmt::format("proven up to {} letters; it fails at {}", longest, longest + 1));
    } else {
      json["least_accepting_logit"] = bound(proof.least_accepting);
      json["largest_rejecting_logit"] = bound(proof.largest_rejecting);
      say("  weights      {}\n", compiler::to_text(proof));
    }
    json_["proof"] = json;
  }

  void exhaustive() {
    base::Progress progress("all short words", static_cast<double>(request_.max_words), 0, output());
    const inspection::Exhaustive all =
        inspection::verify_all(subject_.saved.model, language_.dfa, request_.max_length, request_.max_words,
                               [&](std::int64_t done) { progress.update(static_cast<double>(done)); });
    progress.finish();
    json_["exhaustive"] = tally_json(all.tally, subject_.alphabet());
    json_["exhaustive"]["length"] = all.length;
    json_["exhaustive"]["right_to_length"] = all.right_to_length;
    if (all.length < 0) return;
    const std::string which = fmt::format("all {} words to length {}", all.tally.words, all.length);
    report("short words", which, all.tally);
    if (all.tally.wrong > 0)
      say("               {}\n", all.right_to_length < 0
                                     ? std::string("wrong from the empty word on")
                                     : fmt::format("right to length {}", all.right_to_length));
  }

  void drawn() {
    const std::vector<Word> given = witness_words(language_.dfa, request_.length);
    base::Progress progress(
        "drawn words", static_cast<double>(request_.random_words) + static_cast<double>(given.size()) + 1, 0,
        output());
    const inspection::Tally some = inspection::verify_some(
        subject_.saved.model, language_.dfa, request_.random_words, request_.length, request_.seed, given,
        [&](std::int64_t done) { progress.update(static_cast<double>(done)); });
    progress.finish();
    json_["drawn"] = tally_json(some, subject_.alphabet());
    json_["drawn"]["length"] = request_.length;
    json_["drawn"]["witness_strings"] = given.size();
    if (some.words == 0) return;
    report("long words",
           fmt::format("{} drawn words and {} witness strings to length {}", request_.random_words,
                       given.size(), request_.length),
           some);
    if (!some.shortest_wrong) return;
    if (const auto prefix =
            inspection::first_wrong_prefix(subject_.saved.model, language_.dfa, *some.shortest_wrong)) {
      json_["drawn"]["leaves_the_automaton_at"] = subject_.alphabet().format_word(*prefix);
      say("               leaves the automaton after {} of its letters: {}\n", prefix->size(),
          shown(subject_.alphabet(), *prefix));
    }
  }

  void report(const char* name, const std::string& which, const inspection::Tally& tally) {
    if (tally.wrong == 0) {
      say("  {:<12} {}: all right\n", name, which);
      return;
    }
    right_ = false;
    say("  {:<12} {}: {:.2f} % right, {} wrong; the shortest: {}\n", name, which, 100 * tally.accuracy(),
        tally.wrong, shown(subject_.alphabet(), *tally.shortest_wrong));
  }

  static base::Progress::Output output() {
    return ::isatty(STDERR_FILENO) != 0 ? base::Progress::Output::standard_error()
                                        : base::Progress::Output::silent();
  }

  const VerifyRequest& request_;
  Subject subject_;
  languages::Language language_;
  base::Json json_ = base::Json::object();
  bool right_ = true;
};

std::string trace_table(const Subject& subject, const Word& word, const inspection::Trace& t) {
  const compiler::Manifest& manifest = *subject.manifest;
  std::vector<std::string> names;
  std::size_t widest = 8;
  for (const inspection::TraceRow& row : t.rows) {
    logic::Formula part = manifest.formula;
    part.root = row.node;
    std::string name = logic::format_formula(part);
    if (name.size() > kLongestShown) name = name.substr(0, kLongestShown - 4) + " ...";
    widest = std::max(widest, name.size());
    names.push_back(std::move(name));
  }
  std::size_t cell = 1;
  for (const std::string& name : subject.alphabet().names()) cell = std::max(cell, name.size());
  const auto pad = [&](const std::string& text) { return fmt::format(" {:>{}}", text, cell); };
  std::string text = fmt::format("  {:<{}}        ", "", widest);
  for (const logic::Symbol s : word) text += pad(subject.alphabet().name(s));
  text += "  EOS\n";
  for (std::size_t r = 0; r < t.rows.size(); ++r) {
    const inspection::TraceRow& row = t.rows[r];
    text += fmt::format("  {:<{}}  x{:<4} ", names[r], widest, row.coordinate);
    for (std::size_t i = 0; i < row.read.size(); ++i) {
      const std::string mark = row.read[i] != row.truth[i] ? "!" : row.read[i] != 0 ? "1" : ".";
      text += i + 1 == row.read.size() ? "  " + mark : pad(mark);
    }
    text += "\n";
  }
  if (!t.agrees) text += "  ! = the model's number says the opposite of what the formula's definition says\n";
  return text;
}

base::Json trace_json(const Subject& subject, const inspection::Trace& t) {
  base::Json rows = base::Json::array();
  for (const inspection::TraceRow& row : t.rows) {
    logic::Formula part = subject.manifest->formula;
    part.root = row.node;
    rows.push_back({{"formula", logic::format_formula(part)},
                    {"stage", row.stage},
                    {"coordinate", row.coordinate},
                    {"numbers", row.numbers},
                    {"read", std::vector<int>(row.read.begin(), row.read.end())},
                    {"truth", std::vector<int>(row.truth.begin(), row.truth.end())}});
  }
  return rows;
}

/// Answers words one after another, or many at a time.
class Answerer {
 public:
  Answerer(const RunRequest& request, const Subject& subject) : request_(request), subject_(subject) {}

  void answer(const std::vector<std::string>& texts, const std::vector<Word>& words) const {
    const std::vector<float> logits = inspection::answers(subject_.saved.model, words);
    for (std::size_t i = 0; i < words.size(); ++i) {
      const bool accepts = logits[i] > 0;
      std::optional<inspection::Trace> t;
      if (request_.trace) t = inspection::trace(subject_.saved.model, *subject_.manifest, words[i]);
      if (request_.json) {
        base::Json json = {{"word", texts[i]}, {"accepts", accepts}, {"logit", logits[i]}};
        if (t) json["trace"] = trace_json(subject_, *t);
        fmt::print("{}\n", json.dump());
      } else {
        fmt::print("{:<8}{:+9.3f}  {}\n", accepts ? "accept" : "reject", logits[i],
                   texts[i].empty() ? "()" : texts[i]);
        if (t) fmt::print("{}", trace_table(subject_, words[i], *t));
      }
    }
    std::fflush(stdout);
  }

 private:
  const RunRequest& request_;
  const Subject& subject_;
};

}  // namespace

int verify(const VerifyRequest& request) {
  base::catch_interrupts();
  return Verifier(request).run();
}

int run(const RunRequest& request) {
  const Subject subject = read_subject(request.model);
  if (request.trace && !subject.manifest)
    throw base::InputError("--trace",
                           "the model is not a compiled one: its coordinates have no names (yore compile)");
  const Answerer answerer(request, subject);
  const auto parse = [&](const std::string& text, const std::string& place) {
    try {
      return subject.alphabet().parse_word(text);
    } catch (const base::InputError& e) {
      throw base::InputError(place, e.what());
    }
  };
  std::vector<Word> words;
  if (request.words) {
    for (const std::string& text : *request.words) words.push_back(parse(text, "--words"));
    answerer.answer(*request.words, words);
    return kOk;
  }
  const bool at_once = ::isatty(STDIN_FILENO) != 0;
  std::vector<std::string> texts;
  std::string line;
  for (std::int64_t number = 1; std::getline(std::cin, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    words.push_back(parse(line, fmt::format("standard input, line {}", number)));
    texts.push_back(line);
    if (!at_once) continue;
    answerer.answer(texts, words);
    texts.clear();
    words.clear();
  }
  answerer.answer(texts, words);
  return kOk;
}

int extract(const ExtractRequest& request) {
  base::catch_interrupts();
  const Subject subject = read_subject(request.model);
  std::optional<languages::Language> language;
  if (request.language || !subject.file.language.empty()) language = language_of(subject, request.language);
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

}  // namespace yore::cli
