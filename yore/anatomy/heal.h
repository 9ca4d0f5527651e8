// A changed model taught to answer as the original does: a short distillation (Hinton et al. 2015, arXiv
// 1503.02531).
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "yore/model/model.h"

namespace yore::anatomy {

struct HealOptions {
  std::int64_t steps = 0;
  double learning_rate = 1e-5;
  /// Told after each step of its mean KL(original || changed), nats a token, before the step.
  std::function<void(std::int64_t step, double divergence)> progress;
};

/// mean KL(original || changed) over all tokens of the text, in nats, and its gradient by the changed model's
/// parameters added to `gradient` [size()], flat, if that is defined.
double divergence(const model::Model& original, const model::Model& changed,
                  const std::vector<std::int64_t>& text, const at::Tensor& gradient = {});

/// Steps of AdamW (no weight decay; warm-up over a tenth of the steps, then a cosine to 0; gradients clipped
/// to norm 1) on all parameters of `changed`, whose parameters have a flat buffer; one text a step, in turn.
/// Both models have the same tokens. Throws base::Interrupted,
/// and InputError("--heal-rate") once the divergence is not finite.
void heal(const model::Model& original, const model::Model& changed,
          const std::vector<std::vector<std::int64_t>>& texts, const HealOptions& options);

/// A model of the description with a copy of the weights of `model`, widened to float, that can learn.
model::Model trainable_copy(const model::Model& model, const arch::Model& description);

/// Bytes that healing takes beside the original, about, for texts of so many tokens.
double heal_bytes(const arch::Model& model, std::int64_t tokens);

}  // namespace yore::anatomy
