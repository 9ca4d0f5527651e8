#include "yore/training/train.h"

#include <ATen/Functions.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <chrono>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/model/checkpoint.h"
#include "yore/runs/run_folder.h"
#include "yore/runs/run_lock.h"
#include "yore/tasks/formal/scoring.h"
#include "yore/training/evaluate.h"
#include "yore/training/metrics.h"
#include "yore/training/optimiser.h"
#include "yore/training/process_setup.h"
#include "yore/training/run_state.h"
#include "yore/training/schedule.h"

namespace yore::training {
namespace {

constexpr const char* kCompiled = "compiled";  // TrainingConfig::init

/// Seconds since construction.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// One call's work on one folder.
class Run {
 public:
  Run(const runs::RunConfig& config, const tasks::RecognitionTask& task, const std::filesystem::path& folder,
      const TrainOptions& options)
      : config_(config),
        task_(task),
        folder_(folder),
        options_(options),
        model_(config.model, task.eos(), config.training.seed),
        optimiser_(model_.parameters(), config.training),
        gradient_(at::empty({model_.parameters().size()}, at::kFloat)),
        validation_(task.validation()) {
    for (const model::Parameter& p : model_.parameters().all()) inputs_.push_back(p.value);
  }

  runs::RunResult run() {
    if (load_state(folder_, state_, model_.parameters(), optimiser_)) {
      if (state_.step > 0) options_.notice(fmt::format("resuming at step {}", state_.step));
    } else {
      if (config_.training.init == kCompiled) take_weights(options_.start());
      save_state(folder_, state_, model_.parameters(), optimiser_);
    }
    const std::string status = loop();
    if (status == kInterrupted) return result(status);
    return finish(status);
  }

 private:
  /// The weights of step 0. A compiler that has changed since the run was configured may give others.
  void take_weights(const runs::ModelFile& file) const {
    runs::RunConfig theirs = config_;
    theirs.model = file.model;
    if (const std::vector<std::string> other = runs::differences(config_, theirs); !other.empty())
      throw base::InputError(
          folder_.string(),
          fmt::format("the weights to start from are of another model than the run's ({}: configured, and "
                      "compiled now); choose another folder",
                      fmt::join(other, "; ")));
    model::from_arrays(file.weights, model_.parameters(), "the weights to start from");
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
      // Where a run ends must follow from its state alone, for the same to happen after a resumption.
      if (t.early_stop > 0 && state_.perfect >= t.early_stop) return "early-stop";
      if (state_.step >= t.steps) return "finished";
      if (t.max_seconds > 0 && state_.seconds >= t.max_seconds) {
        if (state_.history.empty() || state_.history.back().step != state_.step) record();
        save_state(folder_, state_, model_.parameters(), optimiser_);
        return "time-limit";
      }
      if (base::interrupted() || steps_here == options_.stop_after) {
        save_state(folder_, state_, model_.parameters(), optimiser_);
        return kInterrupted;
      }
      const std::string fault = step();
      state_.seconds = seconds_before + watch.seconds();
      if (!fault.empty()) {
        progress.finish(fault);
        options_.notice(fault);
        return "nan";
      }
      ++steps_here;
      if (state_.step % t.evaluate_every == 0 || state_.step == t.steps) {
        if (!at::isfinite(model_.parameters().flat()).all().item<bool>()) {
          const std::string what = fmt::format("step {}: the weights are not finite", state_.step);
          progress.finish(what);
          options_.notice(what);
          return "nan";
        }
        record();
        state_.seconds = seconds_before + watch.seconds();
        state_.history.back().seconds = state_.seconds;
        save_state(folder_, state_, model_.parameters(), optimiser_);
        write_metrics(folder_, state_.history);
      }
      progress.update(static_cast<double>(state_.step), note());
    }
  }

