#include "yore/automata/state_words.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "yore/automata/test_support.h"

namespace yore::automata {
namespace {

using testing::first_letters;
using testing::random_dfa;

TEST(StateWords, AccessWordsAreTheFirstThatReachAState) {
  base::Random random({9, 1});
  for (int round = 0; round < 100; ++round) {
    const Dfa dfa = minimise(random_dfa(random, 7, 2));
    std::vector<std::optional<Word>> first(dfa.states);
    for_all_words(2, dfa.states - 1, [&](const Word& word) {
      auto& reached = first[dfa.run(dfa.start, word)];
      if (!reached) reached = word;
    });
    const std::vector<Word> words = access_words(dfa);
    ASSERT_EQ(words.size(), first.size());
    for (std::size_t q = 0; q < words.size(); ++q) EXPECT_EQ(words[q], first[q]);
  }
  EXPECT_THROW(access_words({first_letters(1), 2, 0, {0, 1}, {0, 1}}), std::invalid_argument);
}

TEST(StateWords, CharacterisingWordsTellAllStatesApart) {
  base::Random random({9, 2});
  std::size_t most = 0;
  for (int round = 0; round < 300; ++round) {
    const int letters = 1 + round % 3;
    const Dfa dfa = minimise(random_dfa(random, 1 + round % 14, letters, 4));
    const std::vector<Word> words = characterising_words(dfa);
    EXPECT_EQ(words.front(), Word{});
    EXPECT_LE(words.size(), static_cast<std::size_t>(std::max(1, dfa.states - 1)));
    EXPECT_TRUE(std::is_sorted(words.begin(), words.end(),
                               [](const Word& a, const Word& b) { return a.size() < b.size(); }));
    for (State p = 0; p < dfa.states; ++p)
      for (State q = 0; q < p; ++q) {
        Dfa from_p = dfa, from_q = dfa;
        from_p.start = p;
        from_q.start = q;
        const auto first = std::find_if(words.begin(), words.end(), [&](const Word& word) {
          return from_p.accepts(word) != from_q.accepts(word);
        });
        ASSERT_NE(first, words.end());
        // No word does it shorter.
        EXPECT_EQ(first->size(), difference(from_p, from_q)->size());
      }
    most = std::max(most, words.size());
  }
  EXPECT_GE(most, 4u);
  EXPECT_THROW(characterising_words({first_letters(1), 2, 0, {1, 1}, {1, 0}}), std::invalid_argument);
  EXPECT_THROW(characterising_words({first_letters(1), 2, 0, {0, 0}, {1, 0}}), std::invalid_argument);
}

}  // namespace
}  // namespace yore::automata
