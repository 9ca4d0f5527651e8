#include "yore/training/train.h"

#include <ATen/Functions.h>
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/model/checkpoint.h"
#include "yore/model/head_gates.h"
#include "yore/model/threads.h"
#include "yore/runs/event_file.h"
#include "yore/runs/measures.h"
#include "yore/runs/run_folder.h"
#include "yore/runs/run_lock.h"
#include "yore/tasks/common/evaluation_sets.h"
#include "yore/tasks/model_for.h"
#include "yore/training/capture.h"
#include "yore/training/evaluate.h"
#include "yore/training/gradient.h"
#include "yore/training/head_budget.h"
#include "yore/training/measure.h"
#include "yore/training/metrics.h"
#include "yore/training/optimiser.h"
#include "yore/training/phases.h"
#include "yore/training/run_state.h"
#include "yore/training/schedule.h"

namespace yore::training {
namespace {

/// Seconds since construction.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// The weights of step 0, if they are random ones.
model::Model fresh_model(const arch::Model& description, const runs::TrainingConfig& training) {
  if (training.head_budget == 0) return {description, training.seed};
  arch::several_heads(description, "training.head_budget");
  return {description, model::gated_parameters(description, training.seed)};
}

/// One call's work on one folder.
class Run {
 public:
  Run(const runs::RunConfig& config, const std::filesystem::path& folder, const TrainOptions& options,
      std::unique_ptr<tasks::Task> task, const arch::Model& description)
      : config_(config),
        folder_(folder),
        options_(options),
        task_(std::move(task)),
        model_(fresh_model(description, config.training)),
        optimiser_(model_.parameters(), config.training),
        goal_(task_->goal()),
        phases_(config, *task_, model_.parameters()),
        gradient_(model_, config.training.accumulate, options.ranks) {
    if (writes()) validation_ = task_->validation();
  }

  /// Goes to the checkpoint, or to the weights of step 0. Writes nothing, so that weights that do not fit
  /// leave no run behind.
  /// `start` is the model of the folder to start from, if somebody has read it.
  void begin(const std::optional<arch::ModelFile>& start) {
    resumed_ = load_state(folder_, state_, model_.parameters(), optimiser_);
    if (state_.step > config_.training.steps)
      throw base::InputError((folder_ / runs::files::kCheckpoint).string(),
                             fmt::format("its counters: step: expected at most the run's {} steps, found {}",
                                         config_.training.steps, state_.step));
    if (!resumed_) start_anew(start);
  }

  runs::RunResult run() {
    share_state();
    enter(phases_.at(state_.step));
    if (!writes()) return result(loop());
    try {
      return run_and_write();
    } catch (const PeerLost&) {
      // The step that failed has changed nothing.
      if (weights_are_finite()) save_state(folder_, state_, model_.parameters(), optimiser_);
      throw;
    }
  }

 private:
  /// The state of rank 0 becomes that of all.
  void share_state() {
    if (options_.ranks == nullptr) return;
    const std::int64_t last = state_.history.empty() ? -1 : state_.history.back().step;
    at::Tensor counts = at::tensor({state_.step, static_cast<std::int64_t>(state_.perfect), last}, at::kLong);
    options_.ranks->share(counts);
    options_.ranks->share(model_.parameters().flat());
    options_.ranks->share(optimiser_.first);
    options_.ranks->share(optimiser_.second);
    if (writes()) return;
    const auto* count = counts.data_ptr<std::int64_t>();
    state_.step = count[0];
    state_.perfect = static_cast<int>(count[1]);
    if (count[2] >= 0) state_.history.push_back({count[2], 0, 0, 0, 0});
  }

  void start_anew(const std::optional<arch::ModelFile>& start) {
    const std::string& init = config_.training.init;
    if (init == runs::inits::kRandom) return;
    if (init == runs::inits::kCompiled) {
      take_weights(options_.start(), "the weights to start from");
    } else {
      std::optional<arch::ModelFile> read;
      const arch::ModelFile& file = start ? *start : read.emplace(arch::read_model(init));
      take_weights(file, "the weights of " + init);
    }
  }

