// Attention over packed words on plain memory: float32, one thread, no torch. Every row computes only what it
// sees (composition.cc computes T x T rectangles and hides half of them) and nothing is spent on padding; on
// words of 40 letters that is ten times faster.
#pragma once
#include <cstdint>

namespace yore::mixers::kernel {

/// Words one after another: word b owns key rows starts[b] .. starts[b+1]-1, at least one. Row r, head h of
/// an array begins at base + r * stride + h * dim.
struct Problem {
  const std::int64_t* starts = nullptr;  ///< [batch + 1]
  std::int64_t batch = 0;
  int heads = 0;
  int dim = 0;
  const int* lookback = nullptr;  ///< [heads], as AttentionParams::lookback
  bool strict = true;
  float scale = 1;
  const double* slopes = nullptr;  ///< [heads] ALiBi slopes, or null
  /// false: a query for every key row. true: q has one row a word, asked at the word's last position.
  bool last_only = false;
  const float* q = nullptr;
  const float* k = nullptr;
  const float* v = nullptr;
  std::int64_t q_stride = 0, k_stride = 0, v_stride = 0;
};

/// Writes one row of heads * dim floats a query, without gaps.
void forward(const Problem& problem, float* out);

/// From the gradient of `out` writes those of q, k and v, laid out as q, k and v are (same strides). Weights
/// are computed again, not stored: memory stays linear in the words' lengths.
void backward(const Problem& problem, const float* grad_out, float* grad_q, float* grad_k, float* grad_v);

}  // namespace yore::mixers::kernel
