// Softmax attention of queries, keys and values that all lie in bfloat16, its products made in bfloat16 too
// by the processor's own unit for that, AVX-512-BF16: forward, about twice as fast as kernel.h's in float,
// and less exact. Its gradients are kernel.h's: backward(...) of widened queries, with keys and values as
// Storage::BFloat16, takes the lse that this writes.
//
// What is rounded. Scores are exact sums but for roundings of float, as queries and keys are bfloat16
// already; softmax and all sums are float. Weights are rounded to bfloat16 (by at most 2^-8 of themselves)
// where they meet the values, so an output errs by 2^-8 of the weighted average of |v| at most, beside what
// float brings (math.md, "Products in bfloat16"). lse is that of float to 3e-6. Numbers of the input below
// the smallest normal float count as 0 in products.
#pragma once
#include <cstdint>

#include "yore/mixers/attention/kernel.h"

namespace yore::mixers::kernel {

/// As Problem<float>, with queries in bfloat16 as well: the upper half of a float's bits.
struct Bfloat16Problem {
  Sequences sequences;
  int heads = 0;      ///< of q and out
  int kv_heads = 0;   ///< of k and v; divides heads
  int dim = 0;        ///< of q and k, 1..256
  int value_dim = 0;  ///< of v and out, 1..256
  View<const std::uint16_t> q, k, v;
  const float* sink_logits = nullptr;  ///< [heads]; null = none
  int threads = 0;                     ///< 0 = OpenMP's default. Results do not depend on it
};

/// Whether this processor and its system have AVX-512-BF16, which forward_bfloat16 needs.
bool has_bfloat16_products();

/// Whether it is faster than forward<float> here: not where there is AMX, as processors with both (Intel's
/// Sapphire and Emerald Rapids) run VDPBF16PS at half the rate of fused multiply-adds.
bool prefers_bfloat16_products();

/// Writes out and, unless null, lse as forward<float> does. Throws std::invalid_argument, nothing written,
/// for what does not fit together, and on a processor without AVX-512-BF16: nothing else is computed in its
/// place.
void forward_bfloat16(const Bfloat16Problem& problem, const AttentionParams& params, View<float> out,
                      float* lse);
/// The same, with outputs rounded to the nearest bfloat16.
void forward_bfloat16(const Bfloat16Problem& problem, const AttentionParams& params, View<std::uint16_t> out,
                      float* lse);

}  // namespace yore::mixers::kernel