  runs::RunResult run_and_write() {
    if (!resumed_) save_state(folder_, state_, model_.parameters(), optimiser_);
    if (resumed_ && continued_at(config_.training, state_.step))
      options_.notice(continuation());
    else if (resumed_ && state_.step > 0)
      options_.notice(fmt::format("resuming at step {}", state_.step));
    if (const std::string remark = task_->remark(); !remark.empty()) options_.notice(remark);
    if (tasks::one_class(validation_.batch))
      options_.notice(
          "every validation sequence has the same answer: a constant answer gets them all right, and their "
          "accuracy means nothing");
    const std::string status = loop();
    if (status == kInterrupted) return result(status);
    return finish(status);
  }

  /// Whether this process keeps the folder.
  bool writes() const { return options_.ranks == nullptr || options_.ranks->rank() == 0; }

  /// What becomes of a finished run's schedule.
  std::string continuation() const {
    const runs::TrainingConfig& t = config_.training;
    const std::string goes_on = fmt::format(
        "continuing the finished run at step {}: weights, moments and the order of the data go on; the ",
        state_.step);
    if (phase_at(t, state_.step) != nullptr)
      return goes_on + "phase that the run ended in goes on, with its learning rate";
    return fmt::format("{}learning rate begins again, {}then a cosine down to {} at step {}", goes_on,
                       t.warmup_steps > 0
                           ? fmt::format("{} steps of warm-up to {}, ", t.warmup_steps, t.learning_rate)
                           : fmt::format("at {}, ", t.learning_rate),
                       t.final_learning_rate * t.learning_rate, t.steps);
  }

  /// Trains what the phase trains from here on; null = past all phases.
  void enter(const PhaseParts* phase) {
    const std::vector<char> all(model_.parameters().all().size(), 1);
    const std::vector<char>& learns = phase != nullptr ? phase->learns : all;
    optimiser_.choose(learns, phases_.missed_before(state_.step));
    gradient_.choose(learns);
    phase_ = phase;
  }

  /// The weights of step 0. A compiler that has changed since the run was configured may give others.
  void take_weights(const arch::ModelFile& file, const std::string& source) const {
    if (const auto differences = arch::differences(model_.description(), file.model); !differences.empty())
      throw base::InputError(
          folder_.string(),
          fmt::format("{} are of another model than the run's ({}: here and there); choose another folder",
                      source, fmt::join(differences, "; ")));
    if (config_.training.head_budget == 0) {
      model::from_arrays(file.weights, model_.parameters(), source);
      return;
    }
    // Gates begin as they are; the model comes from the file.
    base::NamedArrays all = model::to_arrays(model_.parameters());
    for (const auto& [name, array] : file.weights.arrays) all.arrays[name] = array;
    model::from_arrays(all, model_.parameters(), source);
  }

  /// Steps until there is a reason to stop, which is returned.
  std::string loop() {
    const runs::TrainingConfig& t = config_.training;
    base::Progress progress(options_.label, static_cast<double>(t.steps), static_cast<double>(state_.step),
                            options_.progress);
    const Stopwatch watch;
    const double seconds_before = state_.seconds;
    std::int64_t steps_here = 0;
    for (;;) {
      const auto diverged = [&](const std::string& fault) {
        progress.finish(fault);
        options_.notice(fault);
        return "nan";
      };
      const auto broken = fmt::format("step {}: the weights, or a logit, are not finite", state_.step);
      if (is_due()) {
        const Recorded recorded = record();
        if (recorded == Recorded::NotFinite) return diverged(broken);
        if (recorded == Recorded::Interrupted) return stopped();
        state_.seconds = seconds_before + watch.seconds();
        state_.history.back().seconds = state_.seconds;
        if (writes()) {
          save_state(folder_, state_, model_.parameters(), optimiser_);
          write_metrics(folder_, state_.history, goal_.metric);
        }
        progress.update(static_cast<double>(state_.step), note());
      }
      if (continued_at(t, state_.step)) state_.perfect = 0;
      // Where a run ends must follow from its state alone, for the same to happen after a resumption.
      if (t.early_stop > 0 && state_.perfect >= t.early_stop) return "early-stop";
      if (state_.step >= t.steps) return "finished";
      if (word().late) {
        if (state_.history.empty() || state_.history.back().step != state_.step) {
          const Recorded recorded = record();
          if (recorded == Recorded::NotFinite) return diverged(broken);
          if (recorded == Recorded::Interrupted) return stopped();
        }
        if (writes()) save_state(folder_, state_, model_.parameters(), optimiser_);
        return "time-limit";
      }
      if (word().interrupted || steps_here == options_.stop_after)
        return weights_are_finite() ? stopped() : diverged(broken);
      const std::string fault = step();
      state_.seconds = seconds_before + watch.seconds();
      if (!fault.empty()) return diverged(fault);
      ++steps_here;
      if (options_.log_every > 0 && state_.step % options_.log_every == 0) {
        log();
      }
      progress.update(static_cast<double>(state_.step), note());
    }
  }

