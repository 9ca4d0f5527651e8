// The interface for C: the same numbers as kernel.h, which kernel_test.cc judges, for every layout it offers;
// and what it refuses. That the header is C: examples/attention.c, built by tests/package.
#include "yore/mixers/attention/c_api.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <thread>

#include "yore/base/random.h"
#include "yore/kernels/targets.h"
#include "yore/mixers/attention/bfloat16.h"
#include "yore/mixers/attention/kernel.h"
#include "yore/mixers/attention/ref.h"

namespace yore::mixers {
namespace {

template <class T>
std::vector<T> random_numbers(std::int64_t count, std::uint64_t seed) {
  std::vector<T> x(static_cast<std::size_t>(count));
  base::Random random(seed);
  for (T& each : x) each = static_cast<T>(2 * random.uniform() - 1);
  return x;
}

/// One call with arrays of its own: 2 sequences, 3 heads that read one key head, sinks, slopes, sink logits.
template <class T>
struct Fixture {
  static constexpr std::int64_t kBatch = 2, kQueries = 20, kKeys = 25;
  static constexpr int kHeads = 3, kDim = 8, kValueDim = 4;
  std::vector<T> q = random_numbers<T>(kBatch * kQueries * kHeads * kDim, 1),
                 k = random_numbers<T>(kBatch * kKeys * kDim, 2),
                 v = random_numbers<T>(kBatch * kKeys * kValueDim, 3), sink_logits = {T(0.5), T(-1), T(2)};
  std::vector<std::int32_t> lookback = {-1, 0, 12};
  std::vector<double> slopes = {0.1, 0.2, 0.3};
  std::vector<T> out = std::vector<T>(static_cast<std::size_t>(kBatch * kQueries * kHeads * kValueDim)),
                 lse = std::vector<T>(static_cast<std::size_t>(kBatch * kQueries * kHeads));
  yore_attention a{};

  Fixture() {
    a.size = sizeof a;
    a.type = a.kv_type = sizeof(T) == 4 ? YORE_F32 : YORE_F64;
    a.batch = kBatch;
    a.queries = kQueries;
    a.keys = kKeys;
    a.heads = kHeads;
    a.kv_heads = 1;
    a.dim = kDim;
    a.value_dim = kValueDim;
    a.q.data = q.data();
    a.k.data = k.data();
    a.v.data = v.data();
    a.lookback = lookback.data();
    a.sinks = 2;
    a.alibi_slopes = slopes.data();
    a.sink_logits = sink_logits.data();
    a.threads = 1;
    a.soft_cap = 0.5;
  }
  yore_output where() { return {out.data(), 0, 0, 0}; }
  int forward() { return yore_attention_forward(&a, where(), lse.data()); }

