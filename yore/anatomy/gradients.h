// Where a loss's gradient goes: sinks of gradients beside those of attention, and what each branch of the
// residual stream does to it. Definitions with formulas: math.md.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "yore/mixers/attention/params.h"
#include "yore/model/model.h"

namespace yore::anatomy {

/// Tokens whose mean gradient a token's is held against (arXiv 2603.17771).
inline constexpr std::int64_t kRatioTokens = 32;

/// One branch at one token or over several: g1 the gradient at the branch's output, g2 at the norm before the
/// part, g3 = J^T g2 behind it.
struct BranchGradient {
  double bloat = 0;     ///< ||g2|| / ||g1||
  double change = 0;    ///< ||g1 + g3|| / ||g1||
  double compress = 0;  ///< ||g3|| / ||g2||
};
/// A mixer's or a feed-forward net's branch. Means over tokens are of the tokens' ratios.
struct Branch {
  BranchGradient first;   ///< at token 0
  BranchGradient others;  ///< mean over tokens 1 ..
};

/// Of one block. The gradient-sink ratio is the norm of the gradient at what the mixer is given (after the
/// norm) at token 0 over the mean of tokens 1..31.
struct BlockGradients {
  int block = 0;
  std::optional<double> ratio;  ///< none of a text of one token, or where no gradient arrives
  /// The same if every head looked at all it sees alike, with the gradient that arrives at the heads as it
  /// is; none of a mixer without scores.
  std::optional<double> uniform_ratio;
  Branch mixer;
  std::optional<Branch> feed_forward;  ///< none of a block without one
};

struct Gradients {
  double loss = 0;  ///< nats a token
  std::vector<BlockGradients> blocks;
};

/// Of the mean cross-entropy of tokens 1 .. given those before them, at least 2. The model has a vocabulary
/// read-out and all its matrices in float or double. Throws InputError as Model::hidden.
Gradients gradients(const model::Model& model, std::span<const std::int64_t> tokens);

/// Bytes that gradients() takes beside the weights, about, in float.
double gradient_bytes(const arch::Model& model, std::int64_t tokens);

/// d loss / d v [T, kv_heads, D] if attention were uniform over what each head sees: row s is the sum over
/// the queries t that see s of g_t / (keys that t sees), over the heads that read the key head. `g` [T, H, D]
/// is d loss / d mixed. Linear in T.
at::Tensor uniform_value_gradient(const mixers::AttentionParams& params, std::int64_t kv_heads,
                                  const at::Tensor& g);

}  // namespace yore::anatomy
