// A trained model's metrics: its task's, and what was asked for beside them (runs/measures.h).
#pragma once
#include <string>
#include <vector>

#include "yore/model/ask.h"
#include "yore/model/model.h"
#include "yore/tasks/task.h"

namespace yore::training {

/// That the measures (runs::parse_measures) can be taken of such a model. Throws InputError.
void check_measures(const std::vector<std::string>& measures, const arch::Model& model);

/// evaluate() with these options and the measures. Throws as evaluate and check_measures.
std::vector<base::Metric> measure(const model::Model& model, const tasks::Task& task,
                                  const std::vector<std::string>& measures,
                                  const model::AskOptions& options = {});

}  // namespace yore::training
