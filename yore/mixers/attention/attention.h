// Softmax attention over the past: global, local, strict or not, per head. One mechanism; what differs is a
// parameter. Definitions and the reductions used here: math.md. The definition as a program: ref.h.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace yore::mixers {

/// Which keys a head sees, and how scores are formed.
struct AttentionParams {
  /// One entry a head: -1 = global (all j < i), k >= 1 = the k positions before i. A deployed "window of W
  /// keys including self" is lookback W - 1 and strict = false.
  std::vector<int> lookback;
  /// true: position i does not see itself, and position 0 sees nothing (its output is 0). false: position i
  /// also sees itself.
  bool strict = true;
  /// Factor on q.k, usually 1 / sqrt(D).
  double scale = 1.0;
  /// ALiBi: one slope a head, the score of (i, j) is lowered by slope * (i - j). Empty = none.
  std::vector<double> alibi_slopes;
};

/// out[b,i,h] = sum over visible j of softmax_j(scale q[b,i,h].k[b,j,h] - slope_h (i - j)) v[b,j,h], and
/// exactly 0 with zero gradients where nothing is visible. q, k, v and the result are [B, T, H, D] (any
/// strides, float or double, any device); row i depends on rows j <= i only, so right padding needs no mask.
/// Throws std::invalid_argument when shapes, lookbacks or slopes do not fit together.
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const AttentionParams& params);

/// One query a sequence: row position[b] of attention(...), for q [B, H, D], position int64 [B] and k, v [B,
/// T, H, D]; the result is [B, H, D]. For a last layer that is read at one place, at 1/T of the cost.
at::Tensor attention_at(const at::Tensor& q, const at::Tensor& position, const at::Tensor& k,
                        const at::Tensor& v, const AttentionParams& params);

}  // namespace yore::mixers
