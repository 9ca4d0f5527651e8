#include "yore/training/head_budget.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cmath>

#include "yore/base/random.h"
#include "yore/model/head_gates.h"
#include "yore/training/loss.h"

namespace yore::training {
namespace {

/// Names the stream of budgets among all streams of a seed.
constexpr std::uint64_t kBudgets = 0x62756467657473;  // "budgets"

}  // namespace

HeadBudget head_budget_at(const runs::TrainingConfig& c, std::int64_t step) {
  // Of the steps that the run was first made for: continuing it later does not change how it began.
  const std::int64_t steps = c.continued.empty() ? c.steps : c.continued.front().steps;
  if (c.head_budget == 0 || static_cast<double>(step) < c.head_budget_dense * static_cast<double>(steps))
    return {};
  base::Random random({c.seed, kBudgets, static_cast<std::uint64_t>(step)});
  if (random.uniform() < c.head_budget_full) return {};
  return {c.head_budget + (1 - c.head_budget) * random.uniform(), c.head_budget_cost, c.head_budget_overshoot,
          c.head_budget_undershoot};
}

at::Tensor mean_loss(const model::Model& model, const tasks::Batch& batch, std::int64_t first,
                     std::int64_t end, const HeadBudget& budget) {
  if (budget.budget >= 1) return mean_loss(model, batch, first, end);
  model::Context context;
  context.head_gates = model::gates_at(model.description(), model.parameters(), budget.budget);
  at::Tensor loss = mean_loss(model, batch, first, end, context);
  if (!loss.defined()) return loss;
  const at::Tensor mean = model::mean_gate(context.head_gates);
  return loss + budget.cost * mean + budget.overshoot * at::relu(mean - budget.budget).square() +
         budget.undershoot * at::relu(budget.budget - mean).square();
}

}  // namespace yore::training
