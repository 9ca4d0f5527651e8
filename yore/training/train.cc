#include "yore/training/train.h"

#include <ATen/Functions.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>

#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/model/checkpoint.h"
#include "yore/model/threads.h"
#include "yore/runs/event_file.h"
#include "yore/runs/measures.h"
#include "yore/runs/run_folder.h"
#include "yore/runs/run_lock.h"
#include "yore/tasks/common/evaluation_sets.h"
#include "yore/tasks/model_for.h"
#include "yore/training/evaluate.h"
#include "yore/training/loss.h"
#include "yore/training/measure.h"
#include "yore/training/metrics.h"
#include "yore/training/optimiser.h"
#include "yore/training/run_state.h"
#include "yore/training/schedule.h"

namespace yore::training {
namespace {

// TrainingConfig::init

/// Seconds since construction.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Whether a name matches a pattern of * (any characters) and ? (one).
bool matches(const char* pattern, const char* name) {
  if (*pattern == '\0') return *name == '\0';
  if (*pattern == '*') return matches(pattern + 1, name) || (*name != '\0' && matches(pattern, name + 1));
  return *name != '\0' && (*pattern == '?' || *pattern == *name) && matches(pattern + 1, name + 1);
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
        model_(description, config.training.seed),
        optimiser_(model_.parameters(), config.training),
        goal_(task_->goal()),
        validation_(task_->validation()),
        sums_(at::zeros({model_.parameters().size() + kSums}, at::kFloat)),
        gradient_(sums_.narrow(0, 0, model_.parameters().size())) {
    for (const runs::Phase& phase : config.training.phases) make_phase(phase);
    enter(nullptr);
  }

  /// Goes to the checkpoint, or to the weights of step 0. Writes nothing, so that weights that do not fit
  /// leave no run behind.
  /// `start` is the model of the folder to start from, if somebody has read it.
  void begin(const std::optional<arch::ModelFile>& start) {
    resumed_ = load_state(folder_, state_, model_.parameters(), optimiser_);
    if (!resumed_) start_anew(start);
  }

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
    resumed_ = true;
  }

  runs::RunResult run() {
    share_state();
    if (!writes()) return result(loop());
    try {
      return run_and_write();
    } catch (const PeerLost&) {
      // The step that failed has changed nothing.
      save_state(folder_, state_, model_.parameters(), optimiser_);
      throw;
    }
  }

 private:
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
    return fmt::format(
        "continuing the finished run at step {}: weights, moments and the order of the data go on; the "
        "learning rate begins again, {}then a cosine down to {} at step {}",
        state_.step,
        t.warmup_steps > 0 ? fmt::format("{} steps of warm-up to {}, ", t.warmup_steps, t.learning_rate)
                           : fmt::format("at {}, ", t.learning_rate),
        t.final_learning_rate * t.learning_rate, t.steps);
  }

  /// A phase's task, and which parameters learn in it.
  struct PhaseParts {
    const runs::Phase* phase;
    std::unique_ptr<tasks::Task> task;
    std::vector<char> learns;
  };

  void make_phase(const runs::Phase& phase) {
    PhaseParts parts{&phase, nullptr, {}};
    if (!phase.task.empty()) {
      base::Json task = config_.task;
      task.update(phase.task);  // given by hand: perhaps not in the one form
      parts.task = tasks::make_task_for(task, config_.model);
      if (parts.task->vocabulary() != task_->vocabulary() || parts.task->outputs() != task_->outputs())
        throw base::InputError("training.phases.task",
                               "has another vocabulary or other outputs than the run's");
      // Beyond the run's own training lengths lie the sequences it is tested on.
      const auto outside = [&](const char* option, const auto& beyond) {
        return phase.task.contains(option) && config_.task.contains(option) &&
               beyond(phase.task.at(option), config_.task.at(option));
      };
      if (outside("train_max_length", std::greater<>()) || outside("train_min_length", std::less<>()))
        throw base::InputError("training.phases.task",
                               "expected training lengths within the run's, beyond which it is tested");
    }
    bool any = false;
    for (const model::Parameter& p : model_.parameters().all()) {
      parts.learns.push_back(phase.trainable.empty() || matches(phase.trainable.c_str(), p.name.c_str()));
      any = any || parts.learns.back() != 0;
    }
    if (!any)
      throw base::InputError("training.phases.trainable",
                             fmt::format("no parameter's name matches \"{}\"", phase.trainable));
    phases_.push_back(std::move(parts));
  }

  /// Trains what the phase trains from here on; null = past all phases.
  void enter(const runs::Phase* phase) {
    now_ = nullptr;
    for (const PhaseParts& parts : phases_)
      if (parts.phase == phase) now_ = &parts;
    const std::vector<char> all(model_.parameters().all().size(), 1);
    const std::vector<char>& learns = now_ != nullptr ? now_->learns : all;
    optimiser_.choose(learns);
    gradient_.zero_();
    inputs_.clear();
    places_.clear();
    for (std::size_t i = 0; i < learns.size(); ++i)
      if (learns[i] != 0) {
        const model::Parameter& p = model_.parameters().all()[i];
        inputs_.push_back(p.value);
        places_.push_back(&p);
      }
    phase_ = phase;
  }

