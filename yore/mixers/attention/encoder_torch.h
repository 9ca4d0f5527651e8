// Attention without a mask, as encoders have it: every row of a sequence sees every row of it. Weights are a
// softmax or hard: the mean over the keys with the largest score, ties alike.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace yore::mixers {

/// q [N, H, D], k and v [N, H_kv, D], of one type; sequence b owns rows starts[b] .. starts[b+1]-1; scores
/// scale * q.k, of which hard weights need no scale and take none, so that scores that tie are not rounded
/// apart. A composition of torch operations for a block of queries at a time. Differentiable; hard weights
/// are constants. Throws std::invalid_argument as attention_packed (attention.h).
at::Tensor attention_encoder(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                             const std::vector<std::int64_t>& starts, double scale, bool hard);

}  // namespace yore::mixers
