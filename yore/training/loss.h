// What a model is trained to make small, by a task's objective.
#pragma once
#include <ATen/core/Tensor.h>

#include "yore/model/model.h"
#include "yore/tasks/task.h"

namespace yore::training {

/// How many targets sequences first .. end - 1 of the batch have.
std::int64_t target_count(const model::Model& model, const tasks::Batch& batch, std::int64_t first,
                          std::int64_t end);

/// The mean loss over the targets of sequences first .. end - 1: binary cross-entropy of an accept read-out,
/// cross-entropy of the others, in nats. Undefined where there is no target. Differentiable in the
/// parameters.
at::Tensor mean_loss(const model::Model& model, const tasks::Batch& batch, std::int64_t first,
                     std::int64_t end);

}  // namespace yore::training
