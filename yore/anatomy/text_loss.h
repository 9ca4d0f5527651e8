// The loss of a model of next tokens on a text, without all logits at once: of a large vocabulary they would
// be most of the memory.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "yore/model/model.h"

namespace yore::anatomy {

/// The tokens as one sequence.
model::Input one_text(std::span<const std::int64_t> tokens);

struct TextLoss {
  double mean = 0;      ///< nats a predicted token
  at::Tensor gradient;  ///< [T, width] of the mean by the hidden rows, if it was asked for
};

/// Cross-entropy of tokens 1 .. T - 1 (T at least 2) from `hidden` [T, width], what the read-out reads of
/// tokens 0 .. T - 2.
TextLoss text_loss(const model::Model& model, const at::Tensor& hidden, std::span<const std::int64_t> tokens,
                   bool with_gradient = false);

/// Mean loss over several texts, each read from its beginning; memory is that of the longest. Throws
/// base::Interrupted once a signal has come.
double mean_loss(const model::Model& model, const std::vector<std::vector<std::int64_t>>& texts);

}  // namespace yore::anatomy
