// What is particular to attention's state: its memory, its bounds, other storage types. What every state must
// do is tested by the conformance suite.
#include "yore/mixers/attention/decode.h"

#include <gtest/gtest.h>
#include <hwy/base.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>

#include "yore/base/random.h"
#include "yore/base/test_allocations.h"
#include "yore/base/test_refusal.h"
#include "yore/mixers/attention/ref.h"

namespace yore::mixers {
namespace {

using base::refusal;

DecodeSetting setting_of(std::vector<int> lookback) {
  DecodeSetting s;
  s.heads = s.kv_heads = static_cast<int>(lookback.size());
  s.dim = s.value_dim = 8;
  s.params.lookback = std::move(lookback);
  s.params.strict = false;
  s.params.scale = 0.3;
  return s;
}

/// `tokens` random tokens; returns their output.
std::vector<float> feed(AttentionState& state, std::int64_t tokens, std::uint64_t seed = 1) {
  const DecodeSetting& s = state.setting();
  base::Random random(seed);
  const auto draw = [&](int heads, int dim) {
    std::vector<float> x(static_cast<std::size_t>(tokens * heads * dim));
    for (float& value : x) value = static_cast<float>(2 * random.uniform() - 1);
    return x;
  };
  const auto q = draw(s.heads, s.dim), k = draw(s.kv_heads, s.dim), v = draw(s.kv_heads, s.value_dim);
  std::vector<float> out(static_cast<std::size_t>(tokens * s.heads * s.value_dim));
  const std::int64_t starts[] = {0, tokens};
  state.advance<float>(starts, {q.data(), 0, std::int64_t{s.heads} * s.dim, s.dim},
                       {k.data(), 0, std::int64_t{s.kv_heads} * s.dim, s.dim},
                       {v.data(), 0, std::int64_t{s.kv_heads} * s.value_dim, s.value_dim},
                       {out.data(), 0, std::int64_t{s.heads} * s.value_dim, s.value_dim});
  return out;
}

TEST(AttentionState, RemembersItsLookbackAndNoMore) {
  DecodeSetting s = setting_of({3, 100, 0});
  s.params.sinks = 2;
  AttentionState state(s);
  // (lookback + sinks) entries of a key and a value of 8 floats for each head, and a length and three marks.
  const std::size_t expected =
      std::size_t{3 + 100 + 0 + 3 * 2} * 2 * 8 * sizeof(float) + 4 * sizeof(std::int64_t);
  EXPECT_EQ(state.bytes(), expected);
  feed(state, 5000);
  EXPECT_EQ(state.bytes(), expected);
  EXPECT_EQ(state.length(0), 5000);
  EXPECT_EQ(state.capacity(1), 100);
}

TEST(AttentionState, AStepAllocatesNothing) {
  DecodeSetting s = setting_of({3, 100, 0, -1});
  s.params.sinks = 2;
  s.max_tokens = 400;
  AttentionState state(s);
  feed(state, 300);
  const std::int64_t row = 4 * 8, starts[] = {0, 1};
  const std::vector<float> x(4 * 8, 0.5f);
  std::vector<float> out(4 * 8);
  const auto step = [&] {
    state.advance<float>(starts, {x.data(), 0, row, 8}, {x.data(), 0, row, 8}, {x.data(), 0, row, 8},
                         {out.data(), 0, row, 8}, nullptr, 1);
  };
  for (int t = 0; t < 2; ++t) step();  // makes room, with room to grow
  const long before = base::allocations.count;
  for (int t = 0; t < 50; ++t) step();
  EXPECT_EQ(base::allocations.count, before);
  EXPECT_EQ(state.length(0), 352);
}

TEST(AttentionState, GlobalHeadsGrowOrKeepToTheirBound) {
  AttentionState grows(setting_of({-1}));
  feed(grows, 10);
  EXPECT_EQ(grows.capacity(0), 16);
  feed(grows, 30);
  EXPECT_EQ(grows.capacity(0), 40);
  feed(grows, 1);
  EXPECT_EQ(grows.capacity(0), 80);
  AttentionState told(setting_of({-1, 5}));
  feed(told, 3);
  AttentionState same(told);
  told.reserve(50);
  EXPECT_EQ(told.capacity(0), 50);
  told.reserve(7);
  EXPECT_EQ(feed(told, 47), feed(same, 47));
  EXPECT_EQ(told.capacity(0), 50);
  EXPECT_EQ(told.capacity(1), 5);
  feed(told, 1);
  EXPECT_EQ(told.capacity(0), 100);
  DecodeSetting s = setting_of({-1, 2});
  s.max_tokens = 12;
  AttentionState bounded(s);
  const std::size_t bytes = bounded.bytes();
  feed(bounded, 12);
  EXPECT_EQ(bounded.bytes(), bytes);
  EXPECT_NE(refusal<std::length_error>([&] { feed(bounded, 1); }).find("13 tokens exceed max_tokens = 12"),
            std::string::npos);
  EXPECT_EQ(bounded.length(0), 12);
}

// A lookback says what may be kept, tokens what is.
TEST(AttentionState, LongLookbacksGrowWithTheTokens) {
  AttentionState state(setting_of({1'000'000'000})), whole(setting_of({-1}));
  EXPECT_LT(state.bytes(), 1'000'000u);
  EXPECT_EQ(feed(state, 4000), feed(whole, 4000));
  AttentionState other(setting_of({1'000'000'000}));
  feed(state, 500);
  feed(whole, 500);
  EXPECT_EQ(state.capacity(0), 8192);
  other.restore(state.save());
  state.roll_back(0, 100);
  whole.roll_back(0, 100);
  other.roll_back(0, 100);
  const std::vector<float> expected = feed(whole, 4000);
  EXPECT_EQ(feed(state, 4000), expected);
  EXPECT_EQ(feed(other, 4000), expected);
  EXPECT_EQ(other.length(0), 8400);
  // Beyond the lookback the ring comes round, with as many rows as it has then.
  AttentionState ring(setting_of({5000}));
  feed(ring, 4000);
  EXPECT_EQ(ring.capacity(0), 4096);
  feed(ring, 4000);
  EXPECT_EQ(ring.capacity(0), 5000);
  feed(ring, 4000);
  EXPECT_EQ(ring.capacity(0), 5000);
  DecodeSetting s = setting_of({1'000'000'000});
  s.max_tokens = 10;
  EXPECT_EQ(AttentionState(s).capacity(0), 10);
}

TEST(AttentionState, RefusesWhatItCannotTakeBack) {
  DecodeSetting s = setting_of({4});
  s.rollback = 3;
  AttentionState state(s);
  feed(state, 6);
  state.roll_back(0, 3);
  feed(state, 20);
  state.roll_back(0, 3);
  EXPECT_NE(refusal<std::invalid_argument>([&] {
              state.roll_back(0, 1);
            }).find("position 15 has left the ring of key head 0"),
            std::string::npos);
  EXPECT_EQ(state.length(0), 20);
  AttentionState fresh(s);
  feed(fresh, 7);  // nothing has left yet
  fresh.roll_back(0, 7);
  EXPECT_EQ(fresh.length(0), 0);
  AttentionState global(setting_of({-1}));
  feed(global, 500);
  global.roll_back(0, 499);
  EXPECT_EQ(global.length(0), 1);
}

TEST(AttentionState, RefusesSettingsThatDoNotFit) {
  const auto expect = [](DecodeSetting s, const char* part) {
    EXPECT_NE(refusal<std::invalid_argument>([&] { AttentionState state(s); }).find(part), std::string::npos)
        << part;
  };
  DecodeSetting s = setting_of({1, 2, 3});
  s.kv_heads = 2;
  expect(s, "2 key heads must divide 3 heads");
  s = setting_of({1});
  s.dim = 300;
  expect(s, "head dimensions must be 1 to 256");
  s = setting_of({1});
  s.heads = s.kv_heads = 2;
  expect(s, "one lookback a head, 2, got 1");
  s = setting_of({1});
  s.rollback = -1;
  expect(s, "rollback");
}

TEST(AttentionState, TakesNoStateOfAnotherSetting) {
  const DecodeSetting s = setting_of({4, 4});
  std::vector<DecodeSetting> others(8, s);
  others[0].params.lookback = {4, 5};
  others[1].params.strict = true;
  others[2].params.scale = std::nextafter(0.3, 1);
  others[3].params.soft_cap = 20;
  others[4].params.alibi_slopes = {0.5, 0.25};
  others[5].params.alibi_slopes = {0.5, 0.125};
  others[6].params.sinks = 1;
  others[7].rollback = 1;
  std::vector<AttentionState> states{AttentionState(s)};
  for (const DecodeSetting& other : others) states.emplace_back(other);
  for (std::size_t i = 0; i < states.size(); ++i) {
    feed(states[i], 3, i);
    const std::vector<std::byte> before = states[i].save();
    for (std::size_t j = 0; j < states.size(); ++j) {
      if (i == j) continue;
      EXPECT_NE(
          refusal<std::invalid_argument>([&] { states[i].restore(states[j].save()); }).find("saved state"),
          std::string::npos)
          << i << " from " << j;
      EXPECT_EQ(states[i].save(), before);
    }
    EXPECT_NO_THROW(states[i].restore(before));
  }
}

// A ring holds the last rows of any length, and no bytes bear out what a broken state says of it.
TEST(AttentionState, TakesNoLengthThatNoSequenceHas) {
  DecodeSetting s = setting_of({4});
  s.max_tokens = 9;
  AttentionState state(s);
  feed(state, 3);
  const std::vector<std::byte> saved = state.save();
  // The fingerprint of one head is 14 numbers, then come the ring's capacity, the length and the oldest row.
  constexpr std::size_t kLength = 15 * sizeof(std::int64_t);
  std::int64_t there = 0;
  std::memcpy(&there, saved.data() + kLength, sizeof there);
  ASSERT_EQ(there, 3);
  for (const std::int64_t length : {std::int64_t{10}, std::int64_t{1} << 62}) {
    std::vector<std::byte> broken = saved;
    for (const std::size_t at : {std::size_t{0}, sizeof length})
      std::memcpy(broken.data() + kLength + at, &length, sizeof length);
    EXPECT_NE(refusal<std::invalid_argument>([&] { state.restore(broken); }).find("lengths are wrong"),
              std::string::npos);
    EXPECT_EQ(state.save(), saved);
  }
}

TEST(AttentionState, RefusesMoreThanMemoryCanHold) {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const auto refused = [](const auto& act) {
    EXPECT_NE(refusal<std::invalid_argument>(act).find("more than memory can hold"), std::string::npos);
  };
  const auto start = [&](int lookback, std::int64_t batch, std::int64_t rollback, std::int64_t tokens) {
    DecodeSetting s = setting_of({lookback});
    s.batch = batch;
    s.rollback = rollback;
    s.max_tokens = tokens;
    refused([&] { AttentionState state(s); });
  };
  // Products that are 0, small, or negative where they overflow: rows have 8 floats.
  start(-1, std::int64_t{1} << 13, 0, std::int64_t{1} << 46);
  start(-1, (std::int64_t{1} << 20) + 1, 0, std::int64_t{1} << 44);
  start(-1, 1, 0, most);
  start(3, 1, most, 0);
  start(3, 2, most - 3, 0);
  start(3, std::int64_t{1} << 33, std::int64_t{1} << 31, 0);
  AttentionState state(setting_of({-1}));
  refused([&] { state.reserve(most); });
  EXPECT_EQ(state.capacity(0), 0);
  feed(state, 3);
}

/// Double, and keys and values in 16 bits, against the definition on what the storage holds.
template <class T, class Stored, class Widen, class Narrow>
void check_storage(kernel::Storage storage, const Narrow& narrow, const Widen& widen, double tolerance) {
  DecodeSetting s = setting_of({-1, 3, 20});
  s.storage = storage;
  const int tokens = 70;
  base::Random random(3);
  std::vector<T> q(tokens * 3 * 8), out(q.size());
  std::vector<Stored> k(q.size()), v(q.size());
  for (std::size_t i = 0; i < q.size(); ++i) {
    q[i] = static_cast<T>(2 * random.uniform() - 1);
    k[i] = narrow(2 * random.uniform() - 1);
    v[i] = narrow(2 * random.uniform() - 1);
  }
  AttentionState state(s);
  for (int at = 0, piece = 1; at < tokens; at += piece, piece = at % 7 == 0 ? 20 : 1) {
    piece = std::min(piece, tokens - at);
    const std::int64_t starts[] = {0, piece};
    state.advance<T>(starts, {q.data() + at * 24, 0, 24, 8}, {k.data() + at * 24, 0, 24, 8},
                     {v.data() + at * 24, 0, 24, 8}, {out.data() + at * 24, 0, 24, 8});
  }
  for (int h = 0; h < 3; ++h) {
    std::vector<double> hq, hk, hv;
    for (int t = 0; t < tokens; ++t)
      for (int d = 0; d < 8; ++d) {
        const auto i = static_cast<std::size_t>(t) * 24 + static_cast<std::size_t>(h * 8 + d);
        hq.push_back(static_cast<double>(q[i]));
        hk.push_back(widen(k[i]));
        hv.push_back(widen(v[i]));
      }
    const ref::Head head{tokens, tokens,         8, 8, s.params.lookback[static_cast<std::size_t>(h)], false,
                         0,      s.params.scale, 0};
    const auto expected = ref::attention(hq, hk, hv, head);
    for (int t = 0; t < tokens; ++t)
      for (int d = 0; d < 8; ++d)
        ASSERT_NEAR(static_cast<double>(out[static_cast<std::size_t>(t * 24 + h * 8 + d)]),
                    expected[static_cast<std::size_t>(t * 8 + d)], tolerance)
            << "head " << h << " token " << t;
  }
}

TEST(AttentionState, OtherStorageTypes) {
  // 70 weights that sum to 1, scores of size 2.4: a few hundred rounding errors at most.
  check_storage<double, double>(
      kernel::Storage::Float64, [](double x) { return x; }, [](double x) { return x; }, 500 * 2.3e-16);
  check_storage<float, hwy::bfloat16_t>(
      kernel::Storage::BFloat16, [](double x) { return hwy::BF16FromF32(static_cast<float>(x)); },
      [](hwy::bfloat16_t x) { return static_cast<double>(hwy::F32FromBF16(x)); }, 500 * 1.2e-7);
  AttentionState state(setting_of({2}));
  const double x[8] = {};
  double y[8];
  const std::int64_t starts[] = {0, 1};
  EXPECT_NE(refusal<std::invalid_argument>([&] {
              state.advance<double>(starts, {x, 0, 8, 8}, {x, 0, 8, 8}, {x, 0, 8, 8}, {y, 0, 8, 8});
            }).find("differ in precision"),
            std::string::npos);
}

}  // namespace
}  // namespace yore::mixers
