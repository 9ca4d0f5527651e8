// What the learner promises of languages that are regular; learn_limits_test.cc has the others.
#include "yore/automata/learn.h"

#include <gtest/gtest.h>

#include "yore/automata/black_box_test.h"
#include "yore/automata/test_support.h"
#include "yore/automata/word_search.h"

namespace yore::automata {
namespace {

using testing::expect_consistent;
using testing::expect_within_bounds;
using testing::first_letters;
using testing::perfect;
using testing::random_dfa;
using testing::WatchedBox;

Learned expect_learned(const Dfa& minimal, const Counterexample& search, WatchedBox& watched) {
  Learned learned = learn(watched.box, search);
  EXPECT_TRUE(learned.finished) << learned.open;
  EXPECT_EQ(learned.dfa, minimal);
  EXPECT_EQ(learned.rounds, static_cast<std::int64_t>(learned.counterexamples.size()) + 1);
  EXPECT_EQ(watched.box.asked(), static_cast<std::int64_t>(watched.asked.size()));
  expect_consistent(learned, watched.box);
  expect_within_bounds(learned, watched);
  return learned;
}

// Whether states are numbered as a breadth-first walk from state 0 meets them: one of each set of renamings.
bool in_order(const std::vector<State>& next, int letters) {
  State met = 0;
  for (std::size_t cell = 0; cell < next.size(); ++cell) {
    if (static_cast<State>(cell / static_cast<std::size_t>(letters)) > met || next[cell] > met + 1)
      return false;
    met = std::max(met, next[cell]);
  }
  return true;
}

TEST(Learn, EveryLanguageOfUpToFourStatesOverTwoLetters) {
  // How many there are: Domaratzki, Kisman and Shallit, On the number of distinct languages accepted by
  // finite automata with n states (2002).
  const std::vector<int> known = {2, 24, 1028, 56014};
  for (State n = 1; n <= 4; ++n) {
    int languages = 0;
    Dfa dfa{first_letters(2), n, 0, std::vector<char>(n),
            std::vector<State>(2 * static_cast<std::size_t>(n))};
    for (bool more = true; more;) {
      for (unsigned set = 0; in_order(dfa.next, 2) && set < 1U << static_cast<unsigned>(n); ++set) {
        for (State q = 0; q < n; ++q)
          dfa.accepting[q] = static_cast<char>(set >> static_cast<unsigned>(q) & 1U);
        if (minimise(dfa) != dfa) continue;
        ++languages;
        WatchedBox watched(dfa);
        expect_learned(dfa, perfect(dfa), watched);
        ASSERT_FALSE(HasFailure());
      }
      std::size_t i = 0;
      while (i < dfa.next.size() && dfa.next[i] == n - 1) dfa.next[i++] = 0;
      more = i < dfa.next.size();
      if (more) ++dfa.next[i];
    }
    EXPECT_EQ(languages, known[static_cast<std::size_t>(n) - 1]);
  }
}

TEST(Learn, RandomLanguagesOfUpToThirtyStatesOverThreeLetters) {
  base::Random random({7, 1});
  double asked = 0, table = 0;
  int calls = 0, largest = 0;
  for (int round = 0; round < 200; ++round) {
    const Dfa dfa = minimise(random_dfa(random, 1 + round % 30, 3, 2 + round % 5));
    WatchedBox watched(dfa);
    const Learned learned = expect_learned(dfa, perfect(dfa), watched);
    const double n = dfa.states;
    asked += static_cast<double>(learned.queries);
    table += n * (3 * n + 1);
    calls += watched.calls;
    largest = std::max(largest, dfa.states);
  }
  EXPECT_GE(largest, 28);
  // Random trees are shallow: far less than every suffix of every row of a table with as many suffixes as
  // states, and batches of several words although the steps within a counterexample are single.
  EXPECT_LT(asked, 0.25 * table);
  EXPECT_LT(calls, 0.5 * asked);
  RecordProperty("words", std::to_string(asked));
  RecordProperty("table", std::to_string(table));
  RecordProperty("calls", calls);
}

TEST(Learn, DeepTreesStayWithinTheBounds) {
  // The n-th letter from the end; words of one exact length; counting modulo n: suffixes grow with n.
  for (const State n : {2, 5, 12, 25}) {
    Dfa modulo{first_letters(2), n, 0, std::vector<char>(n, 0), {}};
    Dfa exact{first_letters(2), n + 1, 0, std::vector<char>(n + 1, 0), {}};
    modulo.accepting[0] = exact.accepting[n - 1] = 1;
    for (State q = 0; q <= n; ++q) {
      for (Symbol a = 0; q < n && a < 2; ++a) modulo.next.push_back(a == 0 ? (q + 1) % n : q);
      for (Symbol a = 0; a < 2; ++a) exact.next.push_back(std::min(q + 1, n));
    }
    for (const Dfa& dfa : {minimise(modulo), minimise(exact), minimise(complement(exact))}) {
      WatchedBox watched(dfa);
      expect_learned(dfa, perfect(dfa), watched);
    }
  }
}

// Words far longer than they need be: a shortest difference behind a long way back to the start, where there
// is one, else any random word that differs.
Counterexample longwinded(const Dfa& truth, int length, base::Random& random) {
  return [&random, truth, length](const Dfa& hypothesis) -> std::optional<Word> {
    std::optional<Word> shortest = difference(hypothesis, truth);
    for (int attempt = 0; shortest && attempt < 200; ++attempt) {
      Word word;
      while (static_cast<int>(word.size()) < length)
        word.push_back(static_cast<Symbol>(random.below(static_cast<std::uint64_t>(truth.alphabet.size()))));
      if (hypothesis.accepts(word) != truth.accepts(word)) return word;
    }
    return shortest;
  };
}

TEST(Learn, LongCounterexamplesCostTheirLogarithm) {
  base::Random random({7, 2});
  std::size_t longest = 0;
  double words = 0, letters = 0;
  for (int round = 0; round < 40; ++round) {
    const Dfa dfa = minimise(random_dfa(random, 2 + round % 20, 2, 3));
    WatchedBox watched(dfa);
    expect_learned(dfa, longwinded(dfa, 500, random), watched);
    longest = std::max(longest, watched.longest);
    words += static_cast<double>(watched.asked.size());
    for (const Word& word : watched.asked) letters += static_cast<double>(word.size());
  }
  EXPECT_GE(longest, 500u);
  // Few of the words asked are long, because the suffixes kept are not.
  EXPECT_LT(letters, 40 * words);
  RecordProperty("letters a word", std::to_string(letters / words));
}

TEST(Learn, LanguagesThatAreTheSameForAllWords) {
  for (const bool answer : {false, true})
    for (const int letters : {0, 1, 3}) {
      const Dfa dfa{first_letters(letters),
                    1,
                    0,
                    {static_cast<char>(answer)},
                    std::vector<State>(static_cast<std::size_t>(letters), 0)};
      WatchedBox watched(dfa);
      const Learned learned = expect_learned(dfa, perfect(dfa), watched);
      EXPECT_EQ(learned.queries, 1 + letters);
      EXPECT_EQ(learned.rounds, 1);
    }
}

TEST(Learn, LanguagesOverOneLetter) {
  base::Random random({7, 3});
  for (int round = 0; round < 100; ++round) {
    const Dfa dfa = minimise(random_dfa(random, 1 + round % 25, 1, 3));
    WatchedBox watched(dfa);
    expect_learned(dfa, perfect(dfa), watched);
  }
  // Every automaton with one cycle and all tails, the longest that is possible.
  for (State n = 1; n <= 20; ++n)
    for (State back = 0; back < n; ++back) {
      Dfa dfa{first_letters(1), n, 0, std::vector<char>(n, 0), {}};
      for (State q = 0; q < n; ++q) dfa.next.push_back(q + 1 < n ? q + 1 : back);
      dfa.accepting[n - 1] = 1;
      dfa = minimise(dfa);
      WatchedBox watched(dfa);
      expect_learned(dfa, perfect(dfa), watched);
    }
}

TEST(Learn, WithTheSearchOnWordsInPlaceOfAPerfectOne) {
  base::Random random({7, 4});
  SearchOptions options;
  options.exhaustive_words = 100;
  options.max_length = 40;
  options.cover_words = 100'000;
  options.random_words = 100;
  for (int round = 0; round < 60; ++round) {
    const Dfa dfa = minimise(random_dfa(random, 1 + round % 15, 2, 4));
    WatchedBox watched(dfa);
    WordSearch search(watched.box, options);
    const Learned learned = expect_learned(dfa, std::ref(search), watched);
    EXPECT_EQ(search.last().extra_states, 1);
    EXPECT_EQ(learned.agrees, watched.box.asked());
  }
}

TEST(Learn, WhatIsKnownAlreadyIsNotAskedForAgain) {
  base::Random random({7, 5});
  const Dfa dfa = minimise(random_dfa(random, 20, 2, 3));
  WatchedBox watched(dfa);
  const Learned first = learn(watched.box, perfect(dfa));
  // The same again asks nothing, and needs no counterexample.
  const Learned second = learn(watched.box, perfect(dfa));
  EXPECT_EQ(second.dfa, first.dfa);
  EXPECT_EQ(second.rounds, 1);
  EXPECT_GT(first.queries, 0);
  EXPECT_LT(second.queries, first.queries / 4) << "only where another tree asks other words";
}

TEST(Learn, WhatASearchAskedAndKeptToItselfCounts) {
  // All words but one of three letters. The search asks for it and says nothing.
  WatchedBox watched(first_letters(2), [](const Word& word) { return word != Word{0, 1, 1}; });
  const Learned learned = learn(watched.box, [&](const Dfa&) -> std::optional<Word> {
    watched.box.ask(Word{0, 1, 1});
    return std::nullopt;
  });
  EXPECT_TRUE(learned.finished);
  EXPECT_FALSE(learned.dfa.accepts({0, 1, 1}));
  EXPECT_TRUE(learned.counterexamples.empty());
  EXPECT_EQ(learned.rounds, 2);
  expect_consistent(learned, watched.box);
}

}  // namespace
}  // namespace yore::automata
