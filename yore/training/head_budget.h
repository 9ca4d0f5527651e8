// The loss of a run that trains gates on heads (model/head_gates.h): the task's loss with the gates of a
// drawn budget b, and, of their mean g over all heads, cost g + overshoot max(0, g - b)^2 + undershoot max(0,
// b - g)^2.
//
// Published (arXiv 2605.05697): budgets are sampled, the loss penalises the mean gate and its overshoot, and
// a dense beginning is needed. How budgets are drawn and the two numbers are chosen here
// (yore/budget/math.md).
#pragma once
#include <cstdint>

#include "yore/model/model.h"
#include "yore/runs/run_config.h"
#include "yore/tasks/task.h"

namespace yore::training {

struct HeadBudget {
  double budget = 1;  ///< 1: the gates are open, and the loss is the task's
  double cost = 0, overshoot = 0, undershoot = 0;
};

/// That of step 0, 1 ..: 1 without gates and in the dense beginning (TrainingConfig::head_budget_dense); then
/// 1 with the probability head_budget_full, else drawn evenly from head_budget to 1. Depends on the
/// configuration and the step alone.
HeadBudget head_budget_at(const runs::TrainingConfig& config, std::int64_t step);

/// As mean_loss of loss.h, with the gates of the budget, which the model's parameters then have
/// (model::gated_parameters). Differentiable in the gates too.
at::Tensor mean_loss(const model::Model& model, const tasks::Batch& batch, std::int64_t first,
                     std::int64_t end, const HeadBudget& budget);

}  // namespace yore::training
