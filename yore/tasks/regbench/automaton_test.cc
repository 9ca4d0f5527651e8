#include "yore/tasks/regbench/automaton.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "yore/tasks/common/statistics_test.h"

namespace yore::tasks {
namespace {

using automata::Dfa;
using automata::State;
using automata::Symbol;

// An independent canonical form: Moore's refinement by signatures until nothing splits, then the reachable
// classes in depth-first order, as the text of their moves. Equal exactly for equal languages.
std::vector<int> classes_of(const Dfa& dfa) {
  std::vector<int> classes(dfa.accepting.begin(), dfa.accepting.end());
  for (std::size_t count = 0;;) {
    std::map<std::vector<int>, int> signatures;
    std::vector<int> next;
    for (State q = 0; q < dfa.states; ++q) {
      std::vector<int> signature = {classes[static_cast<std::size_t>(q)]};
      for (Symbol a = 0; a < dfa.alphabet.size(); ++a)
        signature.push_back(classes[static_cast<std::size_t>(dfa.step(q, a))]);
      next.push_back(signatures.emplace(signature, static_cast<int>(signatures.size())).first->second);
    }
    classes = next;
    if (signatures.size() == count) return classes;
    count = signatures.size();
  }
}

void describe(const Dfa& dfa, const std::vector<int>& classes, State q, std::map<int, int>& numbers,
              std::string& text) {
  const int own = classes[static_cast<std::size_t>(q)];
  if (numbers.contains(own)) {
    text += std::to_string(numbers[own]) + ";";
    return;
  }
  numbers.emplace(own, static_cast<int>(numbers.size()));
  text += dfa.accepting[static_cast<std::size_t>(q)] != 0 ? "+(" : "-(";
  for (Symbol a = 0; a < dfa.alphabet.size(); ++a) describe(dfa, classes, dfa.step(q, a), numbers, text);
  text += ")";
}

std::string form(const Dfa& dfa) {
  std::map<int, int> numbers;
  std::string text;
  describe(dfa, classes_of(dfa), dfa.start, numbers, text);
  return text;
}

Dfa renamed(const Dfa& dfa, base::Random& random) {
  std::vector<State> name(static_cast<std::size_t>(dfa.states));
  for (std::size_t i = 0; i < name.size(); ++i) name[i] = static_cast<State>(i);
  for (std::size_t i = name.size(); i > 1; --i) std::swap(name[i - 1], name[random.below(i)]);
  Dfa result = dfa;
  const auto letters = static_cast<std::size_t>(dfa.alphabet.size());
  for (std::size_t q = 0; q < name.size(); ++q) {
    const auto to = static_cast<std::size_t>(name[q]);
    result.accepting[to] = dfa.accepting[q];
    for (std::size_t a = 0; a < letters; ++a)
      result.next[to * letters + a] = name[static_cast<std::size_t>(dfa.next[q * letters + a])];
  }
  result.start = name[static_cast<std::size_t>(dfa.start)];
  return result;
}

TEST(RegBenchAutomaton, IsDrawnAsPublished) {
  const AutomatonShape shape;
  base::Random random(1);
  std::vector<std::int64_t> states(9), moves(3), letters(18), jumps(3);
  for (int i = 0; i < 9000; ++i) {
    const Dfa dfa = draw_moves(shape, random);
    automata::check(dfa);
    const int n = dfa.states - 1;
    ASSERT_TRUE(4 <= n && n <= 12);
    ++states[static_cast<std::size_t>(n - 4)];
    std::set<Symbol> alphabet;
    for (State q = 0; q < n; ++q) {
      std::set<State> targets;
      int out = 0;
      for (Symbol a = 0; a < 18; ++a) {
        const State r = dfa.step(q, a);
        if (r == n) continue;
        ++out;
        alphabet.insert(a);
        EXPECT_NE(r, q) << "a move to itself";
        EXPECT_TRUE(targets.insert(r).second) << "a target twice";
        if (n == 4) ++jumps[static_cast<std::size_t>((r - q + 4) % 4 - 1)];
      }
      ASSERT_TRUE(1 <= out && out <= 3);
      ++moves[static_cast<std::size_t>(out - 1)];
      EXPECT_NE(dfa.accepting[static_cast<std::size_t>(q)], 0);
    }
    EXPECT_EQ(dfa.accepting[static_cast<std::size_t>(n)], 0);
    // One state's letters alone: those of an automaton are not independent.
    for (Symbol a = 0; a < 18; ++a)
      if (dfa.step(0, a) != n) {
        ++letters[static_cast<std::size_t>(a)];
        break;
      }
  }
  EXPECT_LT(testing::uniformity_ratio(states), 1);
  EXPECT_LT(testing::uniformity_ratio(moves), 1);
  EXPECT_LT(testing::uniformity_ratio(jumps), 1);
  // The first of 1, 2 or 3 letters of 18, each subset of a size as likely as the next:
  // P(first = a) = 1/3 (1/18 + C(17-a, 1) / C(18, 2) + C(17-a, 2) / C(18, 3)).
  std::vector<double> expected;
  for (int a = 0; a < 18; ++a)
    expected.push_back(3000 * (1 / 18.0 + (17 - a) / 153.0 + (17 - a) * (16 - a) / 2 / 816.0));
  EXPECT_NEAR(expected[17], 3000 / 18.0, 1e-9);
  EXPECT_LT(testing::chi_square_ratio(letters, expected), 1);
}

// With 300 states every letter of the alphabet is used somewhere (all but certain: 15 (5/6)^300).
TEST(RegBenchAutomaton, AlphabetSizesAreUniform) {
  AutomatonShape shape;
  shape.min_states = shape.max_states = 300;
  base::Random random(2);
  std::vector<std::int64_t> sizes(15);
  for (int i = 0; i < 1500; ++i) {
    const Dfa dfa = draw_moves(shape, random);
    std::set<Symbol> used;
    for (State q = 0; q < 300; ++q)
      for (Symbol a = 0; a < 18; ++a)
        if (dfa.step(q, a) != 300) used.insert(a);
    ASSERT_TRUE(4 <= used.size() && used.size() <= 18);
    ++sizes[used.size() - 4];
  }
  EXPECT_LT(testing::uniformity_ratio(sizes), 1);
}

TEST(RegBenchAutomaton, IsMinimalTrimmedAndOfTheSameLanguage) {
  base::Random random(3);
  int merged = 0;
  for (int i = 0; i < 1000; ++i) {
    const Dfa drawn = draw_moves({}, random);
    const PromptAutomaton automaton(drawn);
    const Dfa& small = automaton.dfa();
    const std::vector<int> classes = classes_of(small);
    EXPECT_EQ(std::set<int>(classes.begin(), classes.end()).size(), static_cast<std::size_t>(small.states))
        << "two states that no word tells apart";
    // Side by side: what is reached together agrees, and every state of the small one is reached.
    std::set<std::pair<State, State>> seen = {{drawn.start, small.start}};
    std::vector<std::pair<State, State>> open(seen.begin(), seen.end());
    std::set<State> reached, drawn_reached;
    while (!open.empty()) {
      const auto [p, q] = open.back();
      open.pop_back();
      reached.insert(q);
      drawn_reached.insert(p);
      ASSERT_EQ(drawn.accepting[static_cast<std::size_t>(p)], small.accepting[static_cast<std::size_t>(q)]);
      for (Symbol a = 0; a < 18; ++a)
        if (const std::pair<State, State> to = {drawn.step(p, a), small.step(q, a)}; seen.insert(to).second)
          open.push_back(to);
    }
    EXPECT_EQ(reached.size(), static_cast<std::size_t>(small.states));
    merged += drawn_reached.size() > reached.size();
    // The legal letters by trying each.
    for (const auto& [p, q] : seen) {
      std::vector<Symbol> legal;
      for (Symbol a = 0; a < 18; ++a)
        if (drawn.step(p, a) != drawn.states - 1) legal.push_back(a);
      EXPECT_EQ(automaton.legal(q), legal);
    }
  }
  EXPECT_GT(merged, 0) << "no case of a merge";
}

TEST(RegBenchAutomaton, NamesOfStatesDoNotCount) {
  base::Random random(4);
  for (int i = 0; i < 500; ++i) {
    const Dfa drawn = draw_moves({}, random);
    const PromptAutomaton one(drawn), other(renamed(drawn, random));
    EXPECT_EQ(one.dfa(), other.dfa());
    EXPECT_EQ(one.hash(7), other.hash(7));
    EXPECT_EQ(side_of(one, 7), side_of(other, 7));
  }
}

TEST(RegBenchAutomaton, SidesNeverShareALanguage) {
  // Small worlds as well, where the same languages come again and again.
  AutomatonShape few;
  few.letters = few.max_alphabet = 4;
  few.min_states = few.max_states = 4;
  few.max_moves = 2;
  for (const AutomatonShape& shape : {AutomatonShape{}, few}) {
    std::set<std::string> forms[3];
    std::set<std::string> all;
    for (int side = 0; side < 3; ++side) {
      base::Random random({5, static_cast<std::uint64_t>(side)});
      for (int i = 0; i < (side == 0 ? 6000 : 1500); ++i) {
        const PromptAutomaton automaton = draw_automaton(shape, static_cast<Side>(side), 0, random);
        EXPECT_EQ(side_of(automaton, 0), static_cast<Side>(side));
        forms[side].insert(form(automaton.dfa()));
      }
      all.insert(forms[side].begin(), forms[side].end());
    }
    EXPECT_EQ(all.size(), forms[0].size() + forms[1].size() + forms[2].size());
    for (const auto& each : forms) EXPECT_GT(each.size(), 20u);
  }
}

// Of different languages a sixteenth each is for validation and for tests; another seed splits otherwise.
TEST(RegBenchAutomaton, TheSplitHasItsShares) {
  base::Random random(6);
  std::set<std::string> seen;
  std::vector<std::int64_t> sides(3);
  int moved = 0;
  constexpr int kDraws = 8000;
  for (int i = 0; i < kDraws; ++i) {
    const PromptAutomaton automaton(draw_moves({}, random));
    if (!seen.insert(form(automaton.dfa())).second) continue;
    ++sides[static_cast<std::size_t>(side_of(automaton, 0))];
    moved += side_of(automaton, 0) != side_of(automaton, 1);
  }
  const double n = static_cast<double>(seen.size());
  EXPECT_LT(n, kDraws) << "no language twice: the split has nothing to do";
  EXPECT_LT(testing::chi_square_ratio(sides, {n * 14 / 16, n / 16, n / 16}), 1);
  EXPECT_GT(moved, 0);
}

TEST(RegBenchAutomaton, StringsAreUniformWalks) {
  base::Random random(8);
  for (int i = 0; i < 20; ++i) {
    const Dfa drawn = draw_moves({}, random);
    const PromptAutomaton automaton(drawn);
    std::map<State, std::vector<std::int64_t>> counts;
    for (int k = 0; k < 200; ++k) {
      std::vector<std::int32_t> word;
      automaton.draw_string(49, random, word);
      ASSERT_EQ(word.size(), 49u);
      ASSERT_TRUE(drawn.accepts(word));
      State q = drawn.start;
      for (const Symbol a : word) {
        counts[q].resize(18);
        ++counts[q][static_cast<std::size_t>(a)];
        q = drawn.step(q, a);
      }
    }
    for (const auto& [q, followed] : counts) {
      std::vector<std::int64_t> taken;
      for (Symbol a = 0; a < 18; ++a) {
        if (drawn.step(q, a) != drawn.states - 1)
          taken.push_back(followed[static_cast<std::size_t>(a)]);
        else
          ASSERT_EQ(followed[static_cast<std::size_t>(a)], 0);
      }
      // At 0.1 % each one of these some 130 tests would fail now and then: the bound is doubled.
      std::int64_t visits = 0;
      for (const std::int64_t n : taken) visits += n;
      if (taken.size() > 1 && visits > 50) {
        EXPECT_LT(testing::uniformity_ratio(taken), 2);
      }
    }
  }
}

TEST(RegBenchAutomaton, OtherAutomataAreRefused) {
  const automata::Alphabet ab(letter_names(2));
  EXPECT_THROW(PromptAutomaton({ab, 2, 0, {1, 0}, {1, 1, 1, 1}}), std::invalid_argument);  // strings end
  EXPECT_THROW(PromptAutomaton({ab, 2, 0, {0, 1}, {1, 1, 1, 1}}), std::invalid_argument);  // comes back
  EXPECT_THROW(PromptAutomaton({ab, 1, 0, {0}, {0, 0}}), std::invalid_argument);           // empty
  EXPECT_NO_THROW(PromptAutomaton({ab, 1, 0, {1}, {0, 0}}));  // nothing forbidden
  EXPECT_EQ(letter_names(18).back(), "r");
  EXPECT_EQ(letter_names(27).back(), "26");
}

}  // namespace
}  // namespace yore::tasks