  bool weights_are_finite() const { return at::isfinite(model_.parameters().flat()).all().item<bool>(); }

  static model::AskOptions only_finite() {
    model::AskOptions options;
    options.finite = true;
    return options;
  }

  std::string stopped() const {
    if (writes()) save_state(folder_, state_, model_.parameters(), optimiser_);
    return kInterrupted;
  }

  // With ranks all must stop at the same step: what one of them knows counts when the next step has told the
  // others.
  Word word_here() const {
    const double limit = config_.training.max_seconds;
    return {base::interrupted(), limit > 0 && writes() && state_.seconds >= limit};
  }
  Word word() const { return options_.ranks == nullptr ? word_here() : word_of_all_; }

  /// Whether the validation of this step is due and was not made yet.
  bool is_due() const {
    const runs::TrainingConfig& t = config_.training;
    return state_.step > 0 && (state_.history.empty() || state_.history.back().step < state_.step) &&
           (state_.step % t.evaluate_every == 0 || state_.step == t.steps || continued_at(t, state_.step));
  }

  /// One update; what went wrong, or empty.
  std::string step() {
    const runs::TrainingConfig& t = config_.training;
    if (const PhaseParts* phase = phases_.at(state_.step); phase != phase_) enter(phase);
    const tasks::Task& task = phase_ != nullptr && phase_->task ? *phase_->task : *task_;
    const tasks::Batch batch = task.training_batch(t.seed, state_.step, t.batch);
    const std::optional<double> here = gradient_.compute(batch, head_budget_at(t, state_.step));
    word_of_all_ = word_here();
    const std::optional<double> value = gradient_.add_up(here, word_of_all_);
    if (!value) return fmt::format("step {}: the loss is {}", state_.step + 1, gradient_.last_loss());
    const double length = euclidean_norm(gradient_.flat());
    if (!std::isfinite(length))
      return fmt::format("step {}: the gradient of {} is not finite", state_.step + 1, gradient_.culprit());
    const double scale = t.clip_norm > 0 && length > t.clip_norm ? t.clip_norm / length : 1.0;
    optimiser_.step(gradient_.flat(), scale, learning_rate(t, state_.step), state_.step + 1);

    ++state_.step;
    state_.loss_sum += *value;
    ++state_.loss_count;
    log_sum_ += *value;
    ++log_count_;
    return "";
  }

  /// Tells the mean loss since the last time, where the progress display stood, which then comes below.
  void log() {
    if (options_.progress.terminal) options_.progress.write("\r\x1b[K");
    options_.notice(fmt::format("step {} of {}: loss {:.6g} over {} steps, learning rate {:.3g}", state_.step,
                                config_.training.steps, log_sum_ / static_cast<double>(log_count_),
                                log_count_, learning_rate(config_.training, state_.step - 1)));
    log_sum_ = 0;
    log_count_ = 0;
  }

  enum class Recorded { Yes, Interrupted, NotFinite };

