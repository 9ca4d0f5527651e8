#include "yore/cli/evaluate_line.h"

#include "yore/cli/model_argument.h"
#include "yore/cli/option_values.h"
#include "yore/cli/select_option.h"
#include "yore/runs/measures.h"

namespace yore::cli {

void EvaluateLine::declare(CLI::App& app) {
  declare_model(app, model_);
  app.add_option(
         "--task", task_,
         "Options of the task that differ from those it was trained with: OPTION=VALUE,.. (yore tasks "
         "NAME lists them); of an imported model, which has no task: text:FILE[,OPTION=VALUE..]")
      ->check(a_text());
  app.add_option("--language", language_, "Judge by this language instead of the one it was trained on")
      ->check(a_text());
  app.add_option("--buckets", buckets_, "Length ranges, such as 41-100 101-200; default: those of the run");
  app.add_option("--words-per-bucket", words_per_bucket_, "Words a range; default: as in the run")
      ->check(CLI::PositiveNumber);
  app.add_option("--data", data_,
                 "Test on exactly the words of another run: its folder, or a file like its config.json")
      ->check(a_path());
  words_option_ = app.add_option(
      "--words", words_,
      "Answer these words instead (letters apart by blanks if their names are longer than one character; "
      "\"\" is the empty word)");
  windows_.declare(app);
  set_words(
      *app.add_option(
              "--measure", measure_,
              "Measure more, separated by commas: sinks (attention sinks and the norms of token 0), w8a8 "
              "(the metrics with weights and activations in 8 bits, calibrated on the training data)")
           ->check(a_text()),
      {runs::measures::kSinks, runs::measures::kW8A8});
  declare_select(
      app, select_,
      "Attention among representatives of alike tokens, held against the whole model: tau=NUMBER "
      "(least cosine; several: tau=0.5:0.7:0.9), cascade=on|off (each layer validates the layer "
      "before's), from=LAYER (first that selects), control=random (as many drawn at random, seeds=3)");
  app.add_flag("--json", json_, "Print one JSON object; of --words a list");
}

std::unique_ptr<Command> make_evaluate_line() {
  return std::make_unique<EvaluateLine>();
}

}  // namespace yore::cli
