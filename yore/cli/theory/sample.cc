// yore sample: words of a language and of its complement.
#include "yore/tasks/formal/sample.h"
#include "yore/cli/option_values.h"

#include <fmt/format.h>

#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/base/write_pieces.h"
#include "yore/cli/command.h"
#include "yore/cli/language_options.h"
#include "yore/cli/output.h"

namespace yore::cli {
namespace {

class Sample : public Command {
 public:
  void declare(CLI::App& app) override {
    language_.declare(app);
    app.add_option("--min-length", options_.min_length, "Shortest word")->check(CLI::NonNegativeNumber);
    app.add_option("--max-length", options_.max_length, "Longest word")->check(CLI::NonNegativeNumber);
    app.add_option("-n,--count", options_.count, "How many words")->check(CLI::PositiveNumber);
    app.add_option("--only", only_, "positive (accepted) or negative (rejected) words only")
        ->check(one_of({"positive", "negative"}));
    near_misses_ =
        app.add_option(
               "--near-miss-edits", options_.data.near_miss_edits,
               "Half the rejected words are 1..this many edits from an accepted one; 0 = all are uniform")
            ->check(CLI::NonNegativeNumber);
    app.add_option("--seed", options_.seed,
                   "Another seed, other words; the same seed gives the same words anywhere");
    app.add_flag("--json", json_, "One JSON object a line instead of tab-separated columns");
    app.add_option("-o,--output", output_, "Write to this file instead of standard output")->check(a_path());
    app.add_flag("--force", force_, "Replace that file");
  }

  int run() override {
    if (only_ == "positive" && near_misses_->count() > 0)
      throw base::InputError("--near-miss-edits",
                             "does nothing with --only positive: near misses are rejected");
    check_output(output_, force_);
    const languages::Language language = language_.read();
    if (only_ == "positive") options_.which = tasks::Which::Positive;
    if (only_ == "negative") options_.which = tasks::Which::Negative;
    tasks::WordDraws draws(language.dfa, options_);
    bool header = !json_;
    // A piece of the text at a time, however many words there are.
    const auto next = [&](std::string& piece) {
      constexpr std::size_t kPiece = 1 << 16;
      if (base::interrupted()) throw base::Interrupted("sample");
      piece = header ? tasks::tsv_header() : "";
      header = false;
      while (piece.size() < kPiece) {
        const auto word = draws.next();
        if (!word) break;
        piece += json_ ? to_jsonl(*word, language.dfa.alphabet) : to_tsv(*word, language.dfa.alphabet);
      }
      return !piece.empty();
    };
    if (!output_.empty()) {
      base::write_pieces(output_, next, base::Parents::MustExist);
    } else {
      for (std::string piece; next(piece);) fmt::print("{}", piece);
    }
    return kOk;
  }

  std::string kept() const override {
    return output_.empty() ? "the words printed before stand" : output_ + " is as it was";
  }

 private:
  LanguageOptions language_;
  tasks::SampleOptions options_;
  CLI::Option* near_misses_ = nullptr;
  std::string only_, output_;
  bool force_ = false, json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_sample() {
  return std::make_unique<Sample>();
}

}  // namespace yore::cli