  /// Adds a history point: the mean loss since the last one, and the validation now. Nothing is changed if a
  /// signal came in the middle (what is due is so after resuming too), or if the weights or what they answer
  /// are not finite. Of several ranks, which have the same weights, the first one validates and tells the
  /// others.
  Recorded record() {
    if (!weights_are_finite()) return Recorded::NotFinite;
    runs::HistoryPoint point;
    point.step = state_.step;
    point.loss = state_.loss_count == 0 ? 0 : state_.loss_sum / static_cast<double>(state_.loss_count);
    at::Tensor told = at::zeros({2}, at::kDouble);
    auto* numbers = told.data_ptr<double>();
    if (writes()) try {
        numbers[0] = goal_value(evaluate(model_, *task_, validation_, only_finite()), goal_);
      } catch (const base::Interrupted&) {
        numbers[1] = 1;
      } catch (const model::NotFinite&) {
        numbers[1] = 2;
      }
    if (options_.ranks != nullptr) options_.ranks->share(told);
    if (numbers[1] != 0) return numbers[1] == 1 ? Recorded::Interrupted : Recorded::NotFinite;
    point.validation = numbers[0];
    point.learning_rate = learning_rate(config_.training, std::max<std::int64_t>(0, state_.step - 1));
    point.seconds = state_.seconds;
    state_.history.push_back(point);
    state_.loss_sum = 0;
    state_.loss_count = 0;
    const double wanted = config_.training.early_stop_at > 0 ? config_.training.early_stop_at : goal_.perfect;
    const bool good = goal_.higher_is_better ? point.validation >= wanted : point.validation <= wanted;
    state_.perfect = good ? state_.perfect + 1 : 0;
    return Recorded::Yes;
  }

  std::string note() const {
    const double loss = state_.loss_count > 0    ? state_.loss_sum / static_cast<double>(state_.loss_count)
                        : state_.history.empty() ? 0.0
                                                 : state_.history.back().loss;
    std::string text = fmt::format("loss {:.4f}", loss);
    if (state_.history.empty()) return text;
    const double validation = state_.history.back().validation;
    return text + (goal_.metric == "accuracy"
                       ? fmt::format(", validation {:.1f} %", 100 * validation)
                       : fmt::format(", validation {} {:.4f}", goal_.metric, validation));
  }

  runs::RunResult result(const std::string& status) const {
    runs::RunResult r;
    r.status = status;
    r.steps = state_.step;
    r.seconds = state_.seconds;
    r.parameters = model_.parameters().size();
    r.goal = goal_.metric;
    r.history = state_.history;
    return r;
  }

  /// Evaluates and writes the last files.
  runs::RunResult finish(const std::string& status) {
    if (status == "nan") {
      const double seconds = state_.seconds;
      load_state(folder_, state_, model_.parameters(), optimiser_);
      state_.seconds = seconds;
      options_.notice(fmt::format("the checkpoint of step {} is kept and evaluated", state_.step));
    }
    write_metrics(folder_, state_.history, goal_.metric);
    if (config_.training.head_budget > 0) model::save_gates(model_.parameters(), folder_);
    model::save_model(model_, config_.task, task_->token_names(), folder_, task_->tokenizer_json());
    runs::RunResult r = result(status);
    try {
      r.metrics = measure(model_, *task_, runs::parse_measures(config_.training.measure, "training.measure"),
                          only_finite());
      if (status != "nan") add_capture(r.metrics);
    } catch (const base::Interrupted&) {  // the checkpoint is that of the last step
      return result(kInterrupted);
    }
    runs::write_events(folder_, r.history, r.goal, r.metrics);
    runs::write_result(folder_, r);
    return r;
  }

  /// What copies of the finished model need to learn for larger inputs, if that is asked.
  void add_capture(std::vector<base::Metric>& metrics) const {
    if (config_.training.capture.empty()) return;
    base::Progress progress(options_.label + ", capture", 1, 0, options_.progress);
    for (const runs::CaptureError& error :
         capture(model_, config_, state_.step, folder_,
                 [&](double done, const std::string&note) { progress.update(done, note); }))
      metrics.push_back(runs::to_metric(error));
    progress.update(1);
  }