  /// The same call of kernel.h.
  kernel::Problem<T> problem() const {
    kernel::Problem<T> p;
    p.sequences = {kBatch, kQueries, kKeys};
    p.heads = kHeads;
    p.kv_heads = 1;
    p.dim = kDim;
    p.value_dim = kValueDim;
    p.q = {q.data(), kQueries * kHeads * kDim, kHeads * kDim, kDim};
    p.k = {k.data(), kKeys * kDim, kDim, kDim};
    p.v = {v.data(), kKeys * kValueDim, kValueDim, kValueDim};
    p.sink_logits = sink_logits.data();
    p.threads = 1;
    return p;
  }
  AttentionParams params() const {
    AttentionParams p;
    p.lookback.assign(lookback.begin(), lookback.end());
    p.strict = a.strict == 1;
    p.scale = 1 / std::sqrt(static_cast<double>(kDim));
    p.alibi_slopes = slopes;
    p.sinks = 2;
    p.soft_cap = a.soft_cap;
    return p;
  }
};

template <class T>
void expect_same_numbers_as_the_kernel() {
  for (int strict : {0, 1}) {
    Fixture<T> x;
    x.a.strict = strict;
    std::vector<T> out(x.out.size()), lse(x.lse.size());
    const kernel::View<T> view{out.data(), x.kQueries * x.kHeads * x.kValueDim, x.kHeads * x.kValueDim,
                               x.kValueDim};
    const kernel::View<const T> read{out.data(), view.batch, view.time, view.head};
    kernel::forward<T>(x.problem(), x.params(), view, lse.data());
    ASSERT_EQ(x.forward(), YORE_OK) << yore_last_error();
    EXPECT_EQ(x.out, out);
    EXPECT_EQ(x.lse, lse);

    const std::vector<T> cotangent = random_numbers<T>(static_cast<std::int64_t>(out.size()), 9);
    std::vector<T> gq(x.q.size()), gk(x.k.size()), gv(x.v.size()), gs(3), hq = gq, hk = gk, hv = gv, hs = gs;
    kernel::backward<T>(x.problem(), x.params(), read, lse.data(),
                        {cotangent.data(), view.batch, view.time, view.head},
                        {{gq.data(), x.kQueries * x.kHeads * x.kDim, x.kHeads * x.kDim, x.kDim},
                         {gk.data(), x.kKeys * x.kDim, x.kDim, x.kDim},
                         {gv.data(), x.kKeys * x.kValueDim, x.kValueDim, x.kValueDim},
                         gs.data()});
    yore_attention_gradients g{};
    g.size = sizeof g;
    g.q.data = hq.data();
    g.k.data = hk.data();
    g.v.data = hv.data();
    g.sink_logits = hs.data();
    ASSERT_EQ(
        yore_attention_backward(&x.a, {x.out.data(), 0, 0, 0}, x.lse.data(), {cotangent.data(), 0, 0, 0}, &g),
        YORE_OK)
        << yore_last_error();
    EXPECT_EQ(gq, hq);
    EXPECT_EQ(gk, hk);
    EXPECT_EQ(gv, hv);
    EXPECT_EQ(gs, hs);
  }
}

TEST(AttentionC, SameNumbersAsTheKernel) {
  expect_same_numbers_as_the_kernel<float>();
  expect_same_numbers_as_the_kernel<double>();
}

TEST(AttentionC, DefaultsAreTheDefinition) {
  Fixture<double> x;
  x.a.lookback = nullptr;
  x.a.alibi_slopes = nullptr;
  x.a.sink_logits = nullptr;
  x.a.sinks = 0;
  x.a.soft_cap = 0;
  x.a.batch = 1;
  x.a.heads = x.a.kv_heads = 1;
  ASSERT_EQ(yore_attention_forward(&x.a, x.where(), nullptr), YORE_OK) << yore_last_error();
  ref::Head head;
  head.queries = x.kQueries;
  head.keys = x.kKeys;
  head.dim = x.kDim;
  head.value_dim = x.kValueDim;
  head.strict = false;
  head.scale = 1 / std::sqrt(8.0);
  const std::vector<double> expected = ref::attention<double>(x.q, x.k, x.v, head);
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(x.out[i], expected[i], 64 * std::numeric_limits<double>::epsilon() * x.kKeys);
}

/// A struct of zeros but for shapes and arrays, and AttentionParams as it begins: the same bits.
TEST(AttentionC, DefaultsAreThoseOfCpp) {
  Fixture<double> x;
  yore_attention zero{};
  zero.size = sizeof zero;
  zero.type = zero.kv_type = YORE_F64;
  zero.batch = x.kBatch;
  zero.queries = x.kQueries;
  zero.keys = x.kKeys;
  zero.heads = x.kHeads;
  zero.kv_heads = 1;
  zero.dim = x.kDim;
  zero.value_dim = x.kValueDim;
  zero.q.data = x.q.data();
  zero.k.data = x.k.data();
  zero.v.data = x.v.data();
  ASSERT_EQ(yore_attention_forward(&zero, x.where(), x.lse.data()), YORE_OK) << yore_last_error();
  kernel::Problem<double> problem = x.problem();
  problem.sink_logits = nullptr;
  std::vector<double> out(x.out.size()), lse(x.lse.size());
  kernel::forward<double>(
      problem, {}, {out.data(), x.kQueries * x.kHeads * x.kValueDim, x.kHeads * x.kValueDim, x.kValueDim},
      lse.data());
  EXPECT_EQ(x.out, out);
  EXPECT_EQ(x.lse, lse);
}

/// A program that was compiled before a member came has a shorter struct; what lies behind it is not read.
TEST(AttentionC, StructsOfEarlierVersionsLackTheLatestMembers) {
  Fixture<float> old, now;
  old.a.size = offsetof(yore_attention, soft_cap);
  old.a.soft_cap = std::numeric_limits<double>::quiet_NaN();
  now.a.soft_cap = 0;
  ASSERT_EQ(old.forward(), YORE_OK) << yore_last_error();
  ASSERT_EQ(now.forward(), YORE_OK) << yore_last_error();
  EXPECT_EQ(old.out, now.out);
}

TEST(AttentionC, StridesAndNarrowKeys) {
  Fixture<float> x;
  ASSERT_EQ(x.forward(), YORE_OK) << yore_last_error();
  // The same numbers with time outermost and a hole behind every row of q and out.
  constexpr std::int64_t kRow = 27, kOutRow = 27;  // 3 heads of 8 + 1 and of 4 + 5
  std::vector<float> q(static_cast<std::size_t>(kRow * 2 * 20)),
      out(static_cast<std::size_t>(kOutRow * 2 * 20));
  for (std::size_t b = 0; b < 2; ++b)
    for (std::size_t i = 0; i < 20; ++i)
      for (std::size_t h = 0; h < 3; ++h)
        std::copy_n(&x.q[((b * 20 + i) * 3 + h) * 8], 8, &q[(i * 2 + b) * kRow + h * 9]);
  x.a.q = {q.data(), kRow, 2 * kRow, 9};
  ASSERT_EQ(yore_attention_forward(&x.a, {out.data(), kOutRow, 2 * kOutRow, 9}, nullptr), YORE_OK)
      << yore_last_error();
  for (std::size_t b = 0; b < 2; ++b)
    for (std::size_t i = 0; i < 20; ++i)
      for (std::size_t h = 0; h < 3; ++h)
        for (std::size_t d = 0; d < 4; ++d)
          EXPECT_EQ(out[(i * 2 + b) * kOutRow + h * 9 + d], x.out[((b * 20 + i) * 3 + h) * 4 + d]);

  std::vector<std::uint16_t> k, v;
  const auto upper_half = [](float& each) {  // cut the float down to what bfloat16 holds
    std::uint32_t bits = 0;
    std::memcpy(&bits, &each, 4);
    bits &= 0xffff0000u;
    std::memcpy(&each, &bits, 4);
    return static_cast<std::uint16_t>(bits >> 16);
  };
  for (float& each : x.k) k.push_back(upper_half(each));
  for (float& each : x.v) v.push_back(upper_half(each));
  ASSERT_EQ(x.forward(), YORE_OK) << yore_last_error();
  const std::vector<float> wide = x.out;
  x.a.kv_type = YORE_BF16;
  x.a.k.data = k.data();
  x.a.v.data = v.data();
  ASSERT_EQ(x.forward(), YORE_OK) << yore_last_error();
  EXPECT_EQ(x.out, wide);

  // Eight significant bits of numbers below 1 and above 2^-14 are exact in half as well.
  const auto half = [](float each) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &each, 4);
    return static_cast<std::uint16_t>((bits >> 16 & 0x8000u) | (((bits >> 23 & 0xffu) - 112) << 10) |
                                      (bits >> 13 & 0x3ffu));
  };
  std::transform(x.k.begin(), x.k.end(), k.begin(), half);
  std::transform(x.v.begin(), x.v.end(), v.begin(), half);
  x.a.kv_type = YORE_F16;
  ASSERT_EQ(x.forward(), YORE_OK) << yore_last_error();
  EXPECT_EQ(x.out, wide);
}

