// Attention with products in bfloat16 against the definition (ref.h) in double, on numbers that bfloat16
// holds: within what rounding the weights allows, and exactly the same however the work is divided.
#include "yore/mixers/attention/bfloat16.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <iostream>
#include <limits>
#include <vector>

#include "yore/mixers/attention/kernel_test_cases.h"

namespace yore::mixers::kernel {
namespace {

using testing::Arrays;
using testing::Case;
using testing::head_of;
using testing::head_rows;
using testing::number_at;
using testing::relative_error;
using testing::Worst;

/// Half of the distance from one bfloat16 to the next, of the number: it has 8 significant bits.
constexpr double kRounding = 1.0 / 256;
/// Relative error of a weight before it is rounded, beside that of its score (PairExp2).
constexpr double kExp = 3e-6;

float widened(std::uint16_t x) {
  const std::uint32_t bits = std::uint32_t{x} << 16;
  float number = 0;
  std::memcpy(&number, &bits, sizeof number);
  return number;
}

/// The upper half of x's bits.
std::uint16_t cut(float x) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &x, sizeof bits);
  return static_cast<std::uint16_t>(bits >> 16);
}

/// The arrays of a case with inputs that bfloat16 holds, and those in bfloat16.
struct Bfloat16Arrays : Arrays<float> {
  std::vector<std::uint16_t> q16, k16, v16, out16;

  Bfloat16Arrays(const Case& c, std::uint64_t seed) : Arrays<float>(c, seed) {
    out16.assign(out.size(), cut(std::numeric_limits<float>::quiet_NaN()));
    narrow();
  }
  /// After a change of q, k or v.
  void narrow() {
    const auto each = [](std::vector<float>& from, std::vector<std::uint16_t>& to) {
      to.clear();
      for (float& x : from) {
        to.push_back(cut(x));
        x = widened(to.back());
      }
    };
    each(q, q16);
    each(k, k16);
    each(v, v16);
  }
  Bfloat16Problem narrow_problem(const Case& c, int threads = 1) const {
    const Problem<float> wide = problem(c, threads);
    Bfloat16Problem p;
    p.sequences = wide.sequences;
    p.heads = wide.heads;
    p.kv_heads = wide.kv_heads;
    p.dim = wide.dim;
    p.value_dim = wide.value_dim;
    p.q = view<const std::uint16_t>(q16.data(), c.heads(), c.dim, p.sequences.queries);
    p.k = view<const std::uint16_t>(k16.data(), c.kv(), c.dim, p.sequences.keys);
    p.v = view<const std::uint16_t>(v16.data(), c.kv(), c.value_dim, p.sequences.keys);
    p.sink_logits = wide.sink_logits;
    p.threads = threads;
    return p;
  }
  void run_narrow(const Case& c, const AttentionParams& params, int threads = 1) {
    const Bfloat16Problem p = narrow_problem(c, threads);
    forward_bfloat16(p, params, view(out.data() + kGuard, c.heads(), c.value_dim, p.sequences.queries),
                     lse.data() + kGuard);
    forward_bfloat16(p, params, view(out16.data() + kGuard, c.heads(), c.value_dim, p.sequences.queries),
                     nullptr);
  }
};

