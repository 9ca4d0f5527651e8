#include "yore/automata/dfa.h"

#include <gtest/gtest.h>

#include <chrono>

#include "yore/automata/test_support.h"
#include "yore/base/error.h"

namespace yore::automata {
namespace {

using testing::first_difference;
using testing::first_letters;
using testing::random_dfa;

TEST(Dfa, CheckRefusesInconsistentTables) {
  const Dfa good{first_letters(2), 2, 0, {0, 1}, {0, 1, 1, 0}};
  EXPECT_NO_THROW(check(good));
  const auto broken = [&](auto change) {
    Dfa dfa = good;
    change(dfa);
    EXPECT_THROW(check(dfa), std::invalid_argument);
  };
  broken([](Dfa& d) { d.states = 0; });
  broken([](Dfa& d) { d.start = 2; });
  broken([](Dfa& d) { d.start = -1; });
  broken([](Dfa& d) { d.accepting.push_back(0); });
  broken([](Dfa& d) { d.next.pop_back(); });
  broken([](Dfa& d) { d.next[3] = 2; });
  broken([](Dfa& d) { d.next[0] = -1; });
}

TEST(Dfa, BooleanCombinationsOnAllShortWords) {
  base::Random random({1, 1});
  for (int round = 0; round < 60; ++round) {
    const Dfa a = random_dfa(random, 4, 2), b = random_dfa(random, 5, 2);
    const Dfa both = product(a, b, Combine::And), either = product(a, b, Combine::Or);
    const Dfa one = product(a, b, Combine::Xor), minus = product(a, b, Combine::Minus), none = complement(a);
    for (const Dfa* dfa : {&both, &either, &one, &minus, &none}) check(*dfa);
    for_all_words(2, 7, [&](const Word& w) {
      const bool in_a = a.accepts(w), in_b = b.accepts(w);
      ASSERT_EQ(both.accepts(w), in_a && in_b);
      ASSERT_EQ(either.accepts(w), in_a || in_b);
      ASSERT_EQ(one.accepts(w), in_a != in_b);
      ASSERT_EQ(minus.accepts(w), in_a && !in_b);
      ASSERT_EQ(none.accepts(w), !in_a);
    });
  }
}

TEST(Dfa, ProductKeepsToItsBudgetAndAlphabet) {
  base::Random random({1, 2});
  const Dfa a = random_dfa(random, 40, 2), b = random_dfa(random, 40, 2);
  const std::size_t needed = static_cast<std::size_t>(product(a, b, Combine::And).states);
  EXPECT_NO_THROW(product(a, b, Combine::And, needed));
  try {
    product(a, b, Combine::And, needed - 1);
    FAIL() << "no BudgetError";
  } catch (const base::BudgetError& error) {
    EXPECT_EQ(error.budget(), "max-states");
    EXPECT_EQ(error.limit(), needed - 1);
  }
  EXPECT_THROW(product(a, random_dfa(random, 2, 3), Combine::And), std::invalid_argument);
  EXPECT_THROW(difference(a, random_dfa(random, 2, 3)), std::invalid_argument);
}

TEST(Dfa, ShortestAcceptedIsTheFirstInLengthThenSymbolOrder) {
  base::Random random({1, 3});
  int empty = 0;
  for (int round = 0; round < 400; ++round) {
    const Dfa dfa = random_dfa(random, 6, 2, 6);
    std::optional<Word> first;
    for_all_words(2, 6, [&](const Word& w) {
      if (!first && dfa.accepts(w)) first = w;
    });
    // A shortest word visits no state twice, so length 6 is enough for 6 states.
    ASSERT_EQ(shortest_accepted(dfa), first);
    empty += !first;
  }
  EXPECT_GT(empty, 10);
}

TEST(Dfa, DifferenceIsAShortestCounterexample) {
  base::Random random({1, 4});
  int equal = 0, longest = 0;
  for (int round = 0; round < 4000; ++round) {
    const Dfa a = random_dfa(random, 4, 2, 4);
    // Near misses (one changed entry) differ late; unrelated automata differ early.
    Dfa b = round % 2 == 0 ? testing::blown_up(a, 2, random) : random_dfa(random, 4, 2, 4);
    if (round % 4 == 0) b.next[random.below(b.next.size())] = static_cast<State>(random.below(8));
    // Two automata with m and n states that differ do so on a word of length <= m + n - 2.
    const std::optional<Word> truth = first_difference(a, b, 10);
    for (const auto& found : {difference(a, b), difference(b, a)}) {
      ASSERT_EQ(found.has_value(), truth.has_value());
      if (!found) continue;
      ASSERT_EQ(found->size(), truth->size());
      ASSERT_NE(a.accepts(*found), b.accepts(*found));
    }
    // The same question by another route: is the symmetric difference empty?
    const auto by_product = shortest_accepted(product(a, b, Combine::Xor));
    ASSERT_EQ(by_product, truth);
    equal += !truth;
    if (truth) longest = std::max(longest, static_cast<int>(truth->size()));
  }
  EXPECT_GT(equal, 500);
  EXPECT_GE(longest, 5);
}

TEST(Dfa, OverAWiderAlphabetNewSymbolsAreRejected) {
  base::Random random({1, 5});
  const Alphabet wide({"c", "b", "a"});
  for (int round = 0; round < 50; ++round) {
    const Dfa dfa = random_dfa(random, 4, 2), wider = over_alphabet(dfa, wide);
    check(wider);
    for_all_words(3, 6, [&](const Word& w) {
      Word narrow;
      bool has_new = false;
      for (Symbol a : w) {
        has_new = has_new || a == 0;
        narrow.push_back(2 - a);
      }
      ASSERT_EQ(wider.accepts(w), !has_new && dfa.accepts(narrow));
    });
  }
  EXPECT_THROW(over_alphabet(random_dfa(random, 2, 2), Alphabet({"a", "c"})), std::invalid_argument);
}

TEST(Dfa, ComponentsAreMutualReachabilityInTopologicalOrder) {
  base::Random random({1, 6});
  int several = 0;
  for (int round = 0; round < 300; ++round) {
    const int n = 1 + static_cast<int>(random.below(9));
    const Dfa dfa = random_dfa(random, n, round % 2 + 1);
    std::vector<std::vector<char>> reach(n, std::vector<char>(n, 0));
    for (State q = 0; q < n; ++q) {
      reach[q][q] = 1;
      for (Symbol a = 0; a < dfa.alphabet.size(); ++a) reach[q][dfa.step(q, a)] = 1;
    }
    for (State k = 0; k < n; ++k)
      for (State i = 0; i < n; ++i)
        for (State j = 0; j < n; ++j) reach[i][j] = reach[i][j] || (reach[i][k] && reach[k][j]);
    const Components found = components(dfa);
    ASSERT_EQ(found.of.size(), static_cast<std::size_t>(n));
    for (State p = 0; p < n; ++p) {
      for (State q = 0; q < n; ++q) ASSERT_EQ(found.of[p] == found.of[q], reach[p][q] && reach[q][p]);
      for (Symbol a = 0; a < dfa.alphabet.size(); ++a) ASSERT_LE(found.of[p], found.of[dfa.step(p, a)]);
    }
    std::size_t members = 0;
    for (std::size_t c = 0; c < found.members.size(); ++c) {
      ASSERT_FALSE(found.members[c].empty());
      members += found.members[c].size();
      for (State q : found.members[c]) ASSERT_EQ(found.of[q], static_cast<int>(c));
    }
    ASSERT_EQ(members, static_cast<std::size_t>(n));
    several += found.members.size() > 2;
  }
  EXPECT_GT(several, 50);
}

TEST(Dfa, ComponentsOfAVeryLongPathNeedNoStack) {
  const State n = 300'000;
  Dfa dfa{first_letters(1), n, 0, std::vector<char>(n, 0), std::vector<State>(n)};
  for (State q = 0; q < n; ++q) dfa.next[q] = std::min(q + 1, n - 1);
  const Components found = components(dfa);
  ASSERT_EQ(found.members.size(), static_cast<std::size_t>(n));
  for (State q = 0; q < n; ++q) ASSERT_EQ(found.of[q], q);
}

TEST(Dfa, AnEmptyAlphabetIsHarmless) {
  const Dfa only_empty_word{Alphabet(), 1, 0, {1}, {}};
  EXPECT_EQ(minimise(only_empty_word), only_empty_word);
  EXPECT_EQ(shortest_accepted(only_empty_word), Word{});
  EXPECT_EQ(difference(only_empty_word, complement(only_empty_word)), Word{});
  EXPECT_EQ(components(only_empty_word).members.size(), 1u);
}

}  // namespace
}  // namespace yore::automata