/// Queries, keys and values in bfloat16, for the call that multiplies them so.
struct Bfloat16Fixture : Fixture<float> {
  std::vector<std::uint16_t> q16 = upper_halves(q), k16 = upper_halves(k), v16 = upper_halves(v),
                             out16 = std::vector<std::uint16_t>(out.size());

  Bfloat16Fixture() {
    a.type = a.kv_type = YORE_BF16;
    a.q.data = q16.data();
    a.k.data = k16.data();
    a.v.data = v16.data();
  }
  static std::vector<std::uint16_t> upper_halves(const std::vector<float>& x) {
    std::vector<std::uint16_t> halves;
    for (const float each : x) {
      std::uint32_t bits = 0;
      std::memcpy(&bits, &each, sizeof bits);
      halves.push_back(static_cast<std::uint16_t>(bits >> 16));
    }
    return halves;
  }
};

TEST(AttentionC, ProductsInBfloat16AreTheKernels) {
  Bfloat16Fixture x;
  EXPECT_EQ(yore_has_bf16_products(), kernel::has_bfloat16_products() ? 1 : 0);
  const auto run = [&] { return yore_attention_forward_bf16(&x.a, x.where(), YORE_F32, x.lse.data()); };
  if (!kernel::has_bfloat16_products()) {
    EXPECT_EQ(run(), YORE_INVALID);
    EXPECT_STREQ(yore_last_error(),
                 "yore_attention_forward_bf16: processor: expected AVX-512-BF16, got one without");
    return;
  }
  ASSERT_EQ(run(), YORE_OK) << yore_last_error();
  const kernel::Problem<float> wide = x.problem();
  kernel::Bfloat16Problem p;
  p.sequences = wide.sequences;
  p.heads = wide.heads;
  p.kv_heads = wide.kv_heads;
  p.dim = wide.dim;
  p.value_dim = wide.value_dim;
  p.q = {x.q16.data(), wide.q.batch, wide.q.time, wide.q.head};
  p.k = {x.k16.data(), wide.k.batch, wide.k.time, wide.k.head};
  p.v = {x.v16.data(), wide.v.batch, wide.v.time, wide.v.head};
  p.sink_logits = wide.sink_logits;
  p.threads = 1;
  std::vector<float> out(x.out.size()), lse(x.lse.size());
  std::vector<std::uint16_t> out16(out.size());
  const auto view = [&]<class T>(T* data) {
    return kernel::View<T>{data, x.kQueries * x.kHeads * x.kValueDim, x.kHeads * x.kValueDim, x.kValueDim};
  };
  kernel::forward_bfloat16(p, x.params(), view(out.data()), lse.data());
  kernel::forward_bfloat16(p, x.params(), view(out16.data()), nullptr);
  EXPECT_EQ(x.out, out);
  EXPECT_EQ(x.lse, lse);
  ASSERT_EQ(yore_attention_forward_bf16(&x.a, {x.out16.data(), 0, 0, 0}, YORE_BF16, nullptr), YORE_OK)
      << yore_last_error();
  EXPECT_EQ(x.out16, out16);
  const auto refused = [&](const char* why) {
    EXPECT_EQ(run(), YORE_INVALID);
    EXPECT_EQ(yore_last_error(), "yore_attention_forward_bf16: " + std::string(why));
  };
  x.a.kv_type = YORE_F32;
  refused("kv_type: expected YORE_BF16, got 0");
  x.a.type = YORE_F32;
  refused("type: expected YORE_BF16, got 0");
  x.a.type = x.a.kv_type = YORE_BF16;
  x.a.kv_heads = 2;
  refused("kv_heads: expected a divisor of heads, 3, got 2");
  EXPECT_EQ(yore_attention_forward_bf16(&x.a, x.where(), YORE_F64, nullptr), YORE_INVALID);
  EXPECT_STREQ(yore_last_error(),
               "yore_attention_forward_bf16: out_type: expected YORE_F32 or YORE_BF16, got 1");
}