/// The largest share of the allowed error. An output may err by kRounding of its weighted average of |v|
/// (the same head with |v| for v), by what float may do to either, and in out16 by one rounding more.
double expect_near(const Case& c, const Bfloat16Arrays& a, const AttentionParams& params) {
  Worst worst;
  // relative_error() is of the scale 0.4, and a score errs as its scale is.
  const double in_float = 2 * (relative_error<float>(c) * std::max(1.0, *params.scale / 0.4) + kExp);
  for (std::size_t b = 0; b < c.lengths.size(); ++b)
    for (int h = 0; h < c.heads(); ++h) {
      ref::Head head = head_of(c, b, h);
      head.scale = params.scale;
      const int g = h / (c.heads() / c.kv());
      const auto rows = [&](const std::vector<float>& x, std::int64_t first, int count, int heads, int which,
                            int dim) { return head_rows<double>(x, first, count, heads, which, dim); };
      const auto q = rows(a.q, a.query_starts[b], head.queries, c.heads(), h, c.dim),
                 k = rows(a.k, a.key_starts[b], head.keys, c.kv(), g, c.dim);
      auto v = rows(a.v, a.key_starts[b], head.keys, c.kv(), g, c.value_dim);
      const double sink = c.sink_logits ? a.sinks[static_cast<std::size_t>(h)] : 0;
      const double* sink_logit = c.sink_logits ? &sink : nullptr;
      std::vector<double> lse;
      const auto expected = ref::attention(q, k, v, head, sink_logit, &lse);
      for (double& x : v) x = std::abs(x);
      const auto sizes = ref::attention(q, k, v, head, sink_logit);
      for (int i = 0; i < head.queries; ++i) {
        const std::int64_t row = (a.query_starts[b] + i) * c.heads() + h;
        const float got = a.lse[a.kGuard + static_cast<std::size_t>(row)];
        const double wanted = lse[static_cast<std::size_t>(i)];
        const std::string place = fmt::format("sequence {} head {} row {}", b, h, i);
        if (std::isinf(wanted))
          EXPECT_EQ(got, wanted) << place;
        else
          worst.see(std::abs(got - wanted), in_float * (1 + std::abs(wanted)), "lse of " + place);
        for (int d = 0; d < c.value_dim; ++d) {
          const std::size_t n = number_at(i, 1, 0, c.value_dim, d);
          const std::size_t at = a.kGuard + static_cast<std::size_t>(row * c.value_dim + d);
          const double allowed = sizes[n] * (kRounding + in_float) + std::numeric_limits<float>::min();
          worst.see(std::abs(a.out[at] - expected[n]), allowed, place);
          worst.see(std::abs(widened(a.out16[at]) - expected[n]), allowed + kRounding * std::abs(a.out[at]),
                    place + " in bfloat16");
        }
      }
    }
  EXPECT_LE(worst.ratio, 1) << c.name << ": " << worst.where << ", error/allowed " << worst.ratio;
  return worst.ratio;
}

class AttentionBfloat16 : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_bfloat16_products()) GTEST_SKIP() << "this processor has no AVX-512-BF16";
  }
};

TEST_F(AttentionBfloat16, EqualsTheDefinitionWithinItsRoundings) {
  std::uint64_t seed = 70;
  double most = 0;
  for (const Case& c : testing::cases()) {
    SCOPED_TRACE(c.name);
    Bfloat16Arrays a(c, ++seed);
    a.run_narrow(c, c.params());
    for (std::size_t i = 0; i < a.kGuard; ++i) {
      ASSERT_TRUE(std::isnan(a.out[i]) && std::isnan(a.lse[i]) && std::isnan(widened(a.out16[i])));
      ASSERT_TRUE(std::isnan(a.out[a.out.size() - 1 - i]) && std::isnan(a.lse[a.lse.size() - 1 - i]) &&
                  std::isnan(widened(a.out16[a.out16.size() - 1 - i])));
    }
    most = std::max(most, expect_near(c, a, c.params()));
  }
  std::cout << "  measured/allowed " << most << "\n";
  EXPECT_GT(most, 0.1) << "the bound is no bound of this";
}

TEST_F(AttentionBfloat16, ScalesOfEverySign) {
  const Case c{"scales", {-1, 40}, false, 0, 24, 40, {{150, 150}}};
  for (const double scale : {-0.4, 0.0, 1e-3, 3.0}) {
    SCOPED_TRACE(scale);
    Bfloat16Arrays a(c, 5);
    AttentionParams params = c.params();
    params.scale = scale;
    a.run_narrow(c, params);
    expect_near(c, a, params);
  }
}

/// Scores thousands apart: weights are 0 or 1, and nothing overflows on the way.
TEST_F(AttentionBfloat16, WeightsThatVanishAreZero) {
  const Case c{"far apart", {-1}, false, 0, 2, 16, {{200, 200}}};
  Bfloat16Arrays a(c, 6);
  for (std::size_t j = 0; j < 200; ++j) {
    a.q[2 * j] = a.q[2 * j + 1] = 64;
    a.k[2 * j] = a.k[2 * j + 1] = j == 3 ? 32.0F : -32.0F;
  }
  a.narrow();
  a.run_narrow(c, c.params());
  for (std::size_t i = 3; i < 200; ++i)
    for (std::size_t d = 0; d < 16; ++d)
      ASSERT_EQ(a.out[a.kGuard + i * 16 + d], a.v[3 * 16 + d]) << i << ", " << d;
}