  const runs::RunConfig& config_;
  const std::filesystem::path& folder_;
  const TrainOptions& options_;
  std::unique_ptr<tasks::Task> task_;
  model::Model model_;
  AdamW optimiser_;
  tasks::Goal goal_;
  tasks::EvaluationSet validation_;  ///< of the process that writes alone, which is who validates
  Phases phases_;
  const PhaseParts* phase_ = nullptr;  ///< that the last step was in
  BatchGradient gradient_;
  Word word_of_all_;    ///< ranks, at the last step
  double log_sum_ = 0;  ///< losses of this call since the last log()
  std::int64_t log_count_ = 0;
  bool resumed_ = false;
  RunState state_;
};

/// The model of the run, if there is memory to train it in.
arch::Model fitting_model(const runs::RunConfig& config, const tasks::Task& task) {
  arch::Model model = tasks::model_for(config.model, task);
  check_measures(runs::parse_measures(config.training.measure, "training.measure"), model);
  check_capture(config);
  const auto tokens = static_cast<double>(task.training_batch(config.training.seed, 0, 1).tokens.size());
  tasks::require_training_memory(
      model, static_cast<double>(config.training.batch) / config.training.accumulate, tokens);
  return model;
}

/// The result in the folder, if its run is complete. Throws InputError if it holds a run of another
/// configuration.
std::optional<runs::RunResult> earlier_result(const std::filesystem::path& folder,
                                              const runs::RunConfig& config) {
  if (!runs::is_run_folder(folder)) return std::nullopt;
  const std::vector<std::string> differences = runs::differences(runs::read_config(folder), config);
  if (!differences.empty())
    throw base::InputError(
        folder.string(),
        fmt::format("holds a run of another configuration ({}: there and here); choose another folder",
                    fmt::join(differences, "; ")));
  if (!runs::is_finished(folder)) return std::nullopt;
  return runs::read_result(folder);
}

// The model of the folder to start from, if there is one; it must be of the same shape.
std::optional<arch::ModelFile> read_start(const std::string& init, const arch::Model& model) {
  namespace inits = runs::inits;
  if (init == inits::kRandom || init == inits::kCompiled) return std::nullopt;
  arch::require_model(init);
  arch::ModelFile start = arch::read_model(init);
  if (const auto differences = arch::differences(model, start.model); !differences.empty())
    throw base::InputError(
        "--init", fmt::format("{} holds a model of another shape ({}: the run's and its); the options of the "
                              "model must be those that it was made with",
                              init, fmt::join(differences, "; ")));
  return start;
}

/// Rank 0 tells the others.
bool say_whether_to_train(Ranks* ranks, bool train) {
  if (ranks == nullptr) return train;
  at::Tensor told = at::full({1}, train ? 1 : 0, at::kLong);
  ranks->share(told);
  return told.item<std::int64_t>() != 0;
}

/// What ranks other than 0 do.
runs::RunResult train_beside(const runs::RunConfig& config, const std::filesystem::path& folder,
                             const TrainOptions& options) {
  std::unique_ptr<tasks::Task> task = tasks::make_task_for(config.task, config.model);
  const arch::Model model = fitting_model(config, *task);
  model::use_threads(config.training.threads);
  Run run(config, folder, options, std::move(task), model);
  if (!say_whether_to_train(options.ranks, true)) return {};
  return run.run();
}

}  // namespace

runs::RunResult train(const runs::RunConfig& config, const std::filesystem::path& folder,
                      const TrainOptions& options) {
  runs::validate(config);
  if (!tasks::is_complete(config.task))
    throw std::invalid_argument("train: the options of the task are not complete");
  if (config.training.init == runs::inits::kCompiled && !options.start)
    throw std::invalid_argument("train: init is \"compiled\", but no weights to start from are given");
  if (options.ranks != nullptr && options.ranks->rank() > 0) return train_beside(config, folder, options);
  runs::check_output_folder(folder);
  if (auto result = earlier_result(folder, config)) {
    say_whether_to_train(options.ranks, false);
    return *std::move(result);
  }
  // What cannot be trained is refused before there is a folder.
  std::unique_ptr<tasks::Task> task = tasks::make_task_for(config.task, config.model);
  const arch::Model model = fitting_model(config, *task);
  std::optional<arch::ModelFile> start;
  if (!runs::is_run_folder(folder)) start = read_start(config.training.init, model);
  const runs::RunLock lock(folder);
  // Once more: another process may have been here since.
  if (auto result = earlier_result(folder, config)) {
    say_whether_to_train(options.ranks, false);
    return *std::move(result);
  }
  model::use_threads(config.training.threads);
  Run run(config, folder, options, std::move(task), model);  // refuses before anything is written
  run.begin(start);
  start.reset();
  if (!runs::is_run_folder(folder)) runs::write_config(folder, config);
  say_whether_to_train(options.ranks, true);
  return run.run();
}

}  // namespace yore::training
