#include "yore/cli/train_line.h"

#include "yore/cli/option_values.h"

namespace yore::cli {

void TrainLine::declare(CLI::App& app) {
  language_.declare(app);
  app.add_option("--out", folder_,
                 "The run's folder; an unfinished run in it with this configuration is resumed")
      ->check(a_path());
  app.add_option(
         "--run", existing_,
         "Continue the run in this folder with the configuration stored there. A finished run goes on "
         "to --steps N in all: weights and moments are kept, and the learning rate begins again with "
         "its warm-up and falls along a cosine to its end at step N (a warm restart); the folder's "
         "config.json keeps that, so that an interrupted continuation resumes exactly")
      ->check(a_path());
  app.add_option("--log-every", log_every_,
                 "Tell the mean training loss every this many steps, on standard error; 0 = never")
      ->check(CLI::NonNegativeNumber);
  app.add_flag("--quiet", quiet_, "No progress display");
  app.add_flag("--json", json_, "Print the result as one JSON object");
  app.add_option("--stop-after", stop_after_,
                 "Stop after this many steps, as Ctrl-C would; the same command goes on")
      ->check(CLI::NonNegativeNumber);
  options_.declare(app);
}

std::unique_ptr<Command> make_train_line() {
  return std::make_unique<TrainLine>();
}

}  // namespace yore::cli
