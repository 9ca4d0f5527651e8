#include "yore/cli/extract_line.h"

#include "yore/cli/model_argument.h"
#include "yore/cli/option_values.h"

namespace yore::cli {

void ExtractLine::declare(CLI::App& app) {
  declare_model(app, model_);
  language_.declare(app);
  app.add_option("-o,--output", output_, "Write the automaton to this file (.json, else AT&T text)")
      ->check(a_path());
  app.add_flag("--force", force_, "Replace that file");
  app.add_option("--max-automaton", options_.max_states, "Budget: states of the automaton")
      ->check(CLI::PositiveNumber);
  app.add_option("--max-queries", options_.max_queries, "Budget: words the learner asks")
      ->check(CLI::PositiveNumber);
  app.add_option("-N,--length", options_.length, "Longest word with which differences are looked for")
      ->check(CLI::Range(1, kLongest));
  app.add_option("--exhaustive-words", options_.exhaustive_words,
                 "Compare the first so many words with every hypothesis")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--random", options_.random_words, "Compare this many drawn words with every hypothesis")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--seed", options_.seed, "Of the drawn words");
  app.add_flag("--json", json_, "Print one JSON object");
}

std::unique_ptr<Command> make_extract_line() {
  return std::make_unique<ExtractLine>();
}

}  // namespace yore::cli
