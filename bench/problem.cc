#include "bench/problem.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "yore/base/random.h"
#include "yore/mixers/attention/bfloat16.h"

namespace yore::bench {

double Shape::pairs() const {
  double seen = 0;
  for (int i = 0; i < time; ++i) {
    const int past = lookback < 0 ? i : std::min(i, lookback);
    seen += past + (strict ? 0 : 1);
  }
  return seen * heads * batch;
}

Problem::Problem(const Shape& s, bool gradients) : shape(s) {
  params.lookback.assign(static_cast<std::size_t>(s.heads), s.lookback);
  params.strict = s.strict;
  params.scale = 1.0 / std::sqrt(static_cast<double>(s.dim));
  const std::size_t n = s.elements();
  std::uint64_t stream = 0;
  const auto fill = [&](std::vector<float>& x) {
    base::Random random({17, stream++});
    x.resize(n);
    for (float& number : x) number = static_cast<float>(random.normal());
  };
  fill(q);
  fill(k);
  fill(v);
  out.resize(n);
  lse.resize(n / static_cast<std::size_t>(s.dim));
  if (!gradients) return;
  fill(grad);
  for (std::vector<float>* x : {&dq, &dk, &dv}) x->resize(n);
}

std::size_t Problem::bytes(bool with_backward) const {
  const std::size_t forward = 4 * shape.elements() + lse.size();
  return sizeof(float) * (with_backward ? forward + 4 * shape.elements() : forward);
}

mixers::kernel::Problem<float> Problem::call(int threads) const {
  mixers::kernel::Problem<float> p;
  p.sequences.batch = shape.batch;
  p.sequences.queries = p.sequences.keys = shape.time;
  p.heads = p.kv_heads = shape.heads;
  p.dim = p.value_dim = shape.dim;
  p.q = view(q.data());
  p.k = view<const void>(k.data());
  p.v = view<const void>(v.data());
  p.threads = threads;
  return p;
}

void Problem::forward(int threads) {
  mixers::kernel::forward<float>(call(threads), params, view(out.data()), lse.data());
}

void Problem::round_inputs() {
  const auto round = [](std::vector<float>& x, std::vector<std::uint16_t>& narrow) {
    for (float& number : x) {
      std::uint32_t bits = 0;
      std::memcpy(&bits, &number, sizeof bits);
      bits = (bits + 0x7FFFU + (bits >> 16 & 1U)) & 0xFFFF0000U;  // to the nearest, ties to even
      std::memcpy(&number, &bits, sizeof bits);
      narrow.push_back(static_cast<std::uint16_t>(bits >> 16));
    }
  };
  round(q, q16);
  round(k, k16);
  round(v, v16);
  out16.resize(out.size());
}

void Problem::forward_bfloat16(int threads) {
  mixers::kernel::Bfloat16Problem p;
  p.sequences.batch = shape.batch;
  p.sequences.queries = p.sequences.keys = shape.time;
  p.heads = p.kv_heads = shape.heads;
  p.dim = p.value_dim = shape.dim;
  p.q = view<const std::uint16_t>(q16.data());
  p.k = view<const std::uint16_t>(k16.data());
  p.v = view<const std::uint16_t>(v16.data());
  p.threads = threads;
  mixers::kernel::forward_bfloat16(p, params, view(out16.data()), lse.data());
}

void Problem::widen_output() {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint32_t bits = std::uint32_t{out16[i]} << 16;
    std::memcpy(&out[i], &bits, sizeof bits);
  }
}

void Problem::backward(int threads) {
  const mixers::kernel::Gradients<float> gradients{view(dq.data()), view(dk.data()), view(dv.data()),
                                                   nullptr};
  mixers::kernel::backward<float>(call(threads), params, view<const float>(out.data()), lse.data(),
                                  view<const float>(grad.data()), gradients);
}

}  // namespace yore::bench