  /// The weights of step 0. A compiler that has changed since the run was configured may give others.
  void take_weights(const arch::ModelFile& file, const std::string& source) const {
    if (const auto differences = arch::differences(model_.description(), file.model); !differences.empty())
      throw base::InputError(
          folder_.string(),
          fmt::format("{} are of another model than the run's ({}: here and there); choose another folder",
                      source, fmt::join(differences, "; ")));
    model::from_arrays(file.weights, model_.parameters(), source);
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
      if (is_due()) {
        if (!at::isfinite(model_.parameters().flat()).all().item<bool>()) {
          const std::string what = fmt::format("step {}: the weights are not finite", state_.step);
          progress.finish(what);
          options_.notice(what);
          return "nan";
        }
        if (!record()) return stopped();
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
      if (is_late()) {
        if ((state_.history.empty() || state_.history.back().step != state_.step) && !record())
          return stopped();
        if (writes()) save_state(folder_, state_, model_.parameters(), optimiser_);
        return "time-limit";
      }
      if (is_stopped() || steps_here == options_.stop_after) return stopped();
      const std::string fault = step();
      state_.seconds = seconds_before + watch.seconds();
      if (!fault.empty()) {
        progress.finish(fault);
        options_.notice(fault);
        return "nan";
      }
      ++steps_here;
      if (options_.log_every > 0 && state_.step % options_.log_every == 0) {
        log();
      }
      progress.update(static_cast<double>(state_.step), note());
    }
  }

  std::string stopped() const {
    if (writes()) save_state(folder_, state_, model_.parameters(), optimiser_);
    return kInterrupted;
  }

  // With ranks all must stop at the same step: what one of them knows counts when the next step has told the
  // others.
  bool is_interrupted_here() const { return base::interrupted(); }
  bool is_late_here() const {
    return config_.training.max_seconds > 0 && writes() && state_.seconds >= config_.training.max_seconds;
  }
  bool is_stopped() const { return options_.ranks == nullptr ? is_interrupted_here() : any_interrupted_; }
  bool is_late() const { return options_.ranks == nullptr ? is_late_here() : any_late_; }

  /// Whether the validation of this step is due and was not made yet.
  bool is_due() const {
    const runs::TrainingConfig& t = config_.training;
    return state_.step > 0 && (state_.history.empty() || state_.history.back().step < state_.step) &&
           (state_.step % t.evaluate_every == 0 || state_.step == t.steps || continued_at(t, state_.step));
  }

  /// One update; what went wrong, or empty.
  std::string step() {
    const runs::TrainingConfig& t = config_.training;
    if (const runs::Phase* phase = phase_at(t, state_.step); phase != phase_) enter(phase);
    const tasks::Task& task = now_ != nullptr && now_->task ? *now_->task : *task_;
    const tasks::Batch batch = task.training_batch(t.seed, state_.step, t.batch);
    const std::optional<double> value = add_up(backward(batch));
    if (!value) return fmt::format("step {}: the loss is {}", state_.step + 1, last_loss_);
    const double length = euclidean_norm(gradient_);
    if (!std::isfinite(length))
      return fmt::format("step {}: the gradient of {} is not finite", state_.step + 1, culprit());
    const double scale = t.clip_norm > 0 && length > t.clip_norm ? t.clip_norm / length : 1.0;
    optimiser_.step(gradient_, scale, learning_rate(t, state_.step), state_.step + 1);

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

  /// The batch's mean loss, and its gradient in gradient_; nothing if the loss is not finite. Of several
  /// ranks each takes its sequences; their sums are the batch's.
  std::optional<double> backward(const tasks::Batch& batch) {
    const int ranks = options_.ranks == nullptr ? 1 : options_.ranks->size();
    const int parts = config_.training.accumulate * ranks;
    const int from = options_.ranks == nullptr ? 0 : config_.training.accumulate * options_.ranks->rank();
    const std::int64_t sequences = batch.sequences();
    const double all = static_cast<double>(target_count(model_, batch, 0, sequences));
    double sum = 0;
    bool any = false;
    for (int part = from; part < from + config_.training.accumulate; ++part) {
      const std::int64_t first = sequences * part / parts, end = sequences * (part + 1) / parts;
      if (first == end) continue;
      at::Tensor loss = mean_loss(model_, batch, first, end);
      if (!loss.defined()) continue;  // nothing is asked in this part
      if (parts > 1) loss = loss * (static_cast<double>(target_count(model_, batch, first, end)) / all);
      last_loss_ = loss.item<double>();
      if (!std::isfinite(last_loss_)) return std::nullopt;
      sum += last_loss_;
      add_gradient(torch::autograd::grad({loss}, inputs_, {}, {}, false, true), any);
      any = true;
    }
    if (!any) gradient_.zero_();
    return sum;
  }

  /// Loss and gradient of all ranks together.
  std::optional<double> add_up(std::optional<double> loss) {
    if (options_.ranks == nullptr) return loss;
    auto* more = sums_.data_ptr<float>() + gradient_.size(0);
    more[kLoss] = loss ? static_cast<float>(*loss) : std::numeric_limits<float>::quiet_NaN();
    more[kInterruptions] = is_interrupted_here() ? 1 : 0;
    more[kLate] = is_late_here() ? 1 : 0;
    options_.ranks->add_up(sums_);
    any_interrupted_ = more[kInterruptions] > 0;
    any_late_ = more[kLate] > 0;
    last_loss_ = static_cast<double>(more[kLoss]);
    return std::isfinite(last_loss_) ? std::optional(last_loss_) : std::nullopt;
  }

  /// Writes (or adds) the gradients to their places in the flat one.
  void add_gradient(std::vector<at::Tensor> gradients, bool add) {
    for (std::size_t i = 0; i < gradients.size(); ++i)
      gradients[i] =
          gradients[i].defined() ? gradients[i].reshape({-1}) : at::zeros({places_[i]->size}, at::kFloat);
    if (!add && inputs_.size() == model_.parameters().all().size()) {
      at::cat_out(gradient_, gradients);
      return;
    }
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      at::Tensor place = gradient_.narrow(0, places_[i]->offset, places_[i]->size);
      if (add)
        place.add_(gradients[i]);
      else
        place.copy_(gradients[i]);
    }
  }

