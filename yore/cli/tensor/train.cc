// yore train: one run.
#include <fmt/format.h>

#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/base/near_names.h"
#include "yore/cli/command.h"
#include "yore/cli/language_options.h"
#include "yore/cli/run_options.h"
#include "yore/cli/tensor/recognition_task.h"
#include "yore/cli/tensor/score_lines.h"
#include "yore/runs/run_folder.h"
#include "yore/study/compiled.h"
#include "yore/training/train.h"

namespace yore::cli {
namespace {

struct TrainRequest {
  runs::RunConfig config;
  /// For init "compiled": the compiled model, if the command line already has it; else it is compiled when it
  /// is needed.
  std::optional<runs::ModelFile> start;
  std::filesystem::path folder;
  bool quiet = false;  ///< no progress display
  bool json = false;   ///< print the result as JSON
  /// Stop (as Ctrl-C would) after this many steps of this process; 0 = never. For tests of resuming.
  std::int64_t stop_after = 0;
};

int train(const TrainRequest& request) {
  base::catch_interrupts();
  const runs::RunConfig& config = request.config;
  const languages::Language language = languages::read_language(config.data.language, config.data.alphabet);
  const tasks::RecognitionTask task = recognition_task(language, config.data, config.model);
  training::TrainOptions options;
  options.label = config.model.attention;
  if (request.quiet) options.progress = base::Progress::Output::silent();
  options.notice = [](const std::string& text) { fmt::print(stderr, "yore: {}\n", text); };
  if (request.stop_after > 0) options.stop_after = request.stop_after;
  options.start = [&] { return request.start ? *request.start : study::compile_language(language).file; };
  const runs::RunResult result = training::train(config, task, request.folder, options);
  if (request.json) {
    fmt::print("{}\n", to_json(result).dump());
  } else {
    fmt::print("{}: {} attention, {} parameters, {} steps in {:.1f} s: {}\n", language.title,
               config.model.attention, result.parameters, result.steps, result.seconds, result.status);
    if (result.status != training::kInterrupted) {
      fmt::print("{}", line(result.train_range));
      for (const runs::Score& score : result.buckets) fmt::print("{}", line(score));
      fmt::print("{}", witness_lines(result.witnesses));
    }
  }
  if (result.status == training::kInterrupted)
    fmt::print(stderr, "yore: stopped after step {}; the same command continues, or: yore train --run {}\n",
               result.steps, request.folder.string());
  if (base::interrupted()) return base::interrupt_exit_code();
  // A diverged run is a finished measurement, but not a success.
  return result.status == "nan" ? kNo : kOk;
}

class Train : public Command {
 public:
  void declare(CLI::App& app) override {
    language_.declare(app);
    app.add_option("--out", request_.folder,
                   "The run's folder; an unfinished run in it with this configuration is resumed");
    app.add_option("--run", existing_, "Continue the run in this folder with the configuration stored there");
    app.add_flag("--quiet", request_.quiet, "No progress display");
    app.add_flag("--json", request_.json, "Print the result as one JSON object");
    app.add_option("--stop-after", request_.stop_after,
                   "Stop after this many steps, as Ctrl-C would; the same command goes on")
        ->check(CLI::NonNegativeNumber);
    options_.declare(app);
  }

  int run() override {
    if (!existing_.empty()) {
      if (language_.given() || !request_.folder.empty())
        throw base::InputError("--run",
                               "takes the stored configuration; LANGUAGE and --out do not go with it");
      request_.folder = existing_;
      request_.config = runs::read_config(existing_);
      runs::validate(request_.config);
      return train(request_);
    }
    const languages::Language language = language_.read();
    if (request_.folder.empty())
      throw base::InputError("--out", "missing; expected the folder to keep the run in");
    request_.config.data.language = language.spec;
    request_.config.data.alphabet = language.dfa.alphabet.text();
    options_.finish();
    if (request_.config.training.init != "random") start_compiled(language);
    runs::validate(request_.config);
    runs::check_output_folder(request_.folder);
    return train(request_);
  }

 private:
  // The model becomes the compiled one. Of compiled-shape nothing else is kept: its weights are random ones.
  void start_compiled(const languages::Language& language) {
    std::string& init = request_.config.training.init;
    if (init != study::kCompiled && init != study::kCompiledShape)
      throw base::InputError(
          "--init",
          fmt::format("expected one of random, {}, {}; found \"{}\"{}", study::kCompiled,
                      study::kCompiledShape, init,
                      base::did_you_mean(init, {"random", study::kCompiled, study::kCompiledShape})));
    if (const std::string option = options_.given_model_option(); !option.empty())
      throw base::InputError(
          option,
          fmt::format("does not go with --init {}: the model has the shape of the compiled transformer",
                      init));
    expressivity::ClassifyOptions classify;
    classify.max_states = language_.max_states;
    request_.start = study::compile_language(language, {}, classify).file;
    request_.config.model = request_.start->model;
    if (init == study::kCompiled) return;
    init = "random";
    request_.start.reset();
  }

  LanguageOptions language_;
  TrainRequest request_;
  RunOptions options_{request_.config, true};
  std::string existing_;
};

}  // namespace

std::unique_ptr<Command> make_train() {
  return std::make_unique<Train>();
}

}  // namespace yore::cli
