#include "yore/training/evaluate.h"

#include <fmt/format.h>

#include <iterator>
#include <stdexcept>

namespace yore::training {

std::vector<base::Metric> evaluate(const model::Model& model, const tasks::Task& task,
                                   const tasks::EvaluationSet& set, const model::AskOptions& options) {
  const std::unique_ptr<tasks::Scorer> scorer = task.scorer(set);
  std::vector<char> asked;
  if (task.objective() != tasks::Objective::Accept)
    for (const std::int32_t target : set.batch.targets) asked.push_back(target != tasks::kIgnored);
  model::AskOptions alone = options;
  alone.threads = 1;  // scorers add up as they go
  alone.stops_at_signals = true;
  model::ask(model, set.batch.starts, set.batch.tokens, asked, alone,
             [&](std::int64_t sequence, std::int64_t token, std::span<const float> logits) {
               scorer->add(sequence, token, logits);
             });
  return scorer->finish();
}

std::vector<base::Metric> evaluate(const model::Model& model, const tasks::Task& task,
                                   const model::AskOptions& options) {
  // Embeddings are often padded to a round number of tokens, which no text has.
  const bool padded = task.objective() == tasks::Objective::NextToken &&
                      model.vocabulary() > task.vocabulary() && model.outputs() == model.vocabulary();
  if (!padded && (model.vocabulary() != task.vocabulary() || model.outputs() != task.outputs()))
    throw std::invalid_argument(
        fmt::format("evaluate: a model of {} tokens and {} outputs on a task of {} and {}",
                    model.vocabulary(), model.outputs(), task.vocabulary(), task.outputs()));
  std::vector<base::Metric> all = evaluate(model, task, task.validation(), options);
  for (const tasks::EvaluationSet& set : task.tests()) {
    std::vector<base::Metric> more = evaluate(model, task, set, options);
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  return all;
}

double goal_value(const std::vector<base::Metric>& metrics, const tasks::Goal& goal) {
  for (const base::Metric& metric : metrics)
    if (metric.name == goal.metric) return metric.value;
  throw std::logic_error("goal_value: the task does not measure its goal, " + goal.metric);
}

}  // namespace yore::training
