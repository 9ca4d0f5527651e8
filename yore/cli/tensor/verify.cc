// yore verify: a model held against a language.
#include <fmt/format.h>
#include <unistd.h>

#include <cmath>

#include "yore/automata/convert.h"
#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/base/progress.h"
#include "yore/cli/command.h"
#include "yore/cli/language_options.h"
#include "yore/cli/tensor/subject.h"
#include "yore/compiler/explain.h"
#include "yore/expressivity/verdict.h"
#include "yore/inspection/verify.h"

namespace yore::cli {
namespace {

using logic::Word;

struct VerifyRequest {
  std::filesystem::path model;
  std::optional<languages::Language> language;  ///< other than the model's own
  int max_length = 1'000'000;
  std::int64_t max_words = 200'000;
  int random_words = 2'000;
  int length = 2'000;
  std::int64_t prove_length = 0;  ///< 0 = what the model was compiled for
  std::uint64_t seed = 0;
  bool json = false;
};

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

int verify(const VerifyRequest& request) {
  base::catch_interrupts();
  return Verifier(request).run();
}

class Verify : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option("MODEL", request_.model, "A model's or run's folder, or a model.safetensors")->required();
    language_.declare(app);
    app.add_option("--exhaustive", request_.max_length, "Ask all words up to this length ...")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--max-words", request_.max_words, "... as long as they are no more than this")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--random", request_.random_words, "Ask this many words drawn as `yore sample` does")
        ->check(CLI::NonNegativeNumber);
    app.add_option("-N,--length", request_.length, "Longest drawn word and witness string")
        ->check(CLI::PositiveNumber);
    app.add_option("--prove", request_.prove_length,
                   "Prove a compiled model for all words up to this length; 0: what it was compiled for")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--seed", request_.seed, "Of the drawn words");
    app.add_flag("--json", request_.json, "Print one JSON object");
  }

  int run() override {
    if (language_.given()) request_.language = language_.read();
    return verify(request_);
  }

 private:
  VerifyRequest request_;
  LanguageOptions language_;
};

}  // namespace

std::unique_ptr<Command> make_verify() {
  return std::make_unique<Verify>();
}

}  // namespace yore::cli