/// What a query does not see may be anything.
TEST_F(AttentionBfloat16, HiddenNumbersNeverLeak) {
  const Case c{"hidden", {-1, 5, 20, 64}, false, 0, 16, 18, {{150, 150}}, 3};
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
    for (const std::size_t key : {std::size_t{60}, std::size_t{71}, std::size_t{149}}) {
      Bfloat16Arrays plain(c, 8), spoilt(c, 8);
      for (int h = 0; h < c.heads(); ++h) {
        spoilt.k[number_at(static_cast<std::int64_t>(key), c.heads(), h, c.dim, 1)] = bad;
        spoilt.v[number_at(static_cast<std::int64_t>(key), c.heads(), h, c.value_dim, 2)] = bad;
      }
      spoilt.narrow();
      plain.run_narrow(c, c.params());
      spoilt.run_narrow(c, c.params());
      for (int h = 0; h < c.heads(); ++h) {
        const ref::Head head = head_of(c, 0, h);
        for (int i = 0; i < 150; ++i)
          for (int d = 0; d < c.value_dim; ++d) {
            const std::size_t at = plain.kGuard + number_at(i, c.heads(), h, c.value_dim, d);
            if (ref::visible(head, i, static_cast<int>(key)))
              ASSERT_FALSE(d == 2 && std::isfinite(spoilt.out[at])) << h << ", " << i;
            else  // sums are made in another order beside what is not finite
              ASSERT_NEAR(spoilt.out[at], plain.out[at], 1e-5) << h << ", " << i << ", " << d;
          }
      }
    }
}

TEST_F(AttentionBfloat16, ThreadsAndBatchesChangeNoBit) {
  const Case c{"batch", {-1, 2, 40, 200}, true, 2, 33, 20, {{300, 300}, {300, 300}, {300, 300}}, 5, true,
               true};
  Bfloat16Arrays one(c, 9), four(c, 9);
  one.run_narrow(c, c.params(), 1);
  four.run_narrow(c, c.params(), 4);
  const auto same = [](const auto& a, const auto& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(a[0])) == 0;
  };
  EXPECT_TRUE(same(one.out, four.out));
  EXPECT_TRUE(same(one.out16, four.out16));
  EXPECT_TRUE(same(one.lse, four.lse));
  Case alone = c;
  alone.lengths = {{300, 300}};
  Bfloat16Arrays last(alone, 9);
  last.sinks = one.sinks;
  const auto tail = [](const auto& all, auto& part) {
    part.assign(all.end() - static_cast<std::ptrdiff_t>(part.size()), all.end());
  };
  tail(one.q, last.q);
  tail(one.k, last.k);
  tail(one.v, last.v);
  last.narrow();
  last.run_narrow(alone, alone.params());
  const std::size_t size = last.out.size() - 2 * last.kGuard;
  EXPECT_EQ(std::memcmp(last.out.data() + last.kGuard, one.out.data() + one.kGuard + 2 * size,
                        size * sizeof(float)),
            0);
}

TEST(AttentionBfloat16Checks, RefusesWhatDoesNotFit) {
  const Case c{"refused", {-1}, false, 0, 8, 8, {{4, 4}}};
  Bfloat16Arrays a(c, 1);
  const auto message = [&](const auto& change) {
    Bfloat16Problem p = a.narrow_problem(c);
    change(p);
    try {
      forward_bfloat16(p, c.params(), Arrays<float>::view(a.out.data(), 1, 8, 4), nullptr);
    } catch (const std::invalid_argument& refused) {
      return std::string(refused.what());
    }
    return std::string();
  };
  if (!has_bfloat16_products()) {
    EXPECT_EQ(message([](Bfloat16Problem&) {}),
              "kernel::forward_bfloat16: this processor has no AVX-512-BF16");
    EXPECT_FALSE(prefers_bfloat16_products());
    return;
  }
  EXPECT_EQ(message([](Bfloat16Problem&) {}), "");
  EXPECT_EQ(message([](Bfloat16Problem& p) { p.dim = 257; }),
            "kernel::forward_bfloat16: dim: expected 1 to 256, got 257");
  EXPECT_EQ(message([](Bfloat16Problem& p) { p.v.data = nullptr; }),
            "kernel::forward_bfloat16: v: expected an address, got null");
  EXPECT_EQ(message([](Bfloat16Problem& p) {
              p.q.data = reinterpret_cast<const std::uint16_t*>(
                  reinterpret_cast<const unsigned char*>(p.q.data) + 1);
            }),
            "kernel::forward_bfloat16: q: expected an address that is a multiple of 2, got another");
}

}  // namespace
}  // namespace yore::mixers::kernel
