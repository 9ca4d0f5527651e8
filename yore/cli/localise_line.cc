#include "yore/cli/localise_line.h"

#include "yore/cli/model_argument.h"
#include "yore/cli/option_values.h"

namespace yore::cli {

void LocaliseLine::declare(CLI::App& app) {
  declare_model(app, model_);
  app.add_option("--text", text_,
                 "A text of the model's kind: its beginning ranks the heads (and heals), what follows "
                 "measures the loss; - = standard input")
      ->required()
      ->check(a_path());
  set_range(*app.add_option("--window", window_, "Keys that a local head sees, itself included"), 1,
            1000000000);
  set_range(*app.add_option("--sinks", sinks_, "The first keys of the text that local heads see as well"), 0,
            1000000000);
  budget_option_ =
      app.add_option("--budget", budget_,
                     "Global heads that stay global: a share with a point in it (0.25), or their "
                     "number (68)");
  within_option_ = app.add_option("--within", within_,
                                  "Instead of --budget: as few as the loss allows to rise by so many percent")
                       ->check(CLI::Range(0.0, 1000.0));
  app.add_option("--rank", rank_,
                 "Which heads become local first: mass: those that keep most of their attention inside; "
                 "random: in an order drawn from --seed")
      ->check(CLI::IsMember({"mass", "random"}));
  app.add_option("--seed", seed_, "Of random orders");
  set_range(*app.add_option("--random", random_, "Random choices of as many heads to compare with; 0 = none"),
            0, 1000);
  set_range(*app.add_option("--tokens", tokens_, "Tokens of the text's beginning that rank the heads"), 2,
            1 << 28);
  set_range(*app.add_option("--held-out", held_out_, "Tokens behind them that measure the loss"), 2, 1 << 28);
  set_range(*app.add_option("--context", context_, "Both are read in pieces of so many tokens"), 2, 1 << 24);
  set_range(*app.add_option("--decode", decode_,
                            "Tokens that are generated after one such piece (as much of it as learned "
                            "positions leave), to measure the time of one; 0 = not measured"),
            0, 100000);
  set_range(*app.add_option("--heal", heal_,
                            "Steps of distillation from the original on the text's beginning; the model is "
                            "written in float32 then"),
            0, 1000000);
  heal_rate_option_ = app.add_option("--heal-rate", heal_rate_, "With --heal: the largest learning rate")
                          ->check(CLI::PositiveNumber);
  app.add_option("--threads", threads_, "Threads; 0 = one a core. Another number may round sums otherwise")
      ->check(CLI::Range(0, 1024));
  app.add_option("--out", out_, "The folder to write the changed model to, with localise.json")
      ->required()
      ->check(a_path());
  app.add_flag("--force", force_, "Replace the model in that folder");
  app.add_flag("--json", json_, "Print one JSON object");
}

std::unique_ptr<Command> make_localise_line() {
  return std::make_unique<LocaliseLine>();
}

}  // namespace yore::cli
