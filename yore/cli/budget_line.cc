#include "yore/cli/budget_line.h"

#include "yore/cli/option_values.h"

namespace yore::cli {

void BudgetLine::declare(CLI::App& app) {
  const std::string harden = "harden", slice = "slice", bench = "bench";
  const auto only = [&](CLI::Option* option, std::vector<std::string> actions) {
    return of_actions_.add(option, std::move(actions));
  };
  app.add_option("ACTION", action_,
                 "harden: keep the heads that a budget leaves, the others hand on nothing; slice: take these "
                 "others out of a hardened model; bench: quality and speed at several budgets")
      ->required()
      ->check(CLI::IsMember({harden, slice, bench}));
  app.add_option("PATH", paths_,
                 "A model's or run's folder; of slice one that harden wrote; of bench several, or a study's")
      ->required();
  only(app.add_option("--out", folder_, "The folder to write the model to")->check(a_path()),
       {harden, slice});
  only(app.add_flag("--force", force_, "Write into a folder that has something in it, or over a file"),
       {harden, slice, bench});
  only(app.add_option("--budget", budget_, "Share of the heads that stays: more than 0, at most 1"),
       {harden});
  only(app.add_option("--budgets", budgets_, "Shares of the heads to measure"), {bench});
  only(
      app.add_option(
             "--rank", ranks_,
             "By what heads are ranked: gate (of yore train --head-budget), norm (of what a head can hand "
             "on), sensitivity (gradient of the loss by the gate) or random; of bench several. Default: gate "
             "where there are gates; else of bench all others")
          ->check(CLI::IsMember({"gate", "norm", "sensitivity", "random"})),
      {harden, bench});
  only(app.add_option(
              "--adapt", adapt_,
              "Train this many steps with the kept heads alone, against the task and the model as it was")
           ->check(CLI::NonNegativeNumber),
       {harden, bench});
  only(app.add_option("--batch", batch_, "Sequences of a step of --adapt, and of ranking by sensitivity")
           ->check(CLI::PositiveNumber),
       {harden, bench});
  only(
      app.add_option("--learning-rate", learning_rate_, "Of --adapt, after a warm-up of a tenth of its steps")
          ->check(CLI::PositiveNumber),
      {harden, bench});
  only(app.add_option("--batches", batches_, "Batches of ranking by sensitivity")->check(CLI::PositiveNumber),
       {harden, bench});
  only(app.add_option("--seed", seed_, "Of the batches, and of random ranks"), {harden, bench});
  only(app.add_option("--seconds", seconds_, "How long to measure the speed of each; 0 = not at all")
           ->check(CLI::NonNegativeNumber),
       {bench});
  only(app.add_option("-o,--output", output_, "Write the numbers as JSON to this file")->check(a_path()),
       {bench});
  only(app.add_flag("--json", json_, "Print one JSON object"), {harden, bench});
  only(app.add_flag("--quiet", quiet_, "No progress display"), {harden, bench});
}

std::unique_ptr<Command> make_budget_line() {
  return std::make_unique<BudgetLine>();
}

}  // namespace yore::cli
