#include "yore/tasks/mqar/row.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "yore/tasks/common/free_words.h"
#include "yore/tasks/common/statistics_test.h"
#include "yore/tasks/task.h"

namespace yore::tasks {
namespace {

struct Row {
  std::vector<std::int32_t> tokens, targets;
};

Row draw(const RowMaker& maker, const RowShape& shape, std::uint64_t seed, bool held_out = false) {
  Row row;
  base::Random random(seed);
  maker.draw(shape, held_out, random, row.tokens, row.targets);
  return row;
}

// The definition, read off a row: what is asked of which key, and where.
void check(const Row& row, const RowShape& shape, int vocabulary, Filler filler) {
  const auto context = static_cast<std::size_t>(2 * shape.pairs);
  ASSERT_EQ(row.tokens.size(), static_cast<std::size_t>(shape.length));
  ASSERT_EQ(row.targets.size(), row.tokens.size());
  std::map<std::int32_t, std::int32_t> pairs;
  std::set<std::int32_t> values;
  for (std::size_t i = 0; i < context; i += 2) {
    const std::int32_t key = row.tokens[i], value = row.tokens[i + 1];
    ASSERT_TRUE(1 <= key && key < vocabulary / 2);
    ASSERT_TRUE(vocabulary / 2 <= value && value < vocabulary);
    ASSERT_TRUE(pairs.insert({key, value}).second) << "a key twice";
    ASSERT_TRUE(values.insert(value).second) << "a value twice";
    ASSERT_EQ(row.targets[i], kIgnored);
    ASSERT_EQ(row.targets[i + 1], kIgnored);
  }
  std::set<std::int32_t> asked;
  for (std::size_t i = context; i < row.tokens.size(); ++i) {
    ASSERT_TRUE(0 <= row.tokens[i] && row.tokens[i] < vocabulary);
    if (row.targets[i] == kIgnored) {
      if (filler == Filler::Zeros) {
        ASSERT_EQ(row.tokens[i], 0);
      }
      continue;
    }
    ASSERT_EQ((i - context) % 2, 0u) << "queries stand at even offsets";
    ASSERT_EQ(row.targets[i], pairs.at(row.tokens[i])) << "the label stands at the asking token";
    ASSERT_TRUE(asked.insert(row.tokens[i]).second) << "a key is asked twice";
  }
  ASSERT_EQ(asked.size(), pairs.size()) << "exactly N labels a row";
}

TEST(MqarRow, HasTheFormOfTheReference) {
  const RowMaker maker(8192, 0.01, Filler::Random, 0), zeros(8192, 0.01, Filler::Zeros, 0);
  for (const RowShape& shape : {RowShape{64, 4}, {64, 16}, {128, 32}, {256, 64}, {512, 128}, {1024, 256}})
    for (std::uint64_t seed = 0; seed < 20; ++seed)
      for (const bool held : {false, true}) {
        check(draw(maker, shape, seed, held), shape, 8192, Filler::Random);
        check(draw(zeros, shape, seed, held), shape, 8192, Filler::Zeros);
      }
  // Every key of a small vocabulary, and every place taken.
  const RowMaker small(16, 0.01, Filler::Random, 0);
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    check(draw(small, {28, 7}, seed), {28, 7}, 16, Filler::Random);
}

TEST(MqarRow, IsSplitByItsPairs) {
  const RowMaker maker(16, 0.01, Filler::Zeros, 5);
  std::set<std::vector<std::int32_t>> trained;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Row row = draw(maker, {8, 2}, seed);
    row.tokens.resize(4);
    EXPECT_FALSE(maker.held_out(row.tokens));
    trained.insert(row.tokens);
  }
  EXPECT_GT(trained.size(), 1000u);
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Row row = draw(maker, {8, 2}, seed, true);
    row.tokens.resize(4);
    EXPECT_TRUE(maker.held_out(row.tokens));
    EXPECT_FALSE(trained.contains(row.tokens));
  }
}