TEST(AttentionC, PackedEqualsEachSequenceAlone) {
  Fixture<double> x;
  const std::vector<std::int64_t> q_starts = {0, 7, 7, 40}, k_starts = {0, 9, 11, 50};
  x.a.batch = 3;
  x.a.queries = 40;
  x.a.keys = 50;
  x.a.query_starts = q_starts.data();
  x.a.key_starts = k_starts.data();
  ASSERT_EQ(x.forward(), YORE_OK) << yore_last_error();
  const std::vector<double> packed = x.out;
  for (std::size_t b = 0; b < 3; ++b) {
    Fixture<double> alone;
    alone.a.batch = 1;
    alone.a.queries = q_starts[b + 1] - q_starts[b];
    alone.a.keys = k_starts[b + 1] - k_starts[b];
    alone.a.q.data = x.q.data() + q_starts[b] * 3 * 8;
    alone.a.k.data = x.k.data() + k_starts[b] * 8;
    alone.a.v.data = x.v.data() + k_starts[b] * 4;
    ASSERT_EQ(alone.forward(), YORE_OK) << yore_last_error();
    for (std::size_t i = 0; i < static_cast<std::size_t>(alone.a.queries) * 3 * 4; ++i)
      EXPECT_EQ(alone.out[i], packed[static_cast<std::size_t>(q_starts[b]) * 3 * 4 + i]);
  }
}

TEST(AttentionC, WhatIsHiddenDoesNotLeak) {
  Fixture<float> x;
  x.a.sinks = 0;
  x.a.keys = x.kQueries;  // positions are rows
  x.lookback = {12, 1, 3};
  ASSERT_EQ(x.forward(), YORE_OK) << yore_last_error();
  const std::vector<float> clean = x.out;
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  for (std::size_t d = 0; d < 8; ++d) x.k[d] = kNaN;  // sequence 0, key 0: seen by queries 0..12
  for (std::size_t d = 0; d < 4; ++d) x.v[std::size_t{19} * 4 + d] = kNaN;  // key 19: seen by query 19 alone
  ASSERT_EQ(x.forward(), YORE_OK) << yore_last_error();
  for (std::size_t i = 13; i < 19; ++i)
    for (std::size_t d = 0; d < 12; ++d) EXPECT_EQ(x.out[i * 12 + d], clean[i * 12 + d]) << "query " << i;
  for (std::size_t i = std::size_t{20} * 12; i < clean.size(); ++i)
    EXPECT_EQ(x.out[i], clean[i]) << "other sequence";
}

