#include "yore/tasks/formal/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "yore/base/test_signals.h"
#include "yore/tasks/formal/test_languages.h"

namespace yore::tasks {
namespace {

using automata::WordSampler;

WordSplit make_split(const Dfa& dfa, int low, int high, std::uint64_t seed) {
  return WordSplit(dfa, WordSampler(dfa, high), WordSampler(automata::complement(dfa), high), low, high,
                   seed);
}

TEST(WordHash, IsPinned) {
  // Worked out by another program. Published splits must stay what they are: these values may never change.
  EXPECT_EQ(word_hash(0, {}), 0x6393D51C06C618DCu);
  EXPECT_EQ(word_hash(0, {0}), 0x3E1C5C027D1DD06Cu);
  EXPECT_EQ(word_hash(1, {0, 1, 0}), 0xDD3062567DE8BDEFu);
}

TEST(WordHash, TellsApartWordsAndSeeds) {
  std::set<std::uint64_t> seen;
  std::size_t words = 0;
  for (std::uint64_t seed : {0u, 1u, 2u})
    automata::for_all_words(2, 14, [&](const Word& word) {
      seen.insert(word_hash(seed, word));
      ++words;
    });
  EXPECT_EQ(seen.size(), words);
}

TEST(AcceptedWords, AgreeWithTryingAll) {
  base::Random random(1);
  for (int trial = 0; trial < 50; ++trial) {
    const Dfa dfa = testing::random_automaton(1 + trial % 5, random);
    for (int length = 0; length <= 7; ++length) {
      std::vector<Word> expected;
      automata::for_all_words(2, length, [&](const Word& word) {
        if (static_cast<int>(word.size()) == length && dfa.accepts(word)) expected.push_back(word);
      });
      EXPECT_EQ(accepted_words(dfa, length), expected);
    }
  }
}

// The documented rule, checked word by word on languages small enough to list.
TEST(WordSplit, SmallClassesHoldOutExactlyTheirShare) {
  base::Random random(2);
  for (int trial = 0; trial < 200; ++trial) {
    const Dfa dfa = testing::random_automaton(1 + trial % 4, random);
    const int low = static_cast<int>(random.below(3)), high = low + static_cast<int>(random.below(6));
    const WordSplit split = make_split(dfa, low, high, random.bits());
    std::size_t words[2] = {0, 0}, held[2] = {0, 0};
    std::vector<std::array<std::array<bool, 2>, 2>> seen(static_cast<std::size_t>(high) + 1);
    automata::for_all_words(2, high, [&](const Word& word) {
      const auto n = static_cast<int>(word.size());
      EXPECT_EQ(split.covers(n), n >= low);
      if (n < low) return;
      const bool accepted = dfa.accepts(word), out = split.held_out(word, accepted);
      ++words[accepted];
      held[accepted] += out;
      seen[word.size()][accepted][out] = true;
    });
    for (int side = 0; side < 2; ++side) {
      const auto share = static_cast<std::size_t>(std::llround(static_cast<double>(words[side]) / 8));
      EXPECT_EQ(held[side], words[side] < 2 ? 0 : std::max<std::size_t>(1, share)) << words[side] << " words";
      for (int n = low; n <= high; ++n)
        for (int out = 0; out < 2; ++out)
          EXPECT_EQ(split.has(side, n, out), seen[static_cast<std::size_t>(n)][static_cast<std::size_t>(side)]
                                                 [static_cast<std::size_t>(out)]);
    }
  }
}

// Words are walked without recursion, tables made once, and a signal is heard.
TEST(WordSplit, LongWords) {
  const Dfa even{logic::Alphabet({"a"}), 2, 0, {1, 0}, {1, 0}};
  constexpr int kLong = 200'000;
  EXPECT_EQ(accepted_words(even, kLong).size(), 1U);
  EXPECT_TRUE(accepted_words(even, kLong + 1).empty());
  const WordSampler accepted(even, kLong), rejected(automata::complement(even), kLong);
  const WordSplit split(even, accepted, rejected, kLong - 1, kLong, 0);
  EXPECT_TRUE(split.has(true, kLong, false));
  EXPECT_FALSE(split.has(true, kLong - 1, false));
  EXPECT_TRUE(base::stops_at_a_signal([&] { WordSplit(even, accepted, rejected, 0, kLong, 0); }));
}

TEST(WordSplit, AbStarTrainsOnEighteenWords) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const WordSplit split = make_split(testing::ab_star(), 0, 40, seed);
    int held = 0;
    for (int n = 0; n <= 40; n += 2)
      held += split.held_out(accepted_words(testing::ab_star(), n).at(0), true);
    EXPECT_EQ(held, 3) << "seed " << seed;
  }
}

// Large classes: an eighth, within five standard deviations of the binomial.
TEST(WordSplit, LargeClassesHoldOutAnEighth) {
  const WordSplit split = make_split(testing::parity(), 0, 16, 7);
  for (const bool accepted : {false, true}) {
    double words = 0, held = 0;
    automata::for_all_words(2, 16, [&](const Word& word) {
      if (testing::in_parity(word) != accepted) return;
      ++words;
      held += split.held_out(word, accepted);
    });
    EXPECT_NEAR(held, words / 8, 5 * std::sqrt(words * 7 / 64));
    EXPECT_TRUE(split.has(accepted, 16, true));
    EXPECT_TRUE(split.has(accepted, 16, false));
  }
}

}  // namespace
}  // namespace yore::tasks
