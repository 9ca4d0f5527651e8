// yore classify: verdicts with formulas and witnesses.
#include <fmt/format.h>
#include <unistd.h>

#include "yore/base/error.h"
#include "yore/cli/command.h"
#include "yore/cli/language_options.h"
#include "yore/expressivity/verdict.h"

namespace yore::cli {
namespace {

using expressivity::Answer;

class Classify : public Command {
 public:
  void declare(CLI::App& app) override {
    language_.declare(app);
    app.add_flag("--json", json_, "Print one JSON object");
    app.add_option("--is", is_,
                   "Ask one question: global, local, hybrid or star_free; exit 0 if yes, 1 if no or unknown");
    app.add_option(
           "--lookback", options_.lookback,
           "k of the local heads: strictly earlier positions in reach (a window of k+1 keys including self)")
        ->check(CLI::PositiveNumber);
    app.add_flag("!--no-formula", options_.formulas, "Verdicts and witnesses only");
    app.add_option("--witness-depth", options_.witness_depth, "Formula depth to which witnesses are verified")
        ->check(CLI::Range(0, 8));
    app.add_option("--max-monoid", options_.max_monoid, "Budget: elements of the syntactic semigroup")
        ->check(CLI::PositiveNumber);
    app.add_option("--max-pairs", options_.max_pairs, "Budget: pairs of states walked by the hybrid test")
        ->check(CLI::PositiveNumber);
    max_formula_ = app.add_option("--max-formula", options_.max_formula, "Budget: nodes of a formula")
                       ->check(CLI::PositiveNumber);
    max_types_ =
        app.add_option("--max-types", options_.max_types, "Budget: type classes, for --lookback 2 and more")
            ->check(CLI::PositiveNumber);
  }

  int run() override {
    if (!options_.formulas && max_formula_->count() > 0)
      throw base::InputError("--max-formula", "does nothing with --no-formula");
    if (options_.lookback < 2 && max_types_->count() > 0)
      throw base::InputError("--max-types", "does nothing with --lookback 1");
    const std::optional<expressivity::Class> asked = question();
    const languages::Language language = language_.read();
    options_.max_states = language_.max_states;
    const expressivity::Classification answer = expressivity::classify(language.dfa, options_);
    if (json_)
      fmt::print("{}\n", to_json(answer).dump());
    else
      fmt::print("{}", to_text(answer, ::isatty(STDOUT_FILENO) != 0, language.title));
    if (!asked) return kOk;
    return answer.of(*asked).member == Answer::Yes ? kOk : kNo;
  }

 private:
  std::optional<expressivity::Class> question() const {
    if (is_.empty()) return std::nullopt;
    for (expressivity::Class c : expressivity::kClasses)
      if (is_ == expressivity::name(c)) return c;
    throw base::InputError(
        "--is", fmt::format("\"{}\" is no class; expected global, local, hybrid or star_free", is_));
  }

  LanguageOptions language_;
  expressivity::ClassifyOptions options_;
  CLI::Option *max_formula_ = nullptr, *max_types_ = nullptr;
  bool json_ = false;
  std::string is_;
};

}  // namespace

std::unique_ptr<Command> make_classify() {
  return std::make_unique<Classify>();
}

}  // namespace yore::cli
