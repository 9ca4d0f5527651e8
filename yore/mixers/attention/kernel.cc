// Loops run over keys (scores, weights) or over the head's dimension (sums of rows), whichever keeps the
// innermost loop free of a running sum, so that compilers vectorise it without being allowed to reorder
// additions. See math.md for the gradients.
#include "yore/mixers/attention/kernel.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <type_traits>
#include <vector>

namespace yore::mixers::kernel {
namespace {

/// exp(x) for x <= 0, within 2 ulp; below -87 (where float's normal numbers end) it is 0. NaN stays NaN.
/// Branch-free, hence vectorised, unlike std::exp.
inline float exp_negative(float x) {
  constexpr float kLog2e = 1.44269504f, kLn2High = 0.693145752f, kLn2Low = 1.42860677e-6f;
  constexpr float kRound =
      12582912.0f;  // 1.5 * 2^23: adding it rounds to the nearest integer in the low bits
  const float clamped = x < -87.0f ? -87.0f : x;
  const float shifted = clamped * kLog2e + kRound;
  const float n = shifted - kRound;
  const float r = (clamped - n * kLn2High) - n * kLn2Low;
  float p = 1.0f / 720.0f;
  p = p * r + 1.0f / 120.0f;
  p = p * r + 1.0f / 24.0f;
  p = p * r + 1.0f / 6.0f;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const auto exponent = (std::bit_cast<std::int32_t>(shifted) - std::bit_cast<std::int32_t>(kRound) + 127)
                        << 23;
  const float result = p * std::bit_cast<float>(exponent);
  return x < -87.0f ? 0.0f : result;
}

/// Memory for one word and head, reused.
struct Scratch {
  std::vector<float> keys;    ///< [dim][length], transposed: scores run over keys
  std::vector<float> values;  ///< the same of values, for backward
  std::vector<float> weight, score_grad;
  std::vector<float> grad_k, grad_v;  ///< [length][dim]

