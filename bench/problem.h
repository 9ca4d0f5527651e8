// One shape of attention with data: what is measured, checked and handed to the peers.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "yore/mixers/attention/kernel.h"

namespace yore::bench {

/// Self-attention of `batch` sequences of `time` rows. A window of W keys (self included) is lookback W - 1,
/// not strict.
struct Shape {
  int batch = 1, time = 0, heads = 8, dim = 64;
  int lookback = -1;  ///< of every head; -1 = full causal
  bool strict = false;

  /// Numbers in q (and in k, v, out).
  std::size_t elements() const {
    return static_cast<std::size_t>(batch) * static_cast<std::size_t>(time) *
           static_cast<std::size_t>(heads) * static_cast<std::size_t>(dim);
  }
  /// Visible (query, key) pairs of all heads and sequences.
  double pairs() const;
  /// Useful work alone: 4 D a visible pair forward (q.k and the weighted sum of v), 10 D backward (five such
  /// products: the scores again, dv, dp, dq, dk).
  double forward_flops() const { return 4.0 * pairs() * dim; }
  double backward_flops() const { return 10.0 * pairs() * dim; }
};

/// [batch, time, heads, dim] arrays of standard normal numbers, and room for what is computed.
struct Problem {
  explicit Problem(const Shape& shape, bool gradients = true);

  /// The kernel itself, without torch: out and lse from q, k, v.
  void forward(int threads);
  /// After forward: dq, dk, dv from grad.
  void backward(int threads);
  /// Rounds q, k and v to bfloat16, which forward_bfloat16 reads, where they stay floats of the same value.
  void round_inputs();
  /// After round_inputs, on a processor that has them: out16 and lse with products in bfloat16.
  void forward_bfloat16(int threads);
  /// out from out16.
  void widen_output();
  /// Bytes of inputs and outputs of forward alone, or of forward and backward.
  std::size_t bytes(bool with_backward) const;

  Shape shape;
  mixers::AttentionParams params;
  std::vector<float> q, k, v, grad;
  std::vector<std::uint16_t> q16, k16, v16, out16;
  std::vector<float> out, lse, dq, dk, dv;

 private:
  template <class T>
  mixers::kernel::View<T> view(T* data) const {
    const std::int64_t row = static_cast<std::int64_t>(shape.heads) * shape.dim;
    return {data, row * shape.time, row, shape.dim};
  }
  mixers::kernel::Problem<float> call(int threads) const;
};

}  // namespace yore::bench
