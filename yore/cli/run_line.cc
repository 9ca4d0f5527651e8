#include "yore/cli/run_line.h"

#include "yore/cli/model_argument.h"

namespace yore::cli {

void RunLine::declare(CLI::App& app) {
  declare_model(app, model_);
  words_option_ = app.add_option(
      "--words", words_, "Answer these words instead of lines from standard input; \"\" is the empty word");
  app.add_flag("--trace", trace_,
               "Show the truth of every subformula at every position, as the compiled model computed it");
  app.add_flag("--json", json_, "Print one JSON object a word");
}

std::unique_ptr<Command> make_run_line() {
  return std::make_unique<RunLine>();
}

}  // namespace yore::cli
