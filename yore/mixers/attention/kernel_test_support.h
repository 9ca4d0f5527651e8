// What the tests of the kernel share: a case, its arrays with a fence around each output, and the fixture
// that runs a test on every target of this machine.
#pragma once
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "yore/base/random.h"
#include "yore/kernels/targets.h"
#include "yore/mixers/attention/kernel.h"
#include "yore/mixers/attention/ref.h"

namespace yore::mixers::kernel::testing {

/// A shape of attention with its parameters.
struct Case {
  std::string name;
  std::vector<int> lookback;
  bool strict = false;
  int kv_heads = 0;  ///< 0 = as many as heads
  int dim = 8, value_dim = 8;
  std::vector<std::pair<int, int>> lengths;  ///< (queries, keys) of each sequence
  int sinks = 0;
  bool sink_logits = false, alibi = false, packed = false;
  double soft_cap = 0;

  int heads() const { return static_cast<int>(lookback.size()); }
  int kv() const { return kv_heads == 0 ? heads() : kv_heads; }
  AttentionParams params() const {
    AttentionParams p;
    p.lookback = lookback;
    p.strict = strict;
    p.scale = 0.4;
    p.sinks = sinks;
    p.soft_cap = soft_cap;
    if (alibi)
      for (int h = 0; h < heads(); ++h) p.alibi_slopes.push_back(0.03 * (h + 1));
    return p;
  }
};

/// Number d of head h of a row of [rows, heads, dim].
inline std::size_t number_at(std::int64_t row, int heads, int h, int dim, int d) {
  return static_cast<std::size_t>((row * heads + h) * dim + d);
}

/// All arrays of a case: inputs at random, outputs fenced and full of NaN so that what is not written shows.
template <class T>
struct Arrays {
  std::int64_t queries = 0, keys = 0;
  std::vector<std::int64_t> query_starts{0}, key_starts{0};
  std::vector<T> q, k, v, sinks, grad_out, out, lse, grad_q, grad_k, grad_v, grad_sinks;
  static constexpr std::size_t kGuard = 64;

  Arrays(const Case& c, std::uint64_t seed) {
    for (auto [nq, nk] : c.lengths) {
      query_starts.push_back(queries += nq);
      key_starts.push_back(keys += nk);
    }
    base::Random random(seed);
    const auto fill = [&](std::vector<T>& x, std::int64_t rows, int heads, int dim) {
      x.resize(static_cast<std::size_t>(rows * heads * dim));
      for (T& value : x) value = static_cast<T>(2 * random.uniform() - 1);
    };
    fill(q, queries, c.heads(), c.dim);
    fill(k, keys, c.kv(), c.dim);
    fill(v, keys, c.kv(), c.value_dim);
    fill(grad_out, queries, c.heads(), c.value_dim);
    if (c.sink_logits) fill(sinks, 1, c.heads(), 1);
    const auto fence = [](std::vector<T>& x, std::size_t size) {
      x.assign(size + 2 * kGuard, std::numeric_limits<T>::quiet_NaN());
    };
    fence(out, grad_out.size());
    fence(lse, static_cast<std::size_t>(queries * c.heads()));
    fence(grad_q, q.size());
    fence(grad_k, k.size());
    fence(grad_v, v.size());
    fence(grad_sinks, sinks.size());
  }
  Problem<T> problem(const Case& c, int threads = 1) const {
    Problem<T> p;
    if (c.packed) {
      p.sequences = {static_cast<std::int64_t>(c.lengths.size()), 0, 0, query_starts.data(),
                     key_starts.data()};
    } else {
      p.sequences = {static_cast<std::int64_t>(c.lengths.size()), c.lengths[0].first, c.lengths[0].second};
    }
    p.heads = c.heads();
    p.kv_heads = c.kv();
    p.dim = c.dim;
    p.value_dim = c.value_dim;
    p.q = view<const T>(q.data(), c.heads(), c.dim, p.sequences.queries);
    const auto kv = [&](const std::vector<T>& x, int dim) {
      const auto typed = view<const T>(x.data(), c.kv(), dim, p.sequences.keys);
      return View<const void>{typed.data, typed.batch, typed.time, typed.head};
    };
    p.k = kv(k, c.dim);
    p.v = kv(v, c.value_dim);
    p.sink_logits = sinks.empty() ? nullptr : sinks.data();
    p.threads = threads;
    return p;
  }
  template <class X>
  static View<X> view(X* data, int heads, int dim, std::int64_t length) {
    return {data, length * heads * dim, std::int64_t{heads} * dim, dim};
  }
  void run(const Case& c, int threads = 1) {
    const Problem<T> p = problem(c, threads);
    const AttentionParams params = c.params();
    forward<T>(p, params, view(out.data() + kGuard, c.heads(), c.value_dim, p.sequences.queries),
               lse.data() + kGuard);
    Gradients<T> g;
    g.q = view(grad_q.data() + kGuard, c.heads(), c.dim, p.sequences.queries);
    g.k = view(grad_k.data() + kGuard, c.kv(), c.dim, p.sequences.keys);
    g.v = view(grad_v.data() + kGuard, c.kv(), c.value_dim, p.sequences.keys);
    g.sink_logits = sinks.empty() ? nullptr : grad_sinks.data() + kGuard;
    backward<T>(p, params, view<const T>(out.data() + kGuard, c.heads(), c.value_dim, p.sequences.queries),
                lse.data() + kGuard,
                view<const T>(grad_out.data(), c.heads(), c.value_dim, p.sequences.queries), g);
  }
  void expect_fences() const {
    for (const std::vector<T>* x : {&out, &lse, &grad_q, &grad_k, &grad_v, &grad_sinks})
      for (std::size_t i = 0; i < kGuard; ++i) {
        ASSERT_TRUE(std::isnan((*x)[i]));
        ASSERT_TRUE(std::isnan((*x)[x->size() - 1 - i]));
      }
  }
};

/// Head h of sequence b, as the reference wants it.
inline ref::Head head_of(const Case& c, std::size_t b, int h) {
  const AttentionParams p = c.params();
  return {c.lengths[b].first,
          c.lengths[b].second,
          c.dim,
          c.value_dim,
          c.lookback[static_cast<std::size_t>(h)],
          c.strict,
          c.sinks,
          p.scale,
          p.alibi_slopes.empty() ? 0.0 : p.alibi_slopes[static_cast<std::size_t>(h)],
          p.soft_cap};
}

/// Its parameter is the target; kernel_test.cc instantiates it for the tests of all files.
class OnTarget : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { kernels::choose_target(GetParam()); }
  void TearDown() override {
    EXPECT_EQ(kernels::last_target(), GetParam()) << "another target ran";
    kernels::choose_target("");
  }
};

}  // namespace yore::mixers::kernel::testing
