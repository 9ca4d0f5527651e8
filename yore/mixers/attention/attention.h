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

/// attention(...) over words of different lengths without padding: word b owns rows starts[b] ..
/// starts[b+1]-1 (at least one) of qkv [N, 3, H, D] (queries, keys, values); starts has B + 1 entries from 0
/// to N. The result is [N, H, D]. Float on the CPU runs in the kernel (kernel.h), everything else through the
/// composition. Throws std::invalid_argument as attention does.
at::Tensor attention_packed(const at::Tensor& qkv, const std::vector<std::int64_t>& starts,
                            const AttentionParams& params);

/// The last row of each word alone: q [B, H, D] asked at the words' last positions over kv [N, 2, H, D]
/// (keys, values); [B, H, D].
at::Tensor attention_last(const at::Tensor& q, const at::Tensor& kv, const std::vector<std::int64_t>& starts,
                          const AttentionParams& params);

/// Throws std::invalid_argument unless there is one valid lookback (and slope, if any) for each of `heads`
/// heads.
void check_params(const AttentionParams& params, std::int64_t heads);

}  // namespace yore::mixers
