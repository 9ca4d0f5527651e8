// yore train: one run.
#include <fmt/format.h>

#include <limits>

#include "yore/arch/options.h"
#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/base/near_names.h"
#include "yore/base/process.h"
#include "yore/cli/output.h"
#include "yore/cli/tensor/score_lines.h"
#include "yore/cli/tensor/subject_language.h"
#include "yore/cli/train_line.h"
#include "yore/compiler/compile_language.h"
#include "yore/runs/run_folder.h"
#include "yore/tasks/task.h"
#include "yore/training/train.h"

namespace yore::cli {
namespace {

/// Of people's interest in a run: what it learns.
std::string title(const base::Json& task) {
  std::string name = task.at("name").get<std::string>();
  for (const char* main : {"language", "file"})
    if (const std::string about = task.value(main, ""); !about.empty()) return about;
  return name;
}

std::string mixer_title(const arch::ModelOptions& model) {
  return model.mixer.empty() ? model.attention + " attention" : model.mixer;
}

class Train : public TrainLine {
 public:
  int run() override {
    ranks_ = training::Ranks::from_environment();
    if (!existing_.empty()) {
      continue_existing();
    } else {
      if (folder_.empty()) throw base::InputError("--out", "missing; expected the folder to keep the run in");
      config_ = options_.config(language_);
      prepare_start();
      if (is_first()) runs::check_output_folder(folder_);
    }
    try {
      return train();
    } catch (const training::PeerLost& lost) {
      complain(fmt::format("{}{}", lost.what(),
                           is_first() ? "; what was trained is kept, and the same command goes on" : ""));
      return kNo;
    }
  }

  std::string kept() const override {
    return "what was trained before is kept, and the same command goes on";
  }

 private:
  /// Of several processes that train together, the one that writes and tells.
  bool is_first() const { return ranks_ == nullptr || ranks_->rank() == 0; }

  /// What to do with a folder whose run is complete already.
  void say_finished(const runs::RunResult& result) const {
    const std::string folder = base::shell_quoted(folder_.string());
    const bool goes_on = result.status == "finished" || result.status == "early-stop";
    const std::int64_t steps = std::max(result.steps, config_.training.steps);
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    fmt::print(
        stderr, "yore: the run in {} is complete ({} after {} steps): nothing was trained. {}\n",
        folder_.string(), result.status, result.steps,
        goes_on ? fmt::format("To go on: yore train --run {} --steps {}", folder,
                              steps <= kMost / 2 ? 2 * steps : kMost)
                : fmt::format("To start a new run from its weights: --init {} with another --out", folder));
  }

  void continue_existing() {
    if (language_.given() || !language_.given_settings().empty() || !folder_.empty())
      throw base::InputError(
          "--run",
          "takes the stored configuration; LANGUAGE, --alphabet, --max-states and --out do not go with it");
    std::vector<std::string> given = options_.given();
    std::erase(given, "--steps");
    if (!given.empty())
      throw base::InputError("--run",
                             fmt::format("takes the stored configuration, and --steps; {} {} not go with it",
                                         fmt::join(given, ", "), given.size() == 1 ? "does" : "do"));
    folder_ = existing_;
    config_ = runs::read_config(folder_);
    config_.task = tasks::complete_task(config_.task);
    runs::validate(config_);
    if (const std::optional<base::Json> steps = options_.value("training.steps"))
      config_.training = runs::continue_run(folder_, steps->get<std::int64_t>()).training;
  }

  int train() const {
    base::catch_interrupts();
    training::TrainOptions options;
    options.label = mixer_title(config_.model);
    if (quiet_ || !is_first()) options.progress = base::Progress::Output::silent();
    if (is_first()) options.notice = [](const std::string& text) { fmt::print(stderr, "yore: {}\n", text); };
    options.ranks = ranks_.get();
    if (stop_after_ > 0) options.stop_after = stop_after_;
    options.log_every = log_every_;
    const bool was_complete = is_first() && runs::is_finished(folder_);
    options.start = [&] { return start_ ? *start_ : compile().file; };
    const runs::RunResult result = training::train(config_, folder_, options);
    if (!is_first()) return base::interrupted() ? base::interrupt_exit_code() : kOk;
    if (was_complete) say_finished(result);
    if (json_) {
      fmt::print("{}\n", to_json(result).dump());
    } else {
      fmt::print("{}: {}, {} parameters, {} steps in {:.1f} s: {}\n", title(config_.task),
                 mixer_title(config_.model), result.parameters, result.steps, result.seconds, result.status);
      if (result.status != training::kInterrupted) fmt::print("{}", metric_lines(result.metrics));
    }
    if (result.status == training::kInterrupted)
      fmt::print(stderr, "yore: stopped after step {}; the same command continues, or: yore train --run {}\n",
                 result.steps, base::shell_quoted(folder_.string()));
    if (base::interrupted()) return base::interrupt_exit_code();
    // A diverged run is a finished measurement, but not a success.
    return result.status == "nan" ? kNo : kOk;
  }

  compiler::Compiled compile() const {
    if (config_.task.at("name") != "formal")
      throw base::InputError("--init", "only a language has a compiled transformer");
    const languages::Language language =
        languages::read_language(config_.task.at("language").get<std::string>(),
                                 config_.task.at("alphabet").get<std::string>(), max_states_of(config_.task));
    expressivity::ClassifyOptions classify;
    classify.max_states = max_states_of(config_.task);
    return compiler::compile_language(language, {}, classify);
  }

  // With init "compiled" the model becomes the compiled one. Of compiled-shape nothing else is kept: its
  // weights are random ones. A folder's model must be as the options say.
  void prepare_start() {
    namespace inits = runs::inits;
    std::string& init = config_.training.init;
    if (init == inits::kRandom) return;
    if (init != inits::kCompiled && init != inits::kCompiledShape) {
      if (std::filesystem::exists(init)) return;
      throw base::InputError(
          "--init",
          fmt::format("expected random, {}, {} or a model's folder; found \"{}\"{}", inits::kCompiled,
                      inits::kCompiledShape, init,
                      base::did_you_mean(init, {inits::kRandom, inits::kCompiled, inits::kCompiledShape})));
    }
    if (const std::vector<std::string> given = options_.given("model"); !given.empty())
      throw base::InputError(
          given.front(), fmt::format("does not go with --init {}: the model has the shape of the compiled "
                                     "transformer",
                                     init));
    compiler::Compiled compiled = compile();
    config_.model = compiled.plan.config();
    if (init == inits::kCompiled)
      start_ = std::move(compiled.file);
    else
      init = inits::kRandom;
  }

  std::unique_ptr<training::Ranks> ranks_;
  runs::RunConfig config_;
  /// For init "compiled": the compiled model, if it is known already; else it is compiled when it is needed.
  std::optional<arch::ModelFile> start_;
};

}  // namespace

std::unique_ptr<Command> make_train() {
  return std::make_unique<Train>();
}

}  // namespace yore::cli
