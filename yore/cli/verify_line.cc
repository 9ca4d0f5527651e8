#include "yore/cli/verify_line.h"

#include <fmt/format.h>

#include "yore/cli/model_argument.h"

namespace yore::cli {

void VerifyLine::declare(CLI::App& app) {
  declare_model(app, model_);
  language_.declare(app);
  app.add_option("--exhaustive", options_.max_length, "Ask all words up to this length ...")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--max-words", options_.max_words, "... as long as they are no more than this")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--random", options_.random_words, "Ask this many words drawn as `yore sample` does")
      ->check(CLI::NonNegativeNumber);
  app.add_option("-N,--length", options_.length,
                 fmt::format("Longest drawn word and witness string, at most {}", kLongest))
      ->check(CLI::PositiveNumber);
  prove_ =
      app.add_option("--prove", options_.prove_length,
                     "Prove a compiled model for all words up to this length; 0: what it was compiled for")
          ->check(CLI::NonNegativeNumber);
  seed_ = app.add_option("--seed", options_.seed, "Of the drawn words");
  app.add_flag("--json", json_, "Print one JSON object");
}

std::unique_ptr<Command> make_verify_line() {
  return std::make_unique<VerifyLine>();
}

}  // namespace yore::cli
