#include "yore/text/merges.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "yore/base/random.h"

namespace yore::text {
namespace {

using Line = std::vector<std::int32_t>;
using Rules = std::map<std::pair<std::int32_t, std::int32_t>, Merge>;

// The definition: look at every pair, join the first of the lowest rank, begin again.
Line joined_by_definition(Line line, const Rules& rules) {
  for (;;) {
    std::size_t best = line.size();
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
      const auto rule = rules.find({line[i], line[i + 1]});
      if (rule == rules.end()) continue;
      if (best == line.size() || rule->second.rank < rules.at({line[best], line[best + 1]}).rank) best = i;
    }
    if (best == line.size()) return line;
    line[best] = rules.at({line[best], line[best + 1]}).joined;
    line.erase(line.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
}

TEST(Merger, JoinsAsTheDefinitionDoes) {
  base::Random random(7);
  for (int round = 0; round < 400; ++round) {
    Rules rules;
    MergeTable table;
    const auto letters = static_cast<std::int32_t>(2 + random.below(3));
    std::int32_t tokens = letters;
    for (std::uint32_t rank = 0; rank < 12; ++rank) {
      const auto left = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(tokens))),
                 right = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(tokens)));
      const Merge merge{rank, tokens++};
      rules[{left, right}] = merge;
      table.set(left, right, merge);
    }
    Merger merger(table);
    for (int i = 0; i < 20; ++i) {
      Line line;
      for (std::uint64_t n = random.below(40); n > 0; --n)
        line.push_back(static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(letters))));
      const Line expected = joined_by_definition(line, rules);
      merger.join(line);
      ASSERT_EQ(line, expected);
    }
  }
}

TEST(Merger, TakesTheFirstOfEqualPairs) {
  MergeTable table;
  table.set(0, 0, {0, 1});
  Line line(5, 0);
  Merger(table).join(line);
  EXPECT_EQ(line, (Line{1, 1, 0}));
}

TEST(MergeTable, FindsWhatWasSet) {
  MergeTable table;
  for (std::int32_t i = 0; i < 1000; ++i) table.set(i, 7 * i, {static_cast<std::uint32_t>(i), i + 1});
  table.set(5, 35, {99, 42});
  for (std::int32_t i = 0; i < 1000; ++i) {
    ASSERT_NE(table.find(i, 7 * i), nullptr);
    EXPECT_EQ(table.find(i, 7 * i)->joined, i == 5 ? 42 : i + 1);
    EXPECT_EQ(table.find(i, 7 * i + 1), nullptr);
  }
}

// A million letters that all join: quadratic work would take hours.
TEST(Merger, TakesLongLines) {
  MergeTable table;
  for (std::int32_t i = 0; i < 19; ++i) table.set(i, i, {static_cast<std::uint32_t>(i), i + 1});
  Line line(1 << 19, 0);
  Merger(table).join(line);
  EXPECT_EQ(line, Line{19});
}

}  // namespace
}  // namespace yore::text
