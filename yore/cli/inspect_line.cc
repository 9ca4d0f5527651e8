#include "yore/cli/inspect_line.h"

#include "yore/cli/model_argument.h"
#include "yore/cli/option_values.h"
#include "yore/cli/select_option.h"

namespace yore::cli {

void InspectLine::declare(CLI::App& app) {
  declare_model(app, model_);
  app.add_option("--text", text_, "The file that the model reads, from its beginning; - = standard input")
      ->required()
      ->check(a_path());
  tokens_option_ =
      app.add_option("--tokens", tokens_,
                     "Tokens of the text that are read, at most; fewer where the model's learned "
                     "positions end");
  set_range(*tokens_option_, 2, 1 << 24);
  app.add_option(
      "--map", maps_,
      "With --out: a map of which token looks at which, LAYER:HEAD or LAYER:HEAD:FIRST-LAST of some "
      "tokens alone; several may be given");
  app.add_flag(
      "--gradients", gradients_,
      "Also follow the gradient of the text's loss: sinks of gradients, and what each branch does to "
      "it. Weights in bfloat16 are widened");
  declare_select(
      app, select_,
      "Also which tokens stand for others: tau=0.9, with cascade=off, from=LAYER, control=random as "
      "in evaluate; several taus, tau=0.7:0.9, are measured side by side");
  windows_.declare(app);
  app.add_option("--threads", threads_, "Threads; 0 = one a core. Another number may round sums otherwise")
      ->check(CLI::Range(0, 1024));
  app.add_option("--out", out_, "A folder for inspect.json, tables (CSV) and the page report.html")
      ->check(a_path());
  app.add_flag("--force", force_, "Replace what an earlier inspection wrote into that folder");
  app.add_flag("--json", json_, "Print one JSON object");
}

std::unique_ptr<Command> make_inspect_line() {
  return std::make_unique<InspectLine>();
}

}  // namespace yore::cli
