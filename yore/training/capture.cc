#include "yore/training/capture.h"

#include <ATen/Functions.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>

#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/tasks/model_for.h"
#include "yore/training/evaluate.h"
#include "yore/training/gradient.h"
#include "yore/training/optimiser.h"
#include "yore/training/schedule.h"

namespace yore::training {
namespace {

using runs::CaptureError;

/// A step that no training reaches: its sequences are fresh.
constexpr std::int64_t kFreshStep = std::numeric_limits<std::int64_t>::max();

/// Sequences first, first + 1 .. of `all`, beginning anew at its end.
tasks::Batch in_turns(const tasks::Batch& all, std::int64_t first, int count, bool one_target) {
  tasks::Batch some;
  for (int i = 0; i < count; ++i) {
    const auto b = static_cast<std::size_t>((first + i) % all.sequences());
    const auto from = static_cast<std::size_t>(all.starts[b]);
    const auto length = static_cast<std::size_t>(all.length(static_cast<std::int64_t>(b)));
    some.add(std::span(all.tokens).subspan(from, length), one_target
                                                              ? std::span(all.targets).subspan(b, 1)
                                                              : std::span(all.targets).subspan(from, length));
  }
  return some;
}

tasks::Batch first_of(const tasks::Batch& all, std::int64_t count, bool one_target) {
  return in_turns(all, 0, static_cast<int>(count), one_target);
}

/// The task at a size, and the model that the run's options make of it.
std::unique_ptr<tasks::Task> task_at(const runs::RunConfig& config, int size) {
  std::unique_ptr<tasks::Task> task = tasks::make_task_for(
      tasks::task_at_size(config.task, size, config.training.capture_test), config.model);
  const arch::Model model = tasks::model_for(config.model, *task);
  const auto longest = static_cast<double>(task->longest());
  tasks::require_training_memory(model, config.training.capture_batch, longest);
  return task;
}

/// The schedule of a copy's updates; everything else is the run's.
runs::TrainingConfig schedule_of(const runs::TrainingConfig& training, std::int64_t steps) {
  runs::TrainingConfig config = training;
  config.steps = steps;
  config.learning_rate = training.capture_learning_rate;
  config.warmup_steps = steps / 10;
  config.final_learning_rate = 0;
  config.phases.clear();
  config.continued.clear();
  return config;
}

/// Adapts the copy; false if its loss or gradient stopped being finite.
bool adapt(const model::Model& copy, const tasks::Batch& samples, const runs::RunConfig& run,
           bool one_target) {
  const runs::Adaptation plan = runs::adaptation_on(samples.sequences(), run.training);
  const runs::TrainingConfig schedule = schedule_of(run.training, plan.steps);
  AdamW optimiser(copy.parameters(), schedule);
  BatchGradient gradient(copy, 1, nullptr);
  const std::vector<char> all(copy.parameters().all().size(), 1);
  optimiser.choose(all);
  gradient.choose(all);
  for (std::int64_t step = 0; step < plan.steps; ++step) {
    if (base::interrupted()) throw base::Interrupted("adapting copies of the model");
    if (!gradient.compute(in_turns(samples, step * plan.batch, plan.batch, one_target))) return false;
    const double length = euclidean_norm(gradient.flat());
    if (!std::isfinite(length)) return false;
    const double limit = schedule.clip_norm;
    const double scale = limit > 0 && length > limit ? limit / length : 1.0;
    optimiser.step(gradient.flat(), scale, learning_rate(schedule, step), step + 1);
  }
  return true;
}

/// What was measured before an interruption, of the model after so many steps: a run that was continued since
/// has another one.
std::vector<CaptureError> read_errors(const std::filesystem::path& path, std::int64_t steps) {
  std::vector<CaptureError> all;
  if (!std::filesystem::exists(path)) return all;
  const std::string text = base::read_file(path);
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    const base::Json line = base::Json::parse(text.substr(at, end - at), nullptr, false);
    // What no run wrote is as if it were not there: it is measured again.
    const auto counts = [&](const char* key, std::int64_t most) {
      return line.contains(key) && line.at(key).is_number_integer() && line.at(key) >= 0 &&
             line.at(key) <= most;
    };
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    if (!line.is_object() || !counts("step", kMost) || line.at("step") != steps ||
        !counts("size", std::numeric_limits<int>::max()) || !counts("samples", kMost) ||
        !counts("answers", kMost) || !line.contains("error") || !line.at("error").is_number())
      continue;
    const auto error = line.at("error").get<double>();
    if (!(0 <= error && error <= 1)) continue;
    all.push_back({line.at("size").get<int>(), line.at("samples").get<std::int64_t>(), error,
                   line.at("answers").get<std::int64_t>()});
  }
  return all;
}

std::string lines_of(const std::vector<CaptureError>& errors, std::int64_t steps) {
  std::string text;
  for (const CaptureError& e : errors)
    text += base::Json{{"step", steps},
                       {"size", e.size},
                       {"samples", e.samples},
                       {"error", e.error},
                       {"answers", e.answers}}
                .dump() +
            "\n";
  return text;
}

/// All that one run measures.
class Capture {
 public:
  Capture(const model::Model& model, const runs::RunConfig& config, std::int64_t steps,
          const std::filesystem::path& folder, const CaptureProgress& progress)
      : model_(model),
        config_(config),
        steps_(steps),
        path_(folder / files::kCaptureLines),
        progress_(progress),
        copy_(model.description(), config.training.seed),
        errors_(read_errors(path_, steps)) {}