  /// One update; what went wrong, or empty.
  std::string step() {
    const runs::TrainingConfig& t = config_.training;
    const tasks::Batch batch = task_.training_batch(t.seed, state_.step, t.batch);
    const at::Tensor labels =
        at::from_blob(const_cast<float*>(batch.labels.data()), {batch.batch}, at::kFloat);
    const at::Tensor logit = model_.forward(model::pack(batch.tokens, batch.eos, batch.length));
    const at::Tensor loss = at::binary_cross_entropy_with_logits(logit, labels);
    const double value = loss.item<double>();
    if (!std::isfinite(value)) return fmt::format("step {}: the loss is {}", state_.step + 1, value);

    std::vector<at::Tensor> gradients = torch::autograd::grad({loss}, inputs_);
    for (at::Tensor& g : gradients) g = g.reshape({-1});
    at::cat_out(gradient_, gradients);
    const double length = euclidean_norm(gradient_);
    if (!std::isfinite(length))
      return fmt::format("step {}: the gradient of {} is not finite", state_.step + 1, culprit(gradients));
    const double scale = t.clip_norm > 0 && length > t.clip_norm ? t.clip_norm / length : 1.0;
    optimiser_.step(gradient_, scale, learning_rate(t, state_.step), state_.step + 1);

    ++state_.step;
    state_.loss_sum += value;
    ++state_.loss_count;
    return "";
  }

  /// The first parameter whose gradient is not finite.
  std::string culprit(const std::vector<at::Tensor>& gradients) const {
    for (std::size_t i = 0; i < gradients.size(); ++i)
      if (!at::isfinite(gradients[i]).all().item<bool>()) return model_.parameters().all()[i].name;
    return "all parameters together";
  }

  /// Adds a history point: the mean loss since the last one, and the validation accuracy now.
  void record() {
    const std::vector<double> answers = logits(model_, validation_.examples);
    runs::HistoryPoint point;
    point.step = state_.step;
    point.loss = state_.loss_count == 0 ? 0 : state_.loss_sum / static_cast<double>(state_.loss_count);
    const runs::Score score = tasks::score(validation_, answers);
    point.validation_accuracy = score.accuracy();
    point.learning_rate = learning_rate(config_.training, std::max<std::int64_t>(0, state_.step - 1));
    point.seconds = state_.seconds;
    state_.history.push_back(point);
    state_.loss_sum = 0;
    state_.loss_count = 0;
    state_.perfect = score.words > 0 && score.correct == score.words ? state_.perfect + 1 : 0;
  }

  std::string note() const {
    const double loss = state_.loss_count > 0    ? state_.loss_sum / static_cast<double>(state_.loss_count)
                        : state_.history.empty() ? 0.0
                                                 : state_.history.back().loss;
    std::string text = fmt::format("loss {:.4f}", loss);
    if (!state_.history.empty())
      text += fmt::format(", validation {:.1f} %", 100 * state_.history.back().validation_accuracy);
    return text;
  }

  runs::RunResult result(const std::string& status) const {
    runs::RunResult r;
    r.status = status;
    r.steps = state_.step;
    r.seconds = state_.seconds;
    r.parameters = model_.parameters().size();
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
    write_metrics(folder_, state_.history);
    model::save_model(model_, task_.dfa().alphabet, config_.data.language, folder_);
    runs::RunResult r = result(status);
    Evaluation scores = evaluate(model_, task_);
    r.train_range = scores.validation;
    r.buckets = std::move(scores.buckets);
    r.lengths = std::move(scores.lengths);
    r.witnesses = std::move(scores.witnesses);
    runs::write_result(folder_, r);
    return r;
  }

  const runs::RunConfig& config_;
  const tasks::RecognitionTask& task_;
  const std::filesystem::path& folder_;
  const TrainOptions& options_;
  model::Recogniser model_;
  AdamW optimiser_;
  at::Tensor gradient_;
  std::vector<at::Tensor> inputs_;
  tasks::WordSet validation_;
  RunState state_;
};

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

}  // namespace

runs::RunResult train(const runs::RunConfig& config, const tasks::RecognitionTask& task,
                      const std::filesystem::path& folder, const TrainOptions& options) {
  runs::validate(config);
  if (task.data() != config.data)
    throw std::invalid_argument("train: the task was made from other data than the configuration names");
  if (config.training.init == kCompiled && !options.start)
    throw std::invalid_argument("train: init is \"compiled\", but no weights to start from are given");
  runs::check_output_folder(folder);
  if (auto result = earlier_result(folder, config)) return *std::move(result);
  const runs::RunLock lock(folder);
  // Once more: another process may have been here since.
  if (auto result = earlier_result(folder, config)) return *std::move(result);
  if (!runs::is_run_folder(folder)) runs::write_config(folder, config);
  use_one_thread();
  return Run(config, task, folder, options).run();
}

}  // namespace yore::training
