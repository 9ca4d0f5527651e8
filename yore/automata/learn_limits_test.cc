// How learning ends where there is nothing to finish: languages that are not regular, noise, budgets, misuse.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <stdexcept>

#include "yore/automata/black_box_test.h"
#include "yore/automata/learn.h"
#include "yore/automata/test_support.h"
#include "yore/automata/word_search.h"
#include "yore/base/error.h"
#include "yore/base/interrupt.h"

namespace yore::automata {
namespace {

using testing::expect_consistent;
using testing::first_letters;
using testing::perfect;
using testing::random_dfa;
using testing::WatchedBox;

// a^n b^n
bool balanced(const Word& word) {
  const std::size_t n = word.size() / 2;
  for (std::size_t i = 0; i < word.size(); ++i)
    if (word[i] != (i < n ? 0 : 1)) return false;
  return word.size() % 2 == 0;
}

// As many a as b.
bool even(const Word& word) {
  return 2 * std::count(word.begin(), word.end(), 0) == static_cast<std::ptrdiff_t>(word.size());
}

void expect_spent(const Learned& learned, const std::string& budget) {
  EXPECT_FALSE(learned.finished);
  EXPECT_EQ(learned.open.substr(0, budget.size()), budget);
}

TEST(LearnLimits, LanguagesThatAreNotRegularStopAtMaxStates) {
  for (const auto& language : {balanced, even})
    for (const int max_states : {1, 2, 7, 30}) {
      WatchedBox watched(first_letters(2), language);
      SearchOptions options;
      options.max_length = 80;
      WordSearch search(watched.box, options);
      LearnOptions limits;
      limits.max_states = max_states;
      const Learned learned = learn(watched.box, std::ref(search), limits);
      expect_spent(learned, "max-states " + std::to_string(max_states) + ": ");
      expect_consistent(learned, watched.box);
      EXPECT_LE(learned.dfa.states, max_states);
      if (max_states == 30) {
        // The states are used for what was asked: the last hypothesis is right on all short words.
        EXPECT_GE(learned.dfa.states, 12);
        for_all_words(2, 10, [&](const Word& word) { ASSERT_EQ(learned.dfa.accepts(word), language(word)); });
      }
    }
}

TEST(LearnLimits, NoiseEnds) {
  base::Random random({8, 1});
  for (const std::uint64_t one_in : {2, 10, 100, 5000}) {
    const Dfa dfa = minimise(random_dfa(random, 6, 2));
    WatchedBox watched(dfa.alphabet,
                       [&](const Word& word) { return dfa.accepts(word) != (random.below(one_in) == 0); });
    SearchOptions options;
    options.exhaustive_words = options.cover_words = options.random_words = 500;
    WordSearch search(watched.box, options);
    LearnOptions limits;
    limits.max_states = 60;
    const Learned learned = learn(watched.box, std::ref(search), limits);
    expect_consistent(learned, watched.box);
    EXPECT_LE(learned.dfa.states, 60);
    if (!learned.finished) expect_spent(learned, "max-states 60: ");
    EXPECT_FALSE(learned.finished && one_in <= 100);
  }
}

// Noise met late leaves the hypothesis it was met with, not the states made up to explain it.
TEST(LearnLimits, TheLastHypothesisIsTheOneBeforeTheNoise) {
  base::Random random({8, 2});
  const Dfa dfa = minimise(random_dfa(random, 8, 2));
  WatchedBox watched(dfa.alphabet, [&](const Word& word) {
    return word.size() > 30 ? random.below(2) == 0 : dfa.accepts(word);
  });
  WordSearch search(watched.box);
  const Learned learned = learn(watched.box, std::ref(search));
  expect_spent(learned, "max-states 200: ");
  EXPECT_EQ(learned.dfa, dfa);
  ASSERT_FALSE(learned.counterexamples.empty());
  EXPECT_GT(learned.counterexamples.back().size(), 30u);
}

TEST(LearnLimits, EveryQueryBudgetIsKept) {
  base::Random random({8, 3});
  const Dfa dfa = minimise(random_dfa(random, 9, 2));
  WatchedBox unlimited(dfa);
  const std::int64_t needed = learn(unlimited.box, perfect(dfa)).queries;
  State last = 0;
  for (std::int64_t budget = 1; budget <= needed; ++budget) {
    WatchedBox watched(dfa);
    LearnOptions limits;
    limits.max_queries = budget;
    const Learned learned = learn(watched.box, perfect(dfa), limits);
    EXPECT_EQ(learned.finished, budget == needed);
    EXPECT_LE(learned.queries, budget);
    EXPECT_EQ(learned.queries, static_cast<std::int64_t>(watched.asked.size()));
    expect_consistent(learned, watched.box);
    if (budget < needed) expect_spent(learned, "max-queries " + std::to_string(budget) + ": ");
    EXPECT_GE(learned.dfa.states, last);
    last = learned.dfa.states;
  }
}

TEST(LearnLimits, EveryRoundBudgetIsKept) {
  base::Random random({8, 4});
  const Dfa dfa = minimise(random_dfa(random, 25, 2, 6));
  WatchedBox unlimited(dfa);
  const std::int64_t needed = learn(unlimited.box, perfect(dfa)).rounds;
  EXPECT_GE(needed, 3);
  for (int budget = 0; budget <= needed; ++budget) {
    WatchedBox watched(dfa);
    LearnOptions limits;
    limits.max_rounds = budget;
    const Learned learned = learn(watched.box, perfect(dfa), limits);
    EXPECT_EQ(learned.finished, budget == needed);
    EXPECT_EQ(learned.rounds, budget);
    EXPECT_EQ(learned.agrees, watched.box.asked());
    expect_consistent(learned, watched.box);
    if (budget < needed) expect_spent(learned, "max-rounds " + std::to_string(budget) + ": ");
  }
}

TEST(LearnLimits, ExactlyAsManyStatesAsNeededAreEnough) {
  base::Random random({8, 5});
  for (int round = 0; round < 30; ++round) {
    const Dfa dfa = minimise(random_dfa(random, 2 + round % 8, 2));
    for (const int spare : {-1, 0}) {
      LearnOptions limits;
      limits.max_states = dfa.states + spare;
      if (limits.max_states < 1) continue;
      WatchedBox watched(dfa);
      const Learned learned = learn(watched.box, perfect(dfa), limits);
      EXPECT_EQ(learned.finished, spare == 0);
      EXPECT_EQ(learned.dfa == dfa, spare == 0);
      expect_consistent(learned, watched.box);
    }
  }
}

TEST(LearnLimits, WhatIsNoCounterexampleIsRefused) {
  const Dfa dfa{first_letters(2), 2, 0, {1, 0}, {0, 1, 1, 0}};
  for (const Word& word : {Word{}, Word{0, 1}, Word{2}, Word{-1}}) {
    WatchedBox watched(dfa);
    EXPECT_THROW(learn(watched.box, [&](const Dfa&) { return std::optional(word); }), std::invalid_argument);
  }
}

TEST(LearnLimits, OptionsOutOfRangeAreRefused) {
  const Dfa dfa{first_letters(1), 1, 0, {1}, {0}};
  WatchedBox watched(dfa);
  for (const LearnOptions& options :
       {LearnOptions{0, 10, 10}, LearnOptions{1, 0, 10}, LearnOptions{1, 10, -1}})
    EXPECT_THROW(learn(watched.box, perfect(dfa), options), std::invalid_argument);
  EXPECT_THROW(learn(watched.box, nullptr), std::invalid_argument);
  EXPECT_EQ(watched.calls, 0);
}

TEST(LearnLimits, BudgetsOfOthersAreValuesAndErrorsAreErrors) {
  base::Random random({8, 6});
  const Dfa dfa = minimise(random_dfa(random, 20, 2));
  WatchedBox watched(dfa);
  int rounds = 0;
  const Learned learned = learn(watched.box, [&](const Dfa& hypothesis) {
    if (++rounds == 2) throw base::BudgetError("max-seconds", 3, "the search");
    return difference(hypothesis, dfa);
  });
  expect_spent(learned, "max-seconds 3: ");
  EXPECT_EQ(learned.rounds, 2);
  expect_consistent(learned, watched.box);

  WatchedBox again(dfa);
  EXPECT_THROW(
      learn(again.box, [](const Dfa&) -> std::optional<Word> { throw std::runtime_error("broken"); }),
      std::runtime_error);

  // An oracle that stops in the middle of the first hypothesis.
  int calls = 0;
  BlackBox tired(dfa.alphabet, [&](std::span<const Word> words) {
    if (++calls == 2) throw base::BudgetError("max-seconds", 3, "asking");
    return std::vector<char>(words.size(), 1);
  });
  const Learned constant = learn(tired, perfect(dfa));
  expect_spent(constant, "max-seconds 3: ");
  EXPECT_EQ(constant.dfa, (Dfa{dfa.alphabet, 1, 0, {1}, {0, 0}}));
  EXPECT_EQ(constant.agrees, 1);
}

// In a process of its own: the flag that an interrupt sets stays set.
TEST(LearnLimitsDeathTest, AnInterruptKeepsTheLastHypothesis) {
  base::Random random({8, 7});
  const Dfa dfa = minimise(random_dfa(random, 20, 2));
  const auto body = [&] {
    base::catch_interrupts();
    WatchedBox watched(dfa);
    WordSearch search(watched.box);
    int rounds = 0;
    State states = 0;
    const Learned learned = learn(watched.box, [&](const Dfa& hypothesis) {
      states = hypothesis.states;
      if (++rounds == 3) std::raise(SIGINT);
      auto found = search(hypothesis);
      if (rounds == 3 && (found || search.last().words != 0)) std::exit(1);
      return found;
    });
    std::exit(learned.open == "interrupted" && !learned.finished && learned.dfa.states == states ? 0 : 2);
  };
  EXPECT_EXIT(body(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace yore::automata
