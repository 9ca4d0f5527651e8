// Judged by the formula's whole automaton, built by another construction and compared state by state.
#include "yore/automata/formula_proof.h"

#include <gtest/gtest.h>

#include "yore/automata/convert.h"
#include "yore/automata/test_formulas.h"
#include "yore/automata/test_support.h"

namespace yore::automata {
namespace {

using logic::Formula;
using logic::FormulaGraph;
using logic::NodeId;

Formula random_formula(base::Random& random, int letters, int nodes, bool since) {
  return automata::random_formula(random, letters, nodes, {.truth = true, .since = since});
}

TEST(FormulaProof, SaysWhatTheWholeAutomatonSays) {
  base::Random random({9, 4});
  int large = 0;
  for (int round = 0; round < 3000; ++round) {
    const int letters = 1 + static_cast<int>(random.below(3));
    const Formula formula =
        random_formula(random, letters, 4 + static_cast<int>(random.below(40)), round % 2 == 0);
    const Dfa dfa = dfa_from_formula(formula);
    ASSERT_EQ(prove_formula(formula, dfa), Equivalence::Same) << logic::format_formula(formula);
    ASSERT_EQ(prove_formula(formula, complement(dfa)), Equivalence::Different);
    // One state's acceptance turned, or one move bent: another language.
    Dfa other = dfa;
    if (dfa.states > 1 && random.below(2) == 0)
      other.next[random.below(other.next.size())] = static_cast<State>(random.below(other.accepting.size()));
    else
      other.accepting[random.below(other.accepting.size())] ^= 1;
    other = minimise(other);
    ASSERT_EQ(prove_formula(formula, other), other == dfa ? Equivalence::Same : Equivalence::Different)
        << logic::format_formula(formula);
    large += dfa.states > 8;
  }
  EXPECT_GT(large, 50);
}

// Columns in two words, the end of string in the second or third.
TEST(FormulaProof, ManyLetters) {
  base::Random random({9, 5});
  for (const int letters : {63, 64, 65, 130}) {
    for (int round = 0; round < 60; ++round) {
      const Formula formula = random_formula(random, letters, 12, true);
      const Dfa dfa = dfa_from_formula(formula);
      ASSERT_EQ(prove_formula(formula, dfa), Equivalence::Same) << logic::format_formula(formula);
      ASSERT_EQ(prove_formula(formula, complement(dfa)), Equivalence::Different);
    }
  }
}

// "The letters a, b, ... occur in this order", many times over: 2^30 states for the whole automaton if every
// P is remembered beside the others, one bit at a time here.
TEST(FormulaProof, ALongChainNeedsNoAutomatonOfTheWhole) {
  Formula formula;
  formula.alphabet = testing::first_letters(3);
  FormulaGraph& g = formula.graph;
  constexpr int kLength = 200;
  // in[i]: i letters of the chain were found, and no more.
  Dfa dfa{formula.alphabet, kLength + 1, 0, std::vector<char>(kLength + 1, 0), {}};
  std::vector<NodeId> accepted;
  NodeId entered = g.constant(true);
  for (int i = 0; i <= kLength; ++i) {
    const NodeId left = i < kLength ? g.before(g.conjunction({g.letter(i % 3), entered})) : g.constant(false);
    const NodeId here = g.conjunction({entered, g.negation(left)});
    if (i % 2 == 1) accepted.push_back(here);
    dfa.accepting[i] = i % 2 == 1;
    for (logic::Symbol a = 0; a < 3; ++a) dfa.next.push_back(i < kLength && a == i % 3 ? i + 1 : i);
    entered = left;
  }
  formula.root = g.disjunction(accepted);
  EXPECT_EQ(prove_formula(formula, dfa), Equivalence::Same);
  dfa.accepting[kLength] ^= 1;
  EXPECT_EQ(prove_formula(formula, dfa), Equivalence::Different);
  EXPECT_EQ(prove_formula(formula, dfa, {.max_work = 1000}), Equivalence::OutOfBudget);
}

TEST(FormulaProof, BudgetsAndAlphabets) {
  const auto a_20_back = logic::parse_formula("Y Y Y Y Y Y Y Y Y Y a", Alphabet::parse("ab"));
  const Dfa dfa = dfa_from_formula(a_20_back);
  EXPECT_EQ(prove_formula(a_20_back, dfa), Equivalence::Same);
  EXPECT_EQ(prove_formula(a_20_back, dfa, {.max_states = 100}), Equivalence::OutOfBudget);
  EXPECT_THROW((void)prove_formula(logic::parse_formula("P a", Alphabet::parse("abc")), dfa),
               std::invalid_argument);
}

}  // namespace
}  // namespace yore::automata
