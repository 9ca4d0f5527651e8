// The kernel against the definition (ref.h): every target of this machine, float and double, values and
// gradients, the two ways it has of computing them, and what must not leak.
#include "yore/mixers/attention/kernel.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <hwy/base.h>

#include <cmath>
#include <complex>
#include <cstring>
#include <iostream>
#include <limits>

#include "yore/base/random.h"
#include "yore/kernels/targets.h"
#include "yore/mixers/attention/ref.h"
#include "yore/mixers/attention/visible.h"

namespace yore::mixers::kernel {
namespace {

using Complex = std::complex<double>;

struct Case {
  std::string name;
  std::vector<int> lookback;
  bool strict = false;
  int kv_heads = 0;  ///< 0 = as many as heads
  int dim = 8, value_dim = 8;
  std::vector<std::pair<int, int>> lengths;  ///< (queries, keys) of each sequence
  int sinks = 0;
  bool sink_logits = false, alibi = false, packed = false;

  int heads() const { return static_cast<int>(lookback.size()); }
  int kv() const { return kv_heads == 0 ? heads() : kv_heads; }
  AttentionParams params() const {
    AttentionParams p;
    p.lookback = lookback;
    p.strict = strict;
    p.scale = 0.4;
    p.sinks = sinks;
    if (alibi)
      for (int h = 0; h < heads(); ++h) p.alibi_slopes.push_back(0.03 * (h + 1));
    return p;
  }
};

/// Number d of head h of a row of [rows, heads, dim].
std::size_t number_at(std::int64_t row, int heads, int h, int dim, int d) {
  return static_cast<std::size_t>((row * heads + h) * dim + d);
}

std::vector<Case> cases() {
  const std::vector<int> mixed = {-1, 0, 1, 3, 7, 8, 20, 64, 100};
  std::vector<Case> list;
  for (bool strict : {false, true}) {
    const std::string s = strict ? " strict" : "";
    list.push_back(
        {"short" + s, mixed, strict, 0, 5, 3, {{1, 1}, {2, 2}, {9, 9}, {17, 17}}, 0, false, false, true});
    list.push_back({"long" + s, mixed, strict, 0, 16, 16, {{200, 200}}});
    list.push_back({"odd dims" + s, {-1, 2, 70}, strict, 0, 33, 70, {{131, 131}}});
    list.push_back({"alibi" + s, {-1, 2, 30, 90}, strict, 0, 8, 4, {{150, 150}}, 0, false, true});
    list.push_back({"grouped" + s,
                    {-1, 2, 30, 70, 5, 40},
                    strict,
                    2,
                    12,
                    12,
                    {{140, 140}, {65, 65}},
                    0,
                    false,
                    false,
                    true});
    list.push_back({"one key head" + s, {100, 33, 64}, strict, 1, 16, 16, {{129, 129}}});
    list.push_back({"fewer queries" + s,
                    {-1, 2, 50},
                    strict,
                    0,
                    8,
                    8,
                    {{1, 90}, {3, 90}, {40, 180}, {64, 65}},
                    0,
                    false,
                    false,
                    true});
    list.push_back({"more queries" + s,
                    {-1, 2, 50},
                    strict,
                    0,
                    8,
                    8,
                    {{90, 20}, {70, 1}, {10, 2}},
                    0,
                    false,
                    false,
                    true});
    list.push_back({"no keys" + s,
                    {-1, 2, 50},
                    strict,
                    0,
                    8,
                    8,
                    {{5, 0}, {0, 3}, {80, 0}, {4, 4}},
                    0,
                    false,
                    false,
                    true});
    list.push_back({"sinks" + s, {-1, 1, 5, 20, 66}, strict, 0, 8, 8, {{190, 190}}, 4});
    list.push_back(
        {"many sinks" + s, {2, 20, 66}, strict, 0, 8, 8, {{230, 230}, {100, 170}}, 70, true, false, true});
    list.push_back({"sink logits" + s, mixed, strict, 3, 8, 8, {{90, 90}, {3, 3}}, 0, true, false, true});
    list.push_back({"batch" + s, {-1, 2, 40}, strict, 0, 8, 8, {{75, 75}, {75, 75}, {75, 75}}});
    list.push_back({"batch of few queries" + s, {-1, 30, 1}, strict, 0, 64, 64, {{2, 75}, {2, 75}}});
  }
  list.push_back({"widest", {-1, 70}, false, 0, 256, 256, {{70, 70}}});
  list.push_back({"narrowest", {-1, 70, 1}, false, 0, 1, 1, {{90, 90}}});
  return list;
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

template <class Number, class T>
std::vector<Number> head_rows(const std::vector<T>& x, std::int64_t first, std::int64_t rows, int heads,
                              int h, int dim) {
  std::vector<Number> out;
  for (std::int64_t r = first; r < first + rows; ++r)
    for (int d = 0; d < dim; ++d)
      out.push_back(Number(x[static_cast<std::size_t>((r * heads + h) * dim + d)]));
  return out;
}

ref::Head head_of(const Case& c, std::size_t b, int h) {
  const AttentionParams p = c.params();
  return {c.lengths[b].first,
          c.lengths[b].second,
          c.dim,
          c.value_dim,
          c.lookback[static_cast<std::size_t>(h)],
          c.strict,
          c.sinks,
          p.scale,
          p.alibi_slopes.empty() ? 0.0 : p.alibi_slopes[static_cast<std::size_t>(h)]};
}

/// Relative error that arithmetic in T may bring into weights and sums of this case. A score sums D products
/// of numbers below 1 and the bias; exp turns its error into a relative one; sums have at most T terms; the
/// kernel's exp and divisions add a few ulp.
template <class T>
double relative_error(const Case& c) {
  double longest = 1;
  for (auto [nq, nk] : c.lengths) longest = std::max({longest, double(nq), double(nk)});
  const double score = 0.4 * c.dim + (c.alibi ? 0.03 * c.heads() * longest : 0.0) + 1;
  return std::numeric_limits<T>::epsilon() * (2 * (c.dim + 4) * score + longest + c.value_dim + 16);
}

struct Worst {
  double ratio = 0;
  std::string where;
  void see(double error, double allowed, const std::string& place) {
    if (!(error <= ratio * allowed)) ratio = error / allowed, where = place;  // NaN counts
  }
};

template <class T>
double expect_values(const Case& c, const Arrays<T>& a) {
  Worst worst;
  const double allowed = 2 * relative_error<T>(c);
  for (std::size_t b = 0; b < c.lengths.size(); ++b)
    for (int h = 0; h < c.heads(); ++h) {
      const ref::Head head = head_of(c, b, h);
      const int g = h / (c.heads() / c.kv());
      const Complex sink = c.sink_logits ? Complex(a.sinks[static_cast<std::size_t>(h)]) : Complex(0);
      std::vector<Complex> lse;
      const auto expected =
          ref::attention(head_rows<Complex>(a.q, a.query_starts[b], head.queries, c.heads(), h, c.dim),
                         head_rows<Complex>(a.k, a.key_starts[b], head.keys, c.kv(), g, c.dim),
                         head_rows<Complex>(a.v, a.key_starts[b], head.keys, c.kv(), g, c.value_dim), head,
                         c.sink_logits ? &sink : nullptr, &lse);
      for (int i = 0; i < head.queries; ++i) {
        const std::int64_t row = (a.query_starts[b] + i) * c.heads() + h;
        const T got_lse = a.lse[a.kGuard + static_cast<std::size_t>(row)];
        const double wanted = lse[static_cast<std::size_t>(i)].real();
        const std::string place = fmt::format("sequence {} head {} row {}", b, h, i);
        if (std::isinf(wanted))
          EXPECT_EQ(got_lse, wanted) << place;
        else
          worst.see(std::abs(got_lse - wanted), allowed * (1 + std::abs(wanted)), "lse of " + place);
        for (int d = 0; d < c.value_dim; ++d)
          worst.see(std::abs(static_cast<double>(
                                 a.out[a.kGuard + static_cast<std::size_t>(row * c.value_dim + d)]) -
                             expected[number_at(i, 1, 0, c.value_dim, d)].real()),
                    allowed, place);
      }
    }
  EXPECT_LE(worst.ratio, 1) << c.name << ": " << worst.where << ", error/allowed " << worst.ratio;
  return worst.ratio;
}

/// The derivative of sum(grad_out * out) along a direction of the inputs, by complex step on the definition
/// and from the kernel's gradients. Directions: all of one input at random signs, and single numbers.
template <class T>
double expect_gradients(const Case& c, const Arrays<T>& a, std::uint64_t seed) {
  base::Random random(seed);
  constexpr double kStep = 1e-40;
  Worst worst;
  const std::vector<T>* inputs[] = {&a.q, &a.k, &a.v, &a.sinks};
  const std::vector<T>* grads[] = {&a.grad_q, &a.grad_k, &a.grad_v, &a.grad_sinks};
  const char* names[] = {"q", "k", "v", "sink logits"};
  for (int input = 0; input < 4; ++input) {
    const std::size_t size = inputs[input]->size();
    for (int direction = 0; direction < (size == 0 ? 0 : 6); ++direction) {
      std::vector<double> u(size, 0.0);
      if (direction < 2)
        for (double& x : u) x = random.uniform() < 0.5 ? -1 : 1;
      else
        u[static_cast<std::size_t>(random.uniform() * static_cast<double>(size))] = 1;
      std::vector<Complex> x[4];
      for (int i = 0; i < 4; ++i)
        for (std::size_t n = 0; n < inputs[i]->size(); ++n)
          x[i].push_back(Complex((*inputs[i])[n], i == input ? kStep * u[n] : 0.0));
      double expected = 0, rows = 0;
      for (std::size_t b = 0; b < c.lengths.size(); ++b)
        for (int h = 0; h < c.heads(); ++h) {
          const ref::Head head = head_of(c, b, h);
          const int g = h / (c.heads() / c.kv());
          const auto out =
              ref::attention(head_rows<Complex>(x[0], a.query_starts[b], head.queries, c.heads(), h, c.dim),
                             head_rows<Complex>(x[1], a.key_starts[b], head.keys, c.kv(), g, c.dim),
                             head_rows<Complex>(x[2], a.key_starts[b], head.keys, c.kv(), g, c.value_dim),
                             head, c.sink_logits ? &x[3][static_cast<std::size_t>(h)] : nullptr);
          const auto weight =
              head_rows<double>(a.grad_out, a.query_starts[b], head.queries, c.heads(), h, c.value_dim);
          for (std::size_t n = 0; n < out.size(); ++n) expected += weight[n] * out[n].imag() / kStep;
          rows += head.queries;
        }
      double got = 0;
      for (std::size_t n = 0; n < size; ++n) got += static_cast<double>((*grads[input])[a.kGuard + n]) * u[n];
      // |d out| along one row is at most that of a score, 2 |v| |d s| with |d s| <= scale * D, or that of v.
      const double per_row = c.value_dim * std::max(1.0, 2 * 0.4 * c.dim);
      worst.see(std::abs(got - expected), 2 * relative_error<T>(c) * per_row * std::max(1.0, rows),
                fmt::format("{} direction {}: got {}, expected {}", names[input], direction, got, expected));
    }
  }
  EXPECT_LE(worst.ratio, 1) << c.name << ": " << worst.where << ", error/allowed " << worst.ratio;
  return worst.ratio;
}

class OnTarget : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { kernels::choose_target(GetParam()); }
  void TearDown() override {
    EXPECT_EQ(kernels::last_target(), GetParam()) << "another target ran";
    kernels::choose_target("");
  }
};
INSTANTIATE_TEST_SUITE_P(Attention, OnTarget, testing::ValuesIn(kernels::available_targets()),
                         [](const auto& target) { return target.param; });

template <class T>
void check_all() {
  std::uint64_t seed = 1;
  double values = 0, gradients = 0;
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    Arrays<T> a(c, ++seed);
    a.run(c);
    a.expect_fences();
    values = std::max(values, expect_values(c, a));
    gradients = std::max(gradients, expect_gradients(c, a, seed + 1000));
  }
  std::cout << "  measured/allowed: values " << values << ", gradients " << gradients << "\n";
}
TEST_P(OnTarget, FloatEqualsTheDefinition) {
  check_all<float>();
}
TEST_P(OnTarget, DoubleEqualsTheDefinition) {
  check_all<double>();
}

TEST_P(OnTarget, ThreadsDoNotChangeABit) {
  for (const Case& c :
       {Case{"one long sequence", {-1, 3, 200}, false, 0, 16, 16, {{1500, 1500}}},
        Case{"many", {-1, 2, 40, 70}, true, 2, 8, 8, {{75, 75}, {300, 300}, {1, 1}}, 0, true, false, true}}) {
    Arrays<float> one(c, 5), three(c, 5);
    one.run(c, 1);
    three.run(c, 3);
    const auto same = [](const std::vector<float>& x, const std::vector<float>& y) {
      return std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0;
    };
    EXPECT_TRUE(same(one.out, three.out) && same(one.lse, three.lse)) << c.name;
    EXPECT_TRUE(same(one.grad_q, three.grad_q) && same(one.grad_k, three.grad_k) &&
                same(one.grad_v, three.grad_v) && same(one.grad_sinks, three.grad_sinks))
        << c.name;
  }
}

/// A poisoned key or value may reach rows that see it and no others; the same for gradients.
TEST_P(OnTarget, PoisonStaysWhereItIsSeen) {
  for (bool strict : {false, true})
    for (int poisoned : {0, 3, 70, 128}) {
      Case c{"poison", {-1, 2, 7, 40, 70}, strict, 0, 8, 8, {{130, 130}}, 2};
      Arrays<float> clean(c, 9), dirty(c, 9);
      for (int h = 0; h < c.heads(); ++h)
        for (int d = 0; d < c.dim; ++d) {
          const auto at = number_at(poisoned, c.heads(), h, c.dim, d);
          dirty.k[at] = std::numeric_limits<float>::quiet_NaN();
          dirty.v[at] = std::numeric_limits<float>::infinity();
        }
      clean.run(c);
      dirty.run(c);
      for (int h = 0; h < c.heads(); ++h) {
        const ref::Head head = head_of(c, 0, h);
        for (int i = 0; i < head.queries; ++i) {
          const bool sees = ref::visible(head, i, poisoned);
          for (int d = 0; d < c.dim; ++d) {
            const auto at = clean.kGuard + number_at(i, c.heads(), h, c.dim, d);
            if (sees) continue;
            ASSERT_EQ(clean.out[at], dirty.out[at])
                << "head " << h << " row " << i << " poisoned " << poisoned;
            ASSERT_EQ(clean.grad_q[at], dirty.grad_q[at]) << "head " << h << " row " << i;
          }
        }
        // A key's gradient gathers from the rows that see it; those that also see the poison are lost.
        for (int j = 0; j < head.keys; ++j) {
          bool lost = false;
          for (int i = 0; i < head.queries; ++i)
            lost = lost || (ref::visible(head, i, j) && ref::visible(head, i, poisoned));
          for (int d = 0; d < c.dim && !lost; ++d) {
            const auto at = clean.kGuard + number_at(j, c.heads(), h, c.dim, d);
            ASSERT_EQ(clean.grad_k[at], dirty.grad_k[at]) << "head " << h << " key " << j;
            ASSERT_EQ(clean.grad_v[at], dirty.grad_v[at]) << "head " << h << " key " << j;
          }
        }
      }
    }
}

/// What is seen must show, even by a row that sees nothing else.
TEST_P(OnTarget, PoisonIsNotHiddenEither) {
  Case c{"poison", {-1, 1, 7, 40, 70}, true, 0, 8, 8, {{130, 130}}};
  Arrays<float> a(c, 9);
  const int poisoned = 3;
  for (int h = 0; h < c.heads(); ++h) a.k[number_at(poisoned, c.heads(), h, c.dim, 0)] = NAN;
  a.run(c);
  for (int h = 0; h < c.heads(); ++h)
    for (int i = 0; i < 130; ++i)
      EXPECT_EQ(std::isnan(a.out[a.kGuard + number_at(i, c.heads(), h, c.dim, 0)]),
                ref::visible(head_of(c, 0, h), i, poisoned))
          << "head " << h << " row " << i;
}

/// A poisoned query or output gradient reaches its own row and the gradients of the keys it sees, and no
/// others.
TEST_P(OnTarget, PoisonedQueriesReachOnlyTheirKeys) {
  for (int poisoned : {0, 5, 63, 64, 129}) {
    Case c{"poison", {-1, 2, 7, 40, 70}, true, 0, 8, 8, {{130, 130}}, 2};
    Arrays<float> clean(c, 9), dirty(c, 9);
    const auto at = [&](int row, int h, int d) { return number_at(row, c.heads(), h, c.dim, d); };
    for (int h = 0; h < c.heads(); ++h) {
      dirty.q[at(poisoned, h, 1)] = std::numeric_limits<float>::quiet_NaN();
      dirty.grad_out[at(poisoned, h, 2)] = std::numeric_limits<float>::infinity();
    }
    clean.run(c);
    dirty.run(c);
    for (int h = 0; h < c.heads(); ++h)
      for (int row = 0; row < 130; ++row)
        for (int d = 0; d < c.dim; ++d) {
          const std::size_t i = clean.kGuard + at(row, h, d);
          if (row != poisoned) {
            ASSERT_EQ(clean.out[i], dirty.out[i]) << "head " << h << " row " << row;
            ASSERT_EQ(clean.grad_q[i], dirty.grad_q[i]) << "head " << h << " row " << row;
          }
          if (ref::visible(head_of(c, 0, h), poisoned, row)) continue;
          ASSERT_EQ(clean.grad_k[i], dirty.grad_k[i]) << "head " << h << " key " << row;
          ASSERT_EQ(clean.grad_v[i], dirty.grad_v[i]) << "head " << h << " key " << row;
        }
  }
}

/// Keys and values in 16 bits give what their widened copies give, bit for bit.
TEST_P(OnTarget, NarrowStorageIsWidened) {
  const Case c{"narrow", {-1, 2, 30}, false, 0, 24, 20, {{100, 100}}};
  const auto round = [&](auto zero, Storage storage) {
    using Stored = decltype(zero);
    Arrays<float> wide(c, 3), narrow(c, 3);
    std::vector<Stored> k, v;
    const auto shrink = [](std::vector<float>& x, std::vector<Stored>& out) {
      for (float& value : x) {
        Stored stored;
        if constexpr (std::is_same_v<Stored, hwy::bfloat16_t>) {
          stored = hwy::BF16FromF32(value);
          value = hwy::F32FromBF16(stored);
        } else {  // eighths are exact in half precision: sign, exponent, mantissa by hand
          value = std::round(value * 8) / 8;
          const float size = std::abs(value);
          int exponent = 0;
          const float mantissa = std::frexp(size, &exponent);  // in [1/2, 1)
          const auto bits = size == 0 ? 0u
                                      : static_cast<unsigned>((exponent + 14) << 10) +
                                            static_cast<unsigned>((mantissa * 2 - 1) * 1024);
          const auto all = static_cast<std::uint16_t>(bits | (std::signbit(value) ? 0x8000u : 0u));
          std::memcpy(&stored, &all, sizeof(all));
        }
        out.push_back(stored);
      }
    };
    shrink(wide.k, k);
    shrink(wide.v, v);
    wide.run(c);
    Problem<float> p = narrow.problem(c);
    p.k.data = k.data();
    p.v.data = v.data();
    p.storage = storage;
    forward<float>(p, c.params(),
                   Arrays<float>::view(narrow.out.data() + narrow.kGuard, c.heads(), c.value_dim, 100),
                   narrow.lse.data() + narrow.kGuard);
    EXPECT_EQ(0, std::memcmp(wide.out.data(), narrow.out.data(), wide.out.size() * sizeof(float)));
  };
  round(hwy::bfloat16_t(), Storage::BFloat16);
  round(hwy::float16_t(), Storage::Float16);
}

TEST(AttentionTargets, AllOfThisMachineAreTested) {
  const std::vector<std::string> targets = kernels::available_targets();
  ASSERT_GE(targets.size(), 1u);
  EXPECT_EQ(kernels::chosen_target(), targets.front());
  EXPECT_THROW(kernels::choose_target("AVX9"), std::invalid_argument);
}

}  // namespace
}  // namespace yore::mixers::kernel