/// What the text of a refusal says after `change`, with `out` untouched.
template <class Change>
std::string c_refusal(const Change& change) {
  Fixture<float> x;
  std::fill(x.out.begin(), x.out.end(), 7.0f);
  change(x.a);
  const int status = x.forward();
  EXPECT_TRUE(std::all_of(x.out.begin(), x.out.end(), [](float each) { return each == 7; }));
  return status == YORE_INVALID ? yore_last_error() : "status " + std::to_string(status);
}

TEST(AttentionC, RefusesWhatDoesNotFit) {
  using A = yore_attention;
  const std::string f = "yore_attention_forward: ";
  EXPECT_EQ(c_refusal([](A& a) { a.size = 8; }).substr(0, 56),
            (f + "attention->size: expected " + std::to_string(offsetof(A, soft_cap)) + " or " +
             std::to_string(sizeof(A)))
                .substr(0, 56));
  EXPECT_NE(c_refusal([](A& a) { a.size += 8; }).find("later version"), std::string::npos);
  EXPECT_NE(
      c_refusal([](A& a) { a.soft_cap = -1; }).find("soft_cap: expected 0 (none) or 1e-30 to 1e30, got -1"),
      std::string::npos);
  EXPECT_EQ(c_refusal([](A& a) { a.type = YORE_BF16; }), f + "type: expected YORE_F32 or YORE_F64, got 2");
  EXPECT_EQ(c_refusal([](A& a) { a.kv_type = YORE_F64; }),
            f + "kv_type: expected YORE_F32, YORE_BF16 or YORE_F16 for a type of YORE_F32, got 1");
  EXPECT_EQ(c_refusal([](A& a) { a.kv_type = 9; }).find(f + "kv_type: "), 0u);
  EXPECT_EQ(c_refusal([](A& a) { a.kv_heads = 2; }), f + "kv_heads: expected a divisor of heads, 3, got 2");
  EXPECT_EQ(c_refusal([](A& a) { a.heads = 0; }), f + "heads: expected 1 to 2147483647, got 0");
  EXPECT_EQ(c_refusal([](A& a) { a.dim = 257; }), f + "dim: expected 1 to 256, got 257");
  EXPECT_EQ(c_refusal([](A& a) { a.value_dim = 0; }), f + "value_dim: expected 1 to 256, got 0");
  EXPECT_EQ(c_refusal([](A& a) { a.batch = -1; }).find(f + "batch: expected 0 to "), 0u);
  EXPECT_EQ(c_refusal([](A& a) { a.keys = std::int64_t{1} << 48; }).find(f + "k: expected fewer than 2^46"),
            0u);
  EXPECT_EQ(c_refusal([](A& a) { a.q.data = nullptr; }), f + "q: expected an address, got null");
  EXPECT_EQ(c_refusal([](A& a) { a.k.data = static_cast<const char*>(a.k.data) + 2; }),
            f + "k: expected an address that is a multiple of 4, got another");
  EXPECT_EQ(c_refusal([](A& a) { a.v.time = -4; }),
            f + "v.time: expected a stride of at least 0 within memory, got -4");
  EXPECT_EQ(c_refusal([](A& a) { a.strict = 2; }), f + "strict: expected 0 to 1, got 2");
  EXPECT_EQ(c_refusal([](A& a) { a.sinks = -1; }), f + "sinks: expected at least 0, got -1");
  EXPECT_EQ(c_refusal([](A& a) { a.threads = -1; }).find(f + "threads: "), 0u);
  EXPECT_EQ(c_refusal([](A& a) { a.scale = std::numeric_limits<double>::quiet_NaN(); }),
            f + "scale: expected a number from -1e30 to 1e30, got nan");
  static const std::int32_t lookback[] = {-1, -2, 0};
  EXPECT_EQ(c_refusal([](A& a) { a.lookback = lookback; }),
            f + "lookback[1]: expected -1 (the whole past) or at least 0, got -2");
  static const double slopes[] = {0, std::numeric_limits<double>::infinity(), 0};
  EXPECT_EQ(c_refusal([](A& a) { a.alibi_slopes = slopes; }),
            f + "alibi_slopes[1]: expected a number from -1e30 to 1e30, got inf");
  static const std::int64_t falling[] = {0, 30, 20}, late[] = {1, 20, 20}, good[] = {0, 20, 40},
                            rows[] = {0, 25, 50};
  const auto packed = [](A& a, const std::int64_t* query_starts, const std::int64_t* key_starts) {
    a.queries = 40;
    a.keys = 50;
    a.query_starts = query_starts;
    a.key_starts = key_starts;
  };
  EXPECT_EQ(c_refusal([&](A& a) { packed(a, falling, rows); }),
            f + "query_starts[2]: expected at least the one before, 30, got 20");
  EXPECT_EQ(c_refusal([&](A& a) { packed(a, late, rows); }), f + "query_starts[0]: expected 0, got 1");
  EXPECT_EQ(c_refusal([&](A& a) { packed(a, good, good); }),
            f + "key_starts[2]: expected the number of rows, 50, got 40");
  EXPECT_EQ(c_refusal([&](A& a) { packed(a, nullptr, rows); }),
            f + "query_starts and key_starts: expected both or neither, got key_starts alone");
}