  std::vector<CaptureError> run() {
    const std::vector<int> sizes = runs::parse_sizes(config_.training.capture, "training.capture");
    for (std::size_t i = 0; i < sizes.size(); ++i)
      measure(sizes[i], static_cast<double>(i) / static_cast<double>(sizes.size()));
    return result_;
  }

 private:
  void measure(int size, double done) {
    const std::unique_ptr<tasks::Task> task = task_at(config_, size);
    const bool one_target = task->objective() == tasks::Objective::Accept;
    const std::vector<std::int64_t> grid = runs::sample_grid(config_.training.capture_samples);
    const tasks::EvaluationSet test = task->tests().front();
    const tasks::Batch samples =
        task->training_batch(config_.training.seed, kFreshStep, static_cast<int>(grid.back()));
    int reached = 0;
    for (const std::int64_t n : grid) {
      if (reached == 2) break;
      if (progress_) progress_(done, fmt::format("size {}, adapted on {}", size, n));
      const CaptureError error = of(size, n, *task, test, first_of(samples, n, one_target));
      const double smallest =
          *std::min_element(std::begin(runs::kCaptureErrors), std::end(runs::kCaptureErrors));
      reached = error.error <= smallest ? reached + 1 : 0;
      result_.push_back(error);
    }
  }

  CaptureError of(int size, std::int64_t n, const tasks::Task& task, const tasks::EvaluationSet& test,
                  const tasks::Batch& samples) {
    for (const CaptureError& known : errors_)
      if (known.size == size && known.samples == n) return known;
    copy_.parameters().flat().copy_(model_.parameters().flat());
    CaptureError error{size, n, 1, 0};
    const bool finite =
        n == 0 || adapt(copy_, samples, config_, task.objective() == tasks::Objective::Accept);
    const tasks::Goal goal = task.goal();
    for (const base::Metric& metric : evaluate(copy_, task, test))
      if (metric.set == test.name && metric.name == goal.metric) {
        error.answers = metric.count;
        if (finite) error.error = 1 - metric.value;
      }
    errors_.push_back(error);
    base::write_file(path_, lines_of(errors_, steps_));
    return error;
  }

  const model::Model& model_;
  const runs::RunConfig& config_;
  std::int64_t steps_;
  std::filesystem::path path_;
  const CaptureProgress& progress_;
  model::Model copy_;
  std::vector<CaptureError> errors_, result_;
};

}  // namespace

void check_capture(const runs::RunConfig& config) {
  const auto samples = static_cast<double>(config.training.capture_samples);
  for (const int size : runs::parse_sizes(config.training.capture, "training.capture"))
    base::require_memory(
        "training.capture_samples",
        samples * static_cast<double>(task_at(config, size)->longest() + 1) * sizeof(std::int64_t),
        fmt::format("{} sequences of size {}", config.training.capture_samples, size));
}

std::vector<runs::CaptureError> capture(const model::Model& model, const runs::RunConfig& config,
                                        std::int64_t steps, const std::filesystem::path& folder,
                                        const CaptureProgress& progress) {
  return Capture(model, config, steps, folder, progress).run();
}

}  // namespace yore::training
