// A model's answers to a task's sets, scored.
#pragma once
#include <vector>

#include "yore/model/ask.h"
#include "yore/tasks/task.h"

namespace yore::training {

/// The task's metrics of one set. Throws InputError if learned positions do not reach its longest sequence,
/// base::Interrupted if a signal came.
std::vector<base::Metric> evaluate(const model::Model& model, const tasks::Task& task,
                                   const tasks::EvaluationSet& set, const model::AskOptions& options = {});

/// Those of the validation set, then of every test set. Throws std::invalid_argument if vocabulary or outputs
/// of model and task differ; of next tokens the model may have more than the task, which take their share of
/// the probability.
std::vector<base::Metric> evaluate(const model::Model& model, const tasks::Task& task,
                                   const model::AskOptions& options = {});

/// The goal's number among the metrics of the validation set. Throws std::logic_error if it is not there.
double goal_value(const std::vector<base::Metric>& metrics, const tasks::Goal& goal);

}  // namespace yore::training