  void fit(std::int64_t length, int dim) {
    const auto n = static_cast<std::size_t>(length), size = n * static_cast<std::size_t>(dim);
    if (weight.size() < n) weight.resize(n), score_grad.resize(n);
    if (keys.size() < size) keys.resize(size), values.resize(size), grad_k.resize(size), grad_v.resize(size);
  }
};

/// Keys first <= j < end that position i sees.
struct Span {
  std::int64_t first, end;
};
Span visible(std::int64_t i, int lookback, bool strict) {
  return {lookback < 0 ? 0 : std::max<std::int64_t>(0, i - lookback), strict ? i : i + 1};
}

/// dim is a compile-time number for the common sizes, so that loops over it unroll.
template <class Dim>
void transpose(const float* rows, std::int64_t stride, std::int64_t length, Dim dim, float* out) {
  for (std::int64_t t = 0; t < length; ++t)
    for (int d = 0; d < dim; ++d) out[d * length + t] = rows[t * stride + d];
}

/// out[j] = x . rows[j] for first <= j < end, from transposed rows.
template <class Dim>
void products(const float* x, const float* transposed, std::int64_t length, Span span, Dim dim,
              float* __restrict out) {
  for (std::int64_t j = span.first; j < span.end; ++j) out[j] = x[0] * transposed[j];
  for (int d = 1; d < dim; ++d) {
    const float factor = x[d];
    const float* __restrict row = transposed + d * length;
    for (std::int64_t j = span.first; j < span.end; ++j) out[j] += factor * row[j];
  }
}

/// Softmax of the scores of one query in place of the scores; span is not empty.
void softmax(float* __restrict s, Span span, std::int64_t position, float scale, float slope) {
  float top = -std::numeric_limits<float>::infinity();
  for (std::int64_t j = span.first; j < span.end; ++j) {
    s[j] = s[j] * scale - slope * static_cast<float>(position - j);
    top = s[j] > top ? s[j] : top;
  }
  for (std::int64_t j = span.first; j < span.end; ++j) s[j] = exp_negative(s[j] - top);
  float total = 0;
  for (std::int64_t j = span.first; j < span.end; ++j) total += s[j];
  const float factor = 1.0f / total;
  for (std::int64_t j = span.first; j < span.end; ++j) s[j] *= factor;
}

/// Queries of word b: rows of q (and of the output) and the position of the first.
struct Queries {
  std::int64_t row, count, position;
};
Queries queries_of(const Problem& p, std::int64_t b) {
  const std::int64_t length = p.starts[b + 1] - p.starts[b];
  return p.last_only ? Queries{b, 1, length - 1} : Queries{p.starts[b], length, 0};
}

template <class Dim>
void forward_word(const Problem& p, std::int64_t b, int h, Dim dim, Scratch& scratch, float* out) {
  const std::int64_t start = p.starts[b], length = p.starts[b + 1] - start,
                     width = std::int64_t{p.heads} * dim;
  const float* v = p.v + start * p.v_stride + h * dim;
  const float slope = p.slopes == nullptr ? 0.0f : static_cast<float>(p.slopes[h]);
  const Queries queries = queries_of(p, b);
  const bool copies = p.lookback[h] == 1 && p.strict;  // one key: its weight is 1
  if (!copies) transpose(p.k + start * p.k_stride + h * dim, p.k_stride, length, dim, scratch.keys.data());
  for (std::int64_t i = 0; i < queries.count; ++i) {
    const std::int64_t position = queries.position + i;
    const Span span = visible(position, p.lookback[h], p.strict);
    float* __restrict row = out + (queries.row + i) * width + h * dim;
    for (int d = 0; d < dim; ++d) row[d] = 0;
    if (span.first >= span.end) continue;
    float* s = scratch.weight.data();
    if (copies) {
      s[span.first] = 1;
    } else {
      products(p.q + (queries.row + i) * p.q_stride + h * dim, scratch.keys.data(), length, span, dim, s);
      softmax(s, span, position, p.scale, slope);
    }
    for (std::int64_t j = span.first; j < span.end; ++j) {
      const float* value = v + j * p.v_stride;
      for (int d = 0; d < dim; ++d) row[d] += s[j] * value[d];
    }
  }
}

template <class Dim>
void backward_word(const Problem& p, std::int64_t b, int h, Dim dim, Scratch& scratch, const float* grad_out,
                   float* grad_q, float* grad_k, float* grad_v) {
  const std::int64_t start = p.starts[b], length = p.starts[b + 1] - start,
                     width = std::int64_t{p.heads} * dim;
  const float* k = p.k + start * p.k_stride + h * dim;
  const float slope = p.slopes == nullptr ? 0.0f : static_cast<float>(p.slopes[h]);
  const Queries queries = queries_of(p, b);
  const bool copies = p.lookback[h] == 1 && p.strict;
  if (!copies) {
    transpose(k, p.k_stride, length, dim, scratch.keys.data());
    transpose(p.v + start * p.v_stride + h * dim, p.v_stride, length, dim, scratch.values.data());
  }
  float* __restrict dk = scratch.grad_k.data();
  float* __restrict dv = scratch.grad_v.data();
  std::fill(dk, dk + length * dim, 0.0f);
  std::fill(dv, dv + length * dim, 0.0f);
  for (std::int64_t i = 0; i < queries.count; ++i) {
    const std::int64_t position = queries.position + i;
    const Span span = visible(position, p.lookback[h], p.strict);
    const float* q = p.q + (queries.row + i) * p.q_stride + h * dim;
    const float* g = grad_out + (queries.row + i) * width + h * dim;
    float* __restrict dq = grad_q + (queries.row + i) * p.q_stride + h * dim;
    for (int d = 0; d < dim; ++d) dq[d] = 0;
    if (span.first >= span.end) continue;
    if (copies) {
      for (int d = 0; d < dim; ++d) dv[span.first * dim + d] += g[d];
      continue;
    }
    float* __restrict weight = scratch.weight.data();
    float* __restrict ds = scratch.score_grad.data();
    products(q, scratch.keys.data(), length, span, dim, weight);
    softmax(weight, span, position, p.scale, slope);
    products(g, scratch.values.data(), length, span, dim, ds);
    float mean = 0;
    for (std::int64_t j = span.first; j < span.end; ++j) mean += weight[j] * ds[j];
    for (std::int64_t j = span.first; j < span.end; ++j) ds[j] = p.scale * weight[j] * (ds[j] - mean);
    for (std::int64_t j = span.first; j < span.end; ++j) {
      const float* key = k + j * p.k_stride;
      for (int d = 0; d < dim; ++d) {
        dq[d] += ds[j] * key[d];
        dk[j * dim + d] += ds[j] * q[d];
        dv[j * dim + d] += weight[j] * g[d];
      }
    }
  }
  for (std::int64_t j = 0; j < length; ++j)
    for (int d = 0; d < dim; ++d) {
      grad_k[(start + j) * p.k_stride + h * dim + d] = dk[j * dim + d];
      grad_v[(start + j) * p.v_stride + h * dim + d] = dv[j * dim + d];
    }
}

/// Calls work(dim) with the dimension as a constant where it is a usual one.
template <class Work>
void with_dim(int dim, const Work& work) {
  switch (dim) {
    case 4:
      return work(std::integral_constant<int, 4>());
    case 8:
      return work(std::integral_constant<int, 8>());
    case 16:
      return work(std::integral_constant<int, 16>());
    case 32:
      return work(std::integral_constant<int, 32>());
    default:
      return work(dim);
  }
}

}  // namespace

void forward(const Problem& p, float* out) {
  with_dim(p.dim, [&](auto dim) {
    Scratch scratch;
    for (std::int64_t b = 0; b < p.batch; ++b) {
      scratch.fit(p.starts[b + 1] - p.starts[b], p.dim);
      for (int h = 0; h < p.heads; ++h) forward_word(p, b, h, dim, scratch, out);
    }
  });
}

void backward(const Problem& p, const float* grad_out, float* grad_q, float* grad_k, float* grad_v) {
  with_dim(p.dim, [&](auto dim) {
    Scratch scratch;
    for (std::int64_t b = 0; b < p.batch; ++b) {
      scratch.fit(p.starts[b + 1] - p.starts[b], p.dim);
      for (int h = 0; h < p.heads; ++h)
        backward_word(p, b, h, dim, scratch, grad_out, grad_q, grad_k, grad_v);
    }
  });
}

}  // namespace yore::mixers::kernel