TEST(AttentionC, RefusesBadOutputsAndGradients) {
  Fixture<float> x;
  EXPECT_EQ(yore_attention_forward(nullptr, x.where(), nullptr), YORE_INVALID);
  EXPECT_STREQ(yore_last_error(), "yore_attention_forward: attention: expected an address, got null");
  EXPECT_EQ(yore_attention_forward(&x.a, {x.out.data(), 240, 12, 3}, nullptr), YORE_INVALID);
  EXPECT_STREQ(
      yore_last_error(),
      "yore_attention_forward: out: expected strides under which no elements overlap, got 240, 12, 3");
  EXPECT_EQ(yore_attention_forward(&x.a, {nullptr, 0, 0, 0}, nullptr), YORE_INVALID);
  EXPECT_STREQ(yore_last_error(), "yore_attention_forward: out: expected an address, got null");

  const yore_input out{x.out.data(), 0, 0, 0};
  std::vector<float> gq(x.q.size()), gk(x.k.size()), gv(x.v.size()), gs(3);
  yore_attention_gradients g{
      sizeof g, {gq.data(), 0, 0, 0}, {gk.data(), 0, 0, 0}, {gv.data(), 0, 0, 0}, gs.data()};
  const auto refused = [&](const char* why) {
    EXPECT_EQ(yore_attention_backward(&x.a, out, x.lse.data(), out, &g), YORE_INVALID);
    EXPECT_EQ(yore_last_error(), "yore_attention_backward: " + std::string(why));
  };
  EXPECT_EQ(yore_attention_backward(&x.a, out, nullptr, out, &g), YORE_INVALID);
  EXPECT_STREQ(yore_last_error(), "yore_attention_backward: lse: expected what forward wrote, got null");
  EXPECT_EQ(yore_attention_backward(&x.a, out, x.lse.data(), out, nullptr), YORE_INVALID);
  EXPECT_STREQ(yore_last_error(), "yore_attention_backward: gradients: expected an address, got null");
  x.a.sink_logits = nullptr;
  refused("gradients->sink_logits: expected null where attention->sink_logits is, got an address");
  g.sink_logits = nullptr;
  g.k.data = nullptr;
  refused("gradients->k: expected an address, got null");
}

TEST(AttentionC, NothingIsAlsoACall) {
  Fixture<float> x;
  x.a.batch = 0;
  EXPECT_EQ(yore_attention_forward(&x.a, {nullptr, 0, 0, 0}, nullptr), YORE_OK) << yore_last_error();
  Fixture<float> y;
  y.a.keys = 0;
  y.a.sink_logits = nullptr;
  std::fill(y.out.begin(), y.out.end(), 7.0f);
  EXPECT_EQ(y.forward(), YORE_OK) << yore_last_error();
  for (float each : y.out) EXPECT_EQ(each, 0);
}

TEST(AttentionC, ErrorsBelongToTheirThread) {
  EXPECT_EQ(yore_attention_forward(nullptr, {nullptr, 0, 0, 0}, nullptr), YORE_INVALID);
  std::string other = "not run";
  std::thread([&] { other = yore_last_error(); }).join();
  EXPECT_EQ(other, "");
  EXPECT_STRNE(yore_last_error(), "");
  EXPECT_EQ(yore_simd_target(), kernels::chosen_target());
}

}  // namespace
}  // namespace yore::mixers
