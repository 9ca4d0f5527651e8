// Judged by the formula's whole automaton, and by languages built so that the answer is known.
#include "yore/automata/formula_by_state.h"

#include <gtest/gtest.h>

#include "yore/automata/convert.h"
#include "yore/automata/test_formulas.h"
#include "yore/automata/test_support.h"

namespace yore::automata {
namespace {

using logic::Formula;
using logic::FormulaGraph;
using logic::NodeId;

constexpr std::size_t kWork = 1'000'000'000;

// Random nodes, some of which say that something has never been: what runs through components are about.
Formula random_formula(base::Random& random, int letters, int nodes) {
  return automata::random_formula(random, letters, nodes, {.never = true});
}

// It may say nothing, but never anything wrong.
TEST(FormulaByState, IsRightWhereItAnswers) {
  base::Random random({9, 6});
  int yes = 0, no = 0;
  for (int round = 0; round < 6000; ++round) {
    const int letters =
        round % 200 == 0 ? 63 + static_cast<int>(random.below(4)) : 1 + static_cast<int>(random.below(3));
    const Formula formula = random_formula(random, letters, 3 + static_cast<int>(random.below(25)));
    const Dfa dfa = dfa_from_formula(formula);
    Dfa other = dfa;
    if (dfa.states > 1 && random.below(2) == 0)
      other.next[random.below(other.next.size())] = static_cast<State>(random.below(other.accepting.size()));
    else
      other.accepting[random.below(other.accepting.size())] ^= 1;
    other = minimise(other);
    if (const auto same = says_by_state(formula, dfa, kWork)) {
      ASSERT_TRUE(*same) << logic::format_formula(formula);
      yes += dfa.states > 3;
    }
    if (const auto same = says_by_state(formula, other, kWork)) {
      ASSERT_EQ(*same, other == dfa) << logic::format_formula(formula);
      no += !*same && other.states > 3;
    }
  }
  EXPECT_GT(yes, 300);
  EXPECT_GT(no, 150);
}

// A c comes before any d, no c is followed by a d, the last letter is a c. A d at first leads where a d after
// a c does: the state does not say which of the two, so neither whether a c came first nor whether a d
// followed one. That the words between, with a c and no such d, were never entered or were left, does.
TEST(FormulaByState, TellsApartWhetherAComponentWasLeft) {
  const Formula formula = logic::parse_formula("P (c & !P d) & !P (d & Y c) & Y c", Alphabet::parse("abcd"));
  const Dfa dfa = dfa_from_formula(formula);
  EXPECT_EQ(dfa.states, 4);
  EXPECT_EQ(says_by_state(formula, dfa, kWork), std::optional(true));
  EXPECT_EQ(says_by_state(formula, complement(dfa), kWork), std::optional(false));
}

// The last of the letters a and b is b, or there is none; c and d stand between at will. Where runs begin is
// the state after a b too: that nothing but c and d was read is what tells the two apart.
TEST(FormulaByState, LooksPastLettersThatMoveNoState) {
  const Formula formula = logic::parse_formula("!P (a | b) | ((c | d) S b)", Alphabet::parse("abcd"));
  const Dfa dfa = dfa_from_regex(logic::parse_regex("((a|b|c|d)*b)?(c|d)*", Alphabet::parse("abcd")));
  EXPECT_EQ(dfa.states, 2);
  EXPECT_EQ(says_by_state(formula, dfa, kWork), std::optional(true));
  EXPECT_EQ(says_by_state(formula, complement(dfa), kWork), std::optional(false));
}

// "The letters a, b, ... occur in this order", many times over, in linear time.
TEST(FormulaByState, ALongChainIsLinear) {
  Formula formula;
  formula.alphabet = testing::first_letters(3);
  FormulaGraph& g = formula.graph;
  constexpr int kLength = 1000;
  Dfa dfa{formula.alphabet, kLength + 1, 0, std::vector<char>(kLength + 1, 0), {}};
  std::vector<NodeId> accepted;
  NodeId entered = g.constant(true);
  for (int i = 0; i <= kLength; ++i) {
    const NodeId left = i < kLength ? g.before(g.conjunction({g.letter(i % 3), entered})) : g.constant(false);
    if (i % 2 == 1) accepted.push_back(g.conjunction({entered, g.negation(left)}));
    dfa.accepting[i] = i % 2 == 1;
    for (logic::Symbol a = 0; a < 3; ++a) dfa.next.push_back(i < kLength && a == i % 3 ? i + 1 : i);
    entered = left;
  }
  formula.root = g.disjunction(accepted);
  EXPECT_EQ(says_by_state(formula, dfa, 100'000'000), std::optional(true));
  dfa.accepting[kLength] ^= 1;
  EXPECT_EQ(says_by_state(formula, dfa, 100'000'000), std::optional(false));
  EXPECT_EQ(says_by_state(formula, dfa, 1000), std::nullopt);
}

}  // namespace
}  // namespace yore::automata
