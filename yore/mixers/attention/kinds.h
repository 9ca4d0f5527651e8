// The little language of attention kinds, in which a user says what each head of each layer sees:
// "hybrid:2", "3*local:2+1*global", "local:1/global".
#pragma once
#include <string>
#include <vector>

namespace yore::mixers {

/// Attention of one layer: one lookback a head; -1 = global (all earlier positions), k >= 1 = the previous k
/// positions.
struct LayerAttention {
  std::vector<int> lookback;
  bool operator==(const LayerAttention&) const = default;
};

/// Reads an attention kind for a model with `heads` heads and `layers` layers: "global", "local" (= local:1),
/// "local:K", "hybrid" (= hybrid:1; the first heads/2, rounded down, K-local, the rest global; needs two
/// heads), "hybrid:K", a mix "3*local:2+1*global" (in the order of the heads; counts add up to `heads`, a
/// missing count is 1), and a list of layers separated by "/" (one for all, or as many as `layers`). Throws
/// InputError("attention") with the position.
std::vector<LayerAttention> parse_attention(const std::string& text, int layers, int heads);

}  // namespace yore::mixers
