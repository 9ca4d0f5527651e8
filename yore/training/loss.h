// What a model is trained to make small, by a task's objective.
#pragma once
#include <ATen/core/Tensor.h>

#include "yore/model/model.h"
#include "yore/tasks/task.h"

namespace yore::training {

/// How many targets sequences first .. end - 1 of the batch have.
std::int64_t target_count(const model::Model& model, const tasks::Batch& batch, std::int64_t first,
                          std::int64_t end);

/// What a model answers where something is asked.
struct Answers {
  at::Tensor logits;   ///< [n] of an accept read-out, [n, outputs] of the others
  at::Tensor targets;  ///< [n], of the logits' type or int64
};
/// The answers at the targets of sequences first .. end - 1; undefined where there is none. Differentiable in
/// the parameters and in what the context has.
Answers answers(const model::Model& model, const tasks::Batch& batch, std::int64_t first, std::int64_t end,
                const model::Context& context = {});

/// Their mean loss: binary cross-entropy of an accept read-out, cross-entropy of the others, in nats.
/// Undefined where there is no target.
at::Tensor mean_loss(const Answers& answers);
at::Tensor mean_loss(const model::Model& model, const tasks::Batch& batch, std::int64_t first,
                     std::int64_t end, const model::Context& context = {});

}  // namespace yore::training
