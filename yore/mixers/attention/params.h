// What one call of softmax attention is asked to do, without torch. Definitions: math.md.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

namespace yore::mixers {

/// Lookback of a head that sees the whole past.
inline constexpr int kGlobal = -1;

/// Largest head dimension.
inline constexpr int kMaxDim = 256;

/// Which keys a head sees, and how scores are formed. Query i of T_q stands at position i + T_k - T_q among
/// the T_k keys (aligned at the end). The defaults are those of C (c_api.h) and Python as well: the whole
/// past and the position itself, scores q.k / sqrt(D), nothing else.
struct AttentionParams {
  /// One entry a head: kGlobal (-1) = all earlier positions, k >= 0 = the k positions before its own. Empty =
  /// kGlobal for every head. A deployed "window of W keys including self" is lookback W - 1 and strict =
  /// false.
  std::vector<int> lookback;
  /// true: a position does not see itself, and position 0 sees nothing (its output is 0). false: it also sees
  /// itself.
  bool strict = false;
  /// Factor on q.k; none = 1 / sqrt(D).
  std::optional<double> scale;
  /// ALiBi: one slope a head, the score of (i, j) is lowered by slope * (i - j). Empty = none.
  std::vector<double> alibi_slopes;
  /// The first `sinks` keys of a sequence stay visible beyond the lookback (never beyond the position
  /// itself).
  int sinks = 0;
  /// c > 0: the score s = scale q.k becomes c tanh(s / c), before ALiBi lowers it. 0 = scores stay.
  double soft_cap = 0;
};

/// Throws std::invalid_argument, its text beginning with `op`, unless kv_heads key heads divide `heads`
/// heads, there is one valid lookback (and slope) for each head if there is any, the scale and the slopes are
/// numbers from -1e30 to 1e30, sinks is not negative, and soft_cap is 0 or from 1e-30 to 1e30.
void check_params(const AttentionParams& params, std::int64_t heads, std::int64_t kv_heads,
                  const char* op = "attention");

/// The same with a lookback for each head and with a scale, as the unchecked entries of kernel.h want them.
AttentionParams complete_params(AttentionParams params, int heads, int dim);

}  // namespace yore::mixers