  /// The first parameter whose gradient is not finite.
  std::string culprit() const {
    for (const model::Parameter& p : model_.parameters().all())
      if (!at::isfinite(gradient_.narrow(0, p.offset, p.size)).all().item<bool>()) return p.name;
    return "all parameters together";
  }

  /// Adds a history point: the mean loss since the last one, and the validation now. False, and nothing is
  /// changed, if a signal came in the middle; what is due is so after resuming too. Of several ranks the
  /// first one validates and tells the others.
  bool record() {
    runs::HistoryPoint point;
    point.step = state_.step;
    point.loss = state_.loss_count == 0 ? 0 : state_.loss_sum / static_cast<double>(state_.loss_count);
    at::Tensor told = at::zeros({2}, at::kDouble);
    auto* numbers = told.data_ptr<double>();
    if (writes()) try {
        numbers[0] = goal_value(evaluate(model_, *task_, validation_), goal_);
      } catch (const base::Interrupted&) {
        numbers[1] = 1;
      }
    if (options_.ranks != nullptr) options_.ranks->share(told);
    if (numbers[1] != 0) return false;
    point.validation = numbers[0];
    point.learning_rate = learning_rate(config_.training, std::max<std::int64_t>(0, state_.step - 1));
    point.seconds = state_.seconds;
    state_.history.push_back(point);
    state_.loss_sum = 0;
    state_.loss_count = 0;
    const double wanted = config_.training.early_stop_at > 0 ? config_.training.early_stop_at : goal_.perfect;
    const bool good = goal_.higher_is_better ? point.validation >= wanted : point.validation <= wanted;
    state_.perfect = good ? state_.perfect + 1 : 0;
    return true;
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
    model::save_model(model_, config_.task, task_->token_names(), folder_, task_->tokenizer_json());
    runs::RunResult r = result(status);
    try {
      r.metrics = measure(model_, *task_, runs::parse_measures(config_.training.measure, "training.measure"));
    } catch (const base::Interrupted&) {  // the checkpoint is that of the last step
      return result(kInterrupted);
    }
    runs::write_events(folder_, r.history, r.goal, r.metrics);
    runs::write_result(folder_, r);
    return r;
  }

  const runs::RunConfig& config_;
  const std::filesystem::path& folder_;
  const TrainOptions& options_;
  std::unique_ptr<tasks::Task> task_;
  model::Model model_;
  AdamW optimiser_;
  tasks::Goal goal_;
  tasks::EvaluationSet validation_;
  at::Tensor sums_;      ///< what ranks add up: the gradient, and numbers of kSums
  at::Tensor gradient_;  ///< [parameters] flat; 0 where nothing learns
  std::vector<PhaseParts> phases_;
  const runs::Phase* phase_ = nullptr;           ///< that the next step is in
  const PhaseParts* now_ = nullptr;              ///< its parts
  std::vector<at::Tensor> inputs_;               ///< what learns in it
  std::vector<const model::Parameter*> places_;  ///< of inputs_
  double last_loss_ = 0;
  double log_sum_ = 0;  ///< losses of this call since the last log()
  std::int64_t log_count_ = 0;
  bool resumed_ = false;
  bool any_interrupted_ = false, any_late_ = false;  ///< of all ranks, at the last step
  RunState state_;

  /// Numbers beside the gradient that ranks add up.
  enum Sums : std::int64_t { kLoss, kInterruptions, kLate, kSums };
};

/// The model of the run, if there is memory to train it in.
arch::Model fitting_model(const runs::RunConfig& config, const tasks::Task& task) {
  const arch::Model model = tasks::model_for(config.model, task);
  check_measures(runs::parse_measures(config.training.measure, "training.measure"), model);
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
