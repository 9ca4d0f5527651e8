// Statistics and maps against the T x T definition.
#include "yore/anatomy/head_statistics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "yore/anatomy/attention_map.h"
#include "yore/anatomy/attention_rows.h"
#include "yore/anatomy/test_heads.h"

namespace yore::anatomy {
namespace {

constexpr double kTolerance = 1e-11;  // sums of at most 300 x 300 numbers of order 1 in double

/// As the definitions in math.md say it, from all weights.
HeadStatistics by_definition(const TestHeads& heads, std::int64_t head) {
  const auto a = heads.attention(head);
  const auto tokens = static_cast<std::int64_t>(a.size());
  const auto paid = [&](std::int64_t t, std::int64_t s) {
    return a[static_cast<std::size_t>(t)][static_cast<std::size_t>(s)];
  };
  HeadStatistics h;
  const std::vector<std::int64_t> sizes = window_sizes(tokens);
  h.inside.assign(sizes.size(), 0);
  if (heads.sink_logits.defined()) h.sink_logit_share = 0;
  if (tokens > 64) h.sink_other = 0, h.sink_other_at = 1;
  std::int64_t rows = 0;
  double sink = 0;
  for (std::int64_t t = 0; t < tokens; ++t) {
    double keys = 0;
    for (std::int64_t s = 0; s < tokens; ++s) keys += paid(t, s);
    if (keys == 0) continue;
    ++rows;
    h.first_share += paid(t, 0);
    sink += paid(t, tokens);  // of queries that see a key
    for (std::int64_t s = 0; s <= t; ++s) {
      const double share = paid(t, s) / keys;
      if (share == 0) continue;
      h.entropy -= share * std::log(share);
      h.distance += share * static_cast<double>(t - s);
      for (std::size_t i = 0; i < sizes.size(); ++i)
        if (t - s < sizes[i] + (heads.params.strict ? 1 : 0)) h.inside[i] += share;
    }
  }
  if (rows == 0) return h;  // strict, with a lookback of 0
  for (double* x : {&h.first_share, &h.entropy, &h.distance, &sink}) *x /= static_cast<double>(rows);
  for (double& x : h.inside) x /= static_cast<double>(rows);
  if (heads.sink_logits.defined()) *h.sink_logit_share = sink;
  const auto rate = [&](std::int64_t s) {
    double sum = 0;
    std::int64_t t = s;
    for (; t < std::min(s + 64, tokens); ++t) sum += paid(t, s);
    return sum / static_cast<double>(t - s);
  };
  h.sink_first = rate(0);
  double above = 0;
  for (std::int64_t s = 1; s + 64 <= tokens; ++s) {
    above += rate(s) > 0.3;
    if (h.sink_other && *h.sink_other >= rate(s)) continue;
    h.sink_other = rate(s);
    h.sink_other_at = s;
  }
  if (tokens > 64) h.sink_others_share = above / static_cast<double>(tokens - 64);
  return h;
}

void expect_equal(const HeadStatistics& got, const HeadStatistics& expected) {
  EXPECT_NEAR(got.sink_first, expected.sink_first, kTolerance);
  EXPECT_NEAR(got.first_share, expected.first_share, kTolerance);
  ASSERT_EQ(got.sink_other.has_value(), expected.sink_other.has_value());
  if (got.sink_other) {
    EXPECT_NEAR(*got.sink_other, *expected.sink_other, kTolerance);
    EXPECT_EQ(got.sink_other_at, expected.sink_other_at);
  }
  EXPECT_NEAR(got.sink_others_share, expected.sink_others_share, kTolerance);
  ASSERT_EQ(got.sink_logit_share.has_value(), expected.sink_logit_share.has_value());
  if (got.sink_logit_share) {
    EXPECT_NEAR(*got.sink_logit_share, *expected.sink_logit_share, kTolerance);
  }
  EXPECT_NEAR(got.entropy, expected.entropy, kTolerance);
  EXPECT_NEAR(got.distance, expected.distance, kTolerance * 100);
  ASSERT_EQ(got.inside.size(), expected.inside.size());
  for (std::size_t i = 0; i < got.inside.size(); ++i)
    EXPECT_NEAR(got.inside[i], expected.inside[i], kTolerance) << "window " << (1 << i);
}

TEST(HeadStatistics, AreWhatTheDefinitionSays) {
  for (const std::int64_t tokens : {1, 2, 65, 150})
    for (const TestHeads& heads : test_heads(tokens)) {
      if (heads.params.strict && tokens == 1) continue;  // nobody sees anything
      const auto all = head_statistics(heads.seen());
      ASSERT_EQ(all.size(), static_cast<std::size_t>(heads.q.size(1)));
      for (std::int64_t h = 0; h < heads.q.size(1); ++h) {
        SCOPED_TRACE(testing::Message()
                     << tokens << " tokens, head " << h << " of " << heads.q.size(1) << " strict "
                     << heads.params.strict << " lookback " << heads.lookback(h));
        expect_equal(all[static_cast<std::size_t>(h)], by_definition(heads, h));
        EXPECT_EQ(all[static_cast<std::size_t>(h)].lookback, heads.lookback(h));
      }
    }
}

// Values that follow by hand: equal scores make uniform attention.
TEST(HeadStatistics, OfUniformAttention) {
  TestHeads heads(128, 1, 1, 4);
  heads.q.zero_();
  const HeadStatistics h = head_statistics(heads.seen()).front();
  double harmonic = 0, entropy = 0;
  for (int n = 1; n <= 128; ++n) {
    if (n <= 64) harmonic += 1.0 / n;
    entropy += std::log(n);
  }
  EXPECT_NEAR(h.sink_first, harmonic / 64, 1e-12);
  EXPECT_NEAR(h.entropy, entropy / 128, 1e-12);
  EXPECT_NEAR(h.distance, 127.0 / 4, 1e-12);
  EXPECT_NEAR(h.inside.back(), 1, 1e-12);
  EXPECT_FALSE(h.is_sink());
  // Zero scores, n keys, sink logit 0: the sink takes 1 / (n + 1).
  heads.sink_logits = at::zeros({1}, at::kDouble);
  double share = 0;
  for (int n = 1; n <= 128; ++n) share += 1.0 / (n + 1) / 128;
  EXPECT_NEAR(*head_statistics(heads.seen()).front().sink_logit_share, share, 1e-12);
}

TEST(HeadStatistics, ASinkIsFound) {
  TestHeads heads(200, 2, 2, 4);
  heads.q.fill_(1);
  heads.k.zero_();
  heads.k.select(0, 0).select(0, 0).fill_(10);   // head 0 looks at token 0
  heads.k.select(0, 77).select(0, 1).fill_(10);  // head 1 at token 77
  const auto all = head_statistics(heads.seen());
  EXPECT_GT(all[0].sink_first, 0.99);
  EXPECT_TRUE(all[0].is_sink());
  EXPECT_EQ(all[0].sink_others_share, 0);
  EXPECT_FALSE(all[1].is_sink());
  EXPECT_EQ(all[1].sink_other_at, 77);
  EXPECT_GT(*all[1].sink_other, 0.99);
  EXPECT_NEAR(all[1].sink_others_share, 1.0 / 136, 1e-12);
}

// Scores far beyond what an exponential holds.
TEST(HeadStatistics, OfLargeScores) {
  TestHeads heads(80, 1, 1, 4, at::kFloat);
  heads.q.mul_(100);
  heads.k.mul_(100);
  heads.sink_logits = at::full({1}, 3e4, at::kFloat);
  const HeadStatistics h = head_statistics(heads.seen()).front();
  for (const double x : {h.entropy, h.distance, h.sink_first, *h.sink_logit_share, h.inside.back()})
    EXPECT_TRUE(std::isfinite(x));
  EXPECT_NEAR(h.inside.back(), 1, 1e-6);
}

TEST(Strips, CoverEveryQueryOnceInBoundedMemory) {
  const TestHeads heads(3000, 3, 1, 2, at::kFloat);
  std::vector<int> covered(9000);
  for_each_strip(heads.seen(), {}, [&](const Strip& s) {
    EXPECT_LE(static_cast<double>(s.weights.numel()) * 16, strip_bytes(3000));
    for (const std::int64_t h : s.heads)
      for (std::int64_t t = s.first_query; t <= s.last_query(); ++t)
        ++covered[static_cast<std::size_t>(h * 3000 + t)];
  });
  EXPECT_EQ(covered, std::vector<int>(9000, 1));
}

TEST(AttentionMap, IsTheMatrixOrItsBlocks) {
  for (const TestHeads& heads : test_heads(600)) {
    if (heads.params.soft_cap > 0) continue;  // two of each are enough
    const std::int64_t head = heads.q.size(1) - 1;
    const auto a = heads.attention(head);
    for (const auto& [first, end] : {std::pair<std::int64_t, std::int64_t>{0, 600}, {37, 290}}) {
      const AttentionMap map = attention_map(heads.seen(), {0, head, first, end});
      EXPECT_EQ(map.bin, end - first > 256 ? 3 : 1);
      EXPECT_EQ(map.side, (end - first + map.bin - 1) / map.bin);
      for (std::int64_t i = 0; i < map.side; ++i)
        for (std::int64_t j = 0; j < map.side; ++j) {
          double sum = 0, queries = 0;
          for (std::int64_t t = first + i * map.bin; t < std::min(end, first + (i + 1) * map.bin); ++t) {
            ++queries;
            for (std::int64_t s = first + j * map.bin; s < std::min(end, first + (j + 1) * map.bin); ++s)
              sum += a[static_cast<std::size_t>(t)][static_cast<std::size_t>(s)];
          }
          ASSERT_NEAR(map.cells[static_cast<std::size_t>(i * map.side + j)], sum / queries, 1e-6);
        }
    }
  }
}

}  // namespace
}  // namespace yore::anatomy
