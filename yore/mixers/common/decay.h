// Decays that layers compute from their rows, on torch tensors.
#pragma once
#include <ATen/core/Tensor.h>

namespace yore::mixers {

/// -e^log_rate softplus(x), the logarithm of a decay: 0 where the product is below the least number, though
/// e^log_rate alone may be beyond the largest one; finite, with finite gradients, everywhere. Below -1000,
/// where the decay is 0 in every type, it stays there and has no gradient. log_rate and x broadcast.
at::Tensor softplus_decay(const at::Tensor& log_rate, const at::Tensor& x);

/// The same kept above lower_bound (negative) by another curve: lower_bound sigmoid(e^log_rate x).
at::Tensor bounded_decay(const at::Tensor& log_rate, const at::Tensor& x, double lower_bound);

}  // namespace yore::mixers
