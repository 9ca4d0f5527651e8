#include "yore/tasks/formal/pool.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "yore/automata/test_support.h"
#include "yore/tasks/common/statistics_test.h"
#include "yore/tasks/formal/test_languages.h"

namespace yore::tasks {
namespace {

using Reader = WordPool::Reader;
using testing::chi_square_limit;

// A language with its split, for pools of any kind.
struct World {
  World(Dfa dfa, int train_low, int train_high, int longest)
      : source(std::move(dfa), longest),
        split(source.dfa, source.accepted, source.rejected, train_low, train_high, 5) {}
  WordPool pool(int low, int high, Reader reader, int edits = 3) const {
    return WordPool(source, split, low, high, reader, edits);
  }
  WordSource source;
  WordSplit split;
};

TEST(WordPool, LengthsAreEvenAndWordsOfALengthToo) {
  const World world(testing::parity(), 0, 6, 6);
  for (const Reader reader : {Reader::Training, Reader::Unseen, Reader::Anyone}) {
    const WordPool pool = world.pool(0, 6, reader, 0);
    for (const bool accepted : {false, true}) {
      // The expected cells, word by word.
      std::map<std::size_t, std::set<Word>> cells;
      automata::for_all_words(2, 6, [&](const Word& word) {
        if (testing::in_parity(word) != accepted) return;
        const bool held = world.split.held_out(word, accepted);
        if (reader == Reader::Anyone || held == (reader == Reader::Unseen)) cells[word.size()].insert(word);
      });
      constexpr int kDraws = 40'000;
      std::map<Word, int> drawn;
      base::Random random(11);
      for (int i = 0; i < kDraws; ++i) ++drawn[pool.draw(accepted, false, random)];
      double statistic = 0;
      std::size_t words = 0;
      for (const auto& [length, members] : cells)
        for (const Word& word : members) {
          const double expected =
              kDraws / static_cast<double>(cells.size()) / static_cast<double>(members.size());
          const double off = drawn[word] - expected;
          statistic += off * off / expected;
          ++words;
        }
      EXPECT_EQ(drawn.size(), words) << "a word outside the pool was drawn";
      EXPECT_LT(statistic, chi_square_limit(static_cast<double>(words - 1)));
    }
  }
}

TEST(WordPool, NearMissesAreNextToTheLanguage) {
  const World world(testing::ab_star(), 0, 20, 20);
  const WordPool pool = world.pool(0, 20, Reader::Training, 1);
  std::set<Word> allowed;
  for (int n = 0; n <= 20; n += 2)
    allowed.merge(automata::testing::neighbours(accepted_words(testing::ab_star(), n).at(0), 2, 0, 20));
  base::Random random(6);
  for (int i = 0; i < 2000; ++i) {
    const Word word = pool.draw(false, true, random);
    EXPECT_TRUE(allowed.contains(word));
    EXPECT_FALSE(testing::in_ab_star(word));
    EXPECT_FALSE(world.split.held_out(word, false));
  }
}

TEST(WordPool, OneSidedLanguagesDrawTheirOneSide) {
  // a*: over one accepted letter; rejected words at length 1 are {b}, all near misses of a; over everything()
  // none exist.
  const World all(testing::everything(), 0, 5, 5);
  const WordPool pool = all.pool(0, 5, Reader::Training);
  EXPECT_TRUE(pool.has(true));
  EXPECT_FALSE(pool.has(false));
  base::Random random(8);
  for (std::uint64_t i = 0; i < 20; ++i) EXPECT_TRUE(pool.draw(i, random).accepted);

  const World none(automata::complement(testing::everything()), 0, 5, 5);
  const WordPool rejecting = none.pool(0, 5, Reader::Training);
  for (std::uint64_t i = 0; i < 20; ++i) EXPECT_FALSE(rejecting.draw(i, random).accepted);
}

TEST(WordPool, WhereNearMissesAreRareItFallsBackToUniform) {
  // Every word but a^12: a random edit of a random word almost never gives it, yet draws must end, and give
  // it.
  std::vector<char> accepting(14, 1);
  std::vector<automata::State> next;
  for (automata::State q = 0; q < 14; ++q) {
    next.push_back(q < 12 ? q + 1 : 13);
    next.push_back(13);
  }
  accepting[12] = 0;
  const World world(testing::two_letters(accepting, next), 0, 12, 12);
  const WordPool pool = world.pool(0, 12, Reader::Training);
  base::Random random(10);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(pool.draw(false, true, random), Word(12, 0));
}

TEST(WordPool, WithoutAcceptedWordsRejectedOnesAreUniform) {
  const World world(testing::ab_star(), 0, 4, 4);
  const WordPool pool = world.pool(3, 3, Reader::Anyone);
  EXPECT_FALSE(pool.has(true));
  base::Random random(12);
  std::set<Word> drawn;
  for (int i = 0; i < 500; ++i) drawn.insert(pool.draw(false, true, random));
  EXPECT_EQ(drawn.size(), 8u);
}

TEST(WordPool, UnseenOutsideTheTrainingLengthsIsEverything) {
  const World world(testing::parity(), 2, 4, 6);
  const WordPool pool = world.pool(1, 6, Reader::Unseen);
  base::Random random(9);
  std::set<std::size_t> lengths;
  for (std::uint64_t i = 0; i < 4000; ++i) {
    const Example example = pool.draw(i, random);
    lengths.insert(example.word.size());
    EXPECT_EQ(example.accepted, testing::in_parity(example.word));
    const bool covered = world.split.covers(static_cast<int>(example.word.size()));
    EXPECT_TRUE(!covered || world.split.held_out(example.word, example.accepted));
  }
  EXPECT_EQ(*lengths.begin(), 1u);
  EXPECT_EQ(*lengths.rbegin(), 6u);
  EXPECT_FALSE(world.pool(5, 6, Reader::Training).has(true));
}

}  // namespace
}  // namespace yore::tasks
