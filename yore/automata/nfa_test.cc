#include "yore/automata/nfa.h"

#include <gtest/gtest.h>

#include "yore/automata/test_support.h"
#include "yore/base/error.h"

namespace yore::automata {
namespace {

using testing::first_letters;

Nfa random_nfa(base::Random& random, int states, int edges) {
  const auto n = static_cast<std::uint64_t>(states);
  const auto state = [&] { return static_cast<State>(random.below(n)); };
  Nfa nfa{first_letters(2), states, {}, {}, {}};
  for (std::uint64_t i = 1 + random.below(2); i > 0; --i) nfa.starts.push_back(state());
  for (int q = 0; q < states; ++q) nfa.accepting.push_back(random.below(4) == 0);
  for (int e = 0; e < edges; ++e)
    nfa.edges.push_back({state(), static_cast<Symbol>(random.below(3)) - 1, state()});
  return nfa;
}

TEST(Nfa, DeterminiseAcceptsWhatTheSetsOfStatesAccept) {
  base::Random random({3, 1});
  int proper = 0;
  for (int round = 0; round < 1500; ++round) {
    const Nfa nfa =
        random_nfa(random, 1 + static_cast<int>(random.below(6)), static_cast<int>(random.below(24)));
    const Dfa dfa = determinise(nfa);
    check(dfa);
    for_all_words(2, 6, [&](const Word& w) { ASSERT_EQ(dfa.accepts(w), testing::simulate(nfa, w)); });
    proper += minimise(dfa).states > 2;
  }
  EXPECT_GT(proper, 200);
}

// "The n-th letter from the end is an a": n + 1 states, 2^n subsets.
Nfa letter_from_the_end(int n) {
  Nfa nfa{first_letters(2), n + 1, {0}, std::vector<char>(static_cast<std::size_t>(n) + 1, 0), {}};
  nfa.accepting[n] = 1;
  nfa.edges = {{0, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  for (State q = 1; q < n; ++q)
    for (Symbol a = 0; a < 2; ++a) nfa.edges.push_back({q, a, q + 1});
  return nfa;
}

TEST(Nfa, BudgetIsExact) {
  EXPECT_EQ(determinise(letter_from_the_end(10), 1024).states, 1024);
  try {
    determinise(letter_from_the_end(10), 1023);
    FAIL() << "no BudgetError";
  } catch (const base::BudgetError& error) {
    EXPECT_EQ(error.budget(), "max-states");
    EXPECT_EQ(error.limit(), 1023u);
  }
  EXPECT_THROW(determinise(letter_from_the_end(40)), base::BudgetError);
}

TEST(Nfa, StatesThatLeadNowhereCostNothing) {
  // Without trimming the tail would be tracked letter by letter: 2^40 subsets.
  Nfa nfa = letter_from_the_end(40);
  nfa.accepting.assign(nfa.accepting.size(), 0);
  nfa.accepting[0] = 1;
  EXPECT_EQ(determinise(nfa).states, 1);
}

TEST(Nfa, FewButHugeSubsetsAreStoppedToo) {
  // A line entered everywhere at once: subsets {0..n-1}, {1..n-1}, ... hold n^2 / 2 elements together.
  const State n = 12'000;
  Nfa nfa{first_letters(1), n, {}, std::vector<char>(static_cast<std::size_t>(n), 1), {}};
  for (State q = 0; q < n; ++q) nfa.starts.push_back(q);
  for (State q = 0; q + 1 < n; ++q) nfa.edges.push_back({q, 0, q + 1});
  EXPECT_THROW(determinise(nfa, 20'000), base::BudgetError);
}

TEST(Nfa, RefusesInconsistentTables) {
  const Nfa good{first_letters(1), 1, {0}, {1}, {{0, 0, 0}}};
  EXPECT_NO_THROW(determinise(good));
  for (const Nfa::Edge bad : {Nfa::Edge{0, 1, 0}, {0, -2, 0}, {1, 0, 0}, {0, 0, -1}}) {
    Nfa nfa = good;
    nfa.edges.push_back(bad);
    EXPECT_THROW(determinise(nfa), std::invalid_argument);
  }
  Nfa nfa = good;
  nfa.starts = {1};
  EXPECT_THROW(determinise(nfa), std::invalid_argument);
  nfa = good;
  nfa.accepting.clear();
  EXPECT_THROW(determinise(nfa), std::invalid_argument);
}

}  // namespace
}  // namespace yore::automata
