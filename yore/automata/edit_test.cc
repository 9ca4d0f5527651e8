#include "yore/automata/edit.h"

#include <gtest/gtest.h>

#include <set>

#include "yore/automata/test_support.h"

namespace yore::automata {
namespace {

using testing::neighbours;

TEST(Edit, OneEditReachesAllNeighboursAndNothingElse) {
  base::Random random(3);
  for (const auto& [low, high] : {std::pair{0, 9}, {3, 3}, {2, 3}, {3, 4}}) {
    const Word word = {0, 2, 1};
    std::set<Word> reached;
    for (int i = 0; i < 3000; ++i) {
      Word w = word;
      edit(w, 1, 3, low, high, random);
      reached.insert(w);
    }
    EXPECT_EQ(reached, neighbours(word, 3, low, high)) << low << ".." << high;
  }
}

TEST(Edit, StaysInRangeAndLeavesWhatCannotBeEdited) {
  base::Random random(4);
  for (int i = 0; i < 1000; ++i) {
    Word w = {0, 1, 0};
    edit(w, 5, 2, 2, 4, random);
    EXPECT_GE(w.size(), 2u);
    EXPECT_LE(w.size(), 4u);
  }
  Word empty;
  edit(empty, 3, 2, 0, 0, random);
  EXPECT_TRUE(empty.empty());
  Word unary = {0, 0};
  edit(unary, 3, 1, 2, 2, random);
  EXPECT_EQ(unary, (Word{0, 0}));
}

}  // namespace
}  // namespace yore::automata
