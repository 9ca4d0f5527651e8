// Judged by the formula's whole automaton, built by another construction.
#include "yore/automata/formula_by_parts.h"

#include <gtest/gtest.h>

#include "yore/automata/convert.h"
#include "yore/automata/test_formulas.h"
#include "yore/base/error.h"

namespace yore::automata {
namespace {

constexpr std::size_t kMany = 1'000'000'000;

TEST(FormulaByParts, IsTheWholeAutomaton) {
  base::Random random({9, 6});
  int large = 0;
  for (int round = 0; round < 3000; ++round) {
    const logic::Formula formula =
        random_formula(random, 1 + static_cast<int>(random.below(3)), 4 + static_cast<int>(random.below(40)),
                       {.truth = true, .since = round % 2 == 0});
    const Dfa dfa = dfa_from_formula(formula);
    ASSERT_EQ(dfa_by_parts(formula, kMany, kMany), dfa) << logic::format_formula(formula);
    large += dfa.states > 8;
  }
  EXPECT_GT(large, 50);
}

TEST(FormulaByParts, Positions) {
  for (const char* text : {"pos=0/2", "P (a & pos=1/3) & pos=0/2", "(b | pos=2/3) S (a & Y pos=0/2)"}) {
    const logic::Formula formula = logic::parse_formula(text, logic::Alphabet::parse("ab"));
    EXPECT_EQ(dfa_by_parts(formula, kMany, kMany), dfa_from_formula(formula)) << text;
  }
}

// "Some letter came before", letter by letter: all operators at once remember 2^30 sets, each part two
// states.
TEST(FormulaByParts, NeedNotRememberEverythingAtOnce) {
  logic::Formula formula;
  std::vector<std::string> names;
  for (int a = 0; a < 30; ++a) names.push_back(std::to_string(a));
  formula.alphabet = logic::Alphabet(names);
  std::vector<logic::NodeId> seen;
  for (int a = 0; a < 30; ++a) seen.push_back(formula.graph.before(formula.graph.letter(a)));
  formula.root = formula.graph.disjunction(seen);
  EXPECT_THROW(dfa_from_formula(formula, 10'000), base::BudgetError);
  const Dfa dfa = dfa_by_parts(formula, 10, kMany);
  EXPECT_EQ(dfa.states, 2);
  EXPECT_FALSE(dfa.accepts({}));
  EXPECT_TRUE(dfa.accepts({29}));
}

TEST(FormulaByParts, BudgetsAreNamed) {
  const logic::Formula formula = logic::parse_formula("Y Y Y Y Y Y a", logic::Alphabet::parse("ab"));
  EXPECT_EQ(dfa_by_parts(formula, 128, kMany).states, 64);
  EXPECT_THROW(dfa_by_parts(formula, 63, kMany), base::BudgetError);
  EXPECT_THROW(dfa_by_parts(formula, 128, 100), base::BudgetError);
}

}  // namespace
}  // namespace yore::automata