// The first key's gap is drawn before any other is taken: its law is the power law itself.
TEST(MqarRow, GapsFollowThePowerLaw) {
  for (const double a : {0.01, 1.0}) {
    const RowMaker maker(8192, a, Filler::Zeros, 0);
    std::vector<std::int64_t> counts(28);
    std::vector<double> expected(28);
    for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
      const Row row = draw(maker, {64, 4}, seed);
      for (std::size_t i = 8; i < 64; i += 2)
        if (row.targets[i] == row.tokens[1]) ++counts[(i - 8) / 2];
    }
    double sum = 0;
    for (int g = 0; g < 28; ++g) sum += std::pow(g + 1, a - 1);
    for (int g = 0; g < 28; ++g)
      expected[static_cast<std::size_t>(g)] = 20'000 * std::pow(g + 1, a - 1) / sum;
    EXPECT_LT(testing::chi_square_ratio(counts, expected), 1) << a;
  }
}

// Worked out by drawing the gaps as they are defined, one pass over all places each. These values may never
// change.
TEST(MqarRow, DrawsArePinned) {
  const auto hash = [](const RowShape& shape, double power, std::uint64_t seed) {
    Row row = draw(RowMaker(8192, power, Filler::Random, 0), shape, seed);
    row.tokens.insert(row.tokens.end(), row.targets.begin(), row.targets.end());
    return sequence_hash(0, row.tokens);
  };
  EXPECT_EQ(hash({1024, 256}, 0.01, 3), 0xDC7429FA39691E1AU);
  EXPECT_EQ(hash({28, 7}, 0.01, 4), 0x6ACC6951E910F10DU);
  EXPECT_EQ(hash({256, 30}, 1, 5), 0x9DFB6895725A04D3U);
  const RowShape large{1 << 18, 1 << 16};  // queries and places are many
  check(draw(RowMaker(1 << 20, 0.01, Filler::Zeros, 0), large, 1), large, 1 << 20, Filler::Zeros);
}

// Two keys in three places: each ordered pair has the probability w_i / S * w_j / (S - w_i).
TEST(MqarRow, GapsAreDrawnWithoutReplacement) {
  const RowMaker maker(8192, 0.01, Filler::Zeros, 0);
  const double w[3] = {1, std::pow(2, -0.99), std::pow(3, -0.99)}, sum = w[0] + w[1] + w[2];
  std::map<std::pair<int, int>, std::int64_t> drawn;
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
    const Row row = draw(maker, {10, 2}, seed);
    int first = -1, second = -1;
    for (int g = 0; g < 3; ++g) {
      if (row.targets[static_cast<std::size_t>(4 + 2 * g)] == row.tokens[1]) first = g;
      if (row.targets[static_cast<std::size_t>(4 + 2 * g)] == row.tokens[3]) second = g;
    }
    ++drawn[{first, second}];
  }
  ASSERT_EQ(drawn.size(), 6u);
  std::vector<std::int64_t> counts;
  std::vector<double> expected;
  for (const auto& [gaps, n] : drawn) {
    counts.push_back(n);
    expected.push_back(20'000 * w[gaps.first] / sum * w[gaps.second] / (sum - w[gaps.first]));
  }
  EXPECT_LT(testing::chi_square_ratio(counts, expected), 1);
}

TEST(MqarRow, KeysAndFillersAreUniform) {
  const RowMaker maker(16, 0.01, Filler::Random, 0);
  std::vector<std::int64_t> keys(7), values(8), fillers(16);
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
    const Row row = draw(maker, {24, 3}, seed);
    ++keys[static_cast<std::size_t>(row.tokens[4] - 1)];
    ++values[static_cast<std::size_t>(row.tokens[5] - 8)];
    ++fillers[static_cast<std::size_t>(row.tokens[23])];
  }
  EXPECT_LT(testing::uniformity_ratio(keys), 1);
  EXPECT_LT(testing::uniformity_ratio(values), 1);
  EXPECT_LT(testing::uniformity_ratio(fillers), 1);
}

TEST(MqarRow, WeightsAreIntegersOfThePowerLaw) {
  EXPECT_EQ(RowMaker::gap_weights(3, 1), (std::vector<std::uint64_t>(3, std::uint64_t{1} << 32)));
  EXPECT_EQ(RowMaker::gap_weights(4, 0),
            (std::vector<std::uint64_t>{4294967296, 2147483648, 1431655765, 1073741824}));
}

}  // namespace
}  // namespace yore::tasks
