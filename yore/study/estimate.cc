#include "yore/study/estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "yore/base/budget.h"
#include "yore/base/interrupt.h"
#include "yore/runs/capture.h"
#include "yore/runs/measures.h"
#include "yore/tasks/model_for.h"

namespace yore::study {
namespace {

constexpr double kOperationsASecond = 5e9, kStepSeconds = 1e-3;

SetSize size_of(const std::string& name, const tasks::Batch& batch) {
  SetSize size{name, {}, {}};
  for (std::int64_t b = 0; b < batch.sequences(); ++b) ++size.lengths[batch.length(b)];
  return size;
}

SetSize size_of(const tasks::Task& task, const tasks::EvaluationSet& set) {
  SetSize size = size_of(set.name, set.batch);
  for (const tasks::Metric& metric : task.scorer(set)->finish())
    if (metric.set == set.name &&
        std::find(size.metrics.begin(), size.metrics.end(), metric.name) == size.metrics.end())
      size.metrics.push_back(metric.name);
  return size;
}

std::int64_t sequences(const SetSize& set) {
  std::int64_t all = 0;
  for (const auto& [length, count] : set.lengths) all += count;
  return all;
}

// What a model computes. A count reads the options of every layer, so lengths that differ by less than a
// sixteenth share one.
class Operations {
 public:
  explicit Operations(const arch::Model& model) : model_(model) {}

  /// Of one forward pass over the set.
  double of(const SetSize& set) {
    double all = 0;
    for (const auto& [length, count] : set.lengths)
      all += static_cast<double>(count) * static_cast<double>(length) * at_the_middle(length);
    return all;
  }

 private:
  double at_the_middle(std::int64_t length) {
    std::int64_t step = 1;
    while (length / step >= 32) step *= 2;
    const std::int64_t position = length / step * step / 2;
    const auto [it, is_new] = known_.try_emplace(position, 0.0);
    if (is_new) it->second = arch::flops(model_, position);
    return it->second;
  }

  const arch::Model& model_;
  std::map<std::int64_t, double> known_;  // by position
};

// Of the copies that a run adapts, if it does not stop at any size before the most samples.
double capture_seconds(const runs::RunConfig& config) {
  const runs::TrainingConfig& training = config.training;
  double all = 0, steps = 0;
  for (const int size : runs::parse_sizes(training.capture, "training.capture")) {
    const auto task = tasks::make_task_for(tasks::task_at_size(config.task, size, 1), config.model);
    const arch::Model model = tasks::model_for(config.model, *task);
    const double one = Operations(model).of(size_of("", task->training_batch(1, 0, 1)));
    for (const std::int64_t n : runs::sample_grid(training.capture_samples)) {
      const runs::Adaptation adaptation = runs::adaptation_on(n, training);
      all += one * (3.0 * static_cast<double>(adaptation.steps) * adaptation.batch + training.capture_test);
      steps += static_cast<double>(adaptation.steps);
    }
  }
  return all / kOperationsASecond + steps * kStepSeconds;
}

// Of a run, but for the making of its data.
double run_seconds(const runs::RunConfig& config, const TaskSizes& sizes) {
  const arch::Model model = tasks::model_for(config.model, *sizes.task);
  Operations operations(model);
  const auto steps = static_cast<double>(config.training.steps);
  const double drawn = static_cast<double>(std::max<std::int64_t>(1, sequences(sizes.training)));
  const double step = 3 * operations.of(sizes.training) / drawn * config.training.batch;
  // The validation of each due step and of the last one; at the end all sets once more.
  const std::int64_t every = config.training.evaluate_every;
  const std::int64_t due = config.training.steps / every + (config.training.steps % every != 0 ? 1 : 0);
  const auto validations = static_cast<double>(due);
  double evaluation = validations * operations.of(sizes.sets.front());
  for (const SetSize& set : sizes.sets) evaluation += operations.of(set);
  return (steps * step + evaluation) / kOperationsASecond + steps * kStepSeconds + capture_seconds(config);
}

}  // namespace

const TaskSizes& TaskMeasure::of(const runs::RunConfig& config) {
  // What make_task_for takes of the model.
  const arch::Model any = arch::expand(
      config.model, 2, config.model.tied ? arch::ReadOutKind::Vocabulary : arch::ReadOutKind::Accept);
  const int lookback = arch::smallest_lookback(any);
  const auto [it, is_new] =
      known_.try_emplace(fmt::format("{} {} {}", lookback, config.training.measure, config.task.dump()));
  TaskSizes& sizes = it->second;
  if (!is_new) return sizes;
  constexpr int kDrawn = 256;
  const auto start = std::chrono::steady_clock::now();
  sizes.task = tasks::make_task(config.task, {lookback});
  sizes.training = size_of("training", sizes.task->training_batch(1, 0, kDrawn));
  sizes.sets.push_back(size_of(*sizes.task, sizes.task->validation()));
  for (const tasks::EvaluationSet& set : sizes.task->tests()) sizes.sets.push_back(size_of(*sizes.task, set));
  const std::vector<std::string> measures = runs::parse_measures(config.training.measure, "training.measure");
  for (SetSize& set : sizes.sets)
    set.metrics = runs::with_measures(measures, &set == &sizes.sets.front(), std::move(set.metrics));
  sizes.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return sizes;
}

double estimated_seconds(const std::vector<PlannedRun>& runs) {
  TaskMeasure measure;
  double seconds = 0;
  for (const PlannedRun& run : runs) {
    if (base::interrupted()) throw base::Interrupted("planning a study");
    const TaskSizes& sizes = measure.of(run.config);
    seconds += sizes.seconds + run_seconds(run.config, sizes);
  }
  return seconds;
}

std::string time_text(double seconds) {
  const auto text = [](double number, const char* unit) {
    return number < 9.95 ? fmt::format("{:.1f} {}", number, unit) : fmt::format("{:.0f} {}", number, unit);
  };
  if (seconds < 0.95) return fmt::format("{:.2g} s", seconds);
  if (seconds < 59.5) return text(seconds, "s");
  return seconds < 59.5 * 60 ? text(seconds / 60, "min") : text(seconds / 3600, "hours");
}

}  // namespace yore::study
