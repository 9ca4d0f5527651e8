#include "yore/tasks/common/free_words.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "yore/tasks/common/statistics_test.h"

namespace yore::tasks {
namespace {

using Sequence = std::vector<std::int32_t>;

// All words of a length, by counting in base `letters`.
std::vector<Sequence> all_words(int letters, int length) {
  std::vector<Sequence> all = {{}};
  for (int i = 0; i < length; ++i) {
    std::vector<Sequence> longer;
    for (const Sequence& word : all)
      for (int a = 0; a < letters; ++a) {
        longer.push_back(word);
        longer.back().push_back(a);
      }
    all = std::move(longer);
  }
  return all;
}

TEST(FreeWords, HoldOutTheirShareOfEveryLength) {
  for (const int letters : {2, 3, 7, 60})
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const FreeWords words(letters, seed);
      double count = letters;
      for (int length = 1; count <= 1024; ++length, count *= letters) {
        int held = 0;
        for (const Sequence& word : all_words(letters, length)) held += words.held_out(word);
        EXPECT_EQ(held, std::max(1, static_cast<int>(count / 8 + 0.5)))
            << letters << " letters, length " << length;
      }
    }
  // Listed no more: an eighth within five standard deviations.
  const FreeWords words(2, 0);
  int held = 0;
  for (const Sequence& word : all_words(2, 14)) held += words.held_out(word);
  EXPECT_NEAR(held, 2048, 5 * std::sqrt(16384.0 * 7 / 64));
}

TEST(FreeWords, AreDrawnEvenlyFromTheirSideAlone) {
  for (const auto& [letters, length] :
       std::vector<std::pair<int, int>>{{2, 1}, {2, 6}, {3, 4}, {70, 1}, {2, 11}}) {
    const FreeWords words(letters, 3);
    for (const bool held : {false, true}) {
      std::map<Sequence, std::int64_t> counts;
      for (const Sequence& word : all_words(letters, length))
        if (words.held_out(word) == held) counts[word] = 0;
      ASSERT_FALSE(counts.empty());
      const std::size_t side = counts.size();
      base::Random random(17);
      for (std::size_t i = 0; i < 40 * side; ++i) ++counts[words.draw(length, held, random)];
      EXPECT_EQ(counts.size(), side) << "a word of the other side was drawn";
      std::vector<std::int64_t> cells;
      for (const auto& [word, n] : counts) cells.push_back(n);
      if (side > 1) {
        EXPECT_LT(testing::uniformity_ratio(cells), 1) << letters << " letters, length " << length;
      }
    }
  }
}

TEST(FreeWords, TheSeedNamesTheSplit) {
  const FreeWords one(2, 0), two(2, 1), again(2, 0);
  int differ = 0;
  for (const Sequence& word : all_words(2, 10)) {
    differ += one.held_out(word) != two.held_out(word);
    EXPECT_EQ(one.held_out(word), again.held_out(word));
  }
  EXPECT_GT(differ, 100);
}

TEST(FreeWords, OneLetterIsNoAlphabet) {
  EXPECT_THROW(FreeWords(1, 0), std::invalid_argument);
}

}  // namespace
}  // namespace yore::tasks
