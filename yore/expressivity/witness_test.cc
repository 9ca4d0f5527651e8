#include "yore/expressivity/witness.h"
#include "yore/base/error.h"

#include <gtest/gtest.h>

#include "yore/automata/convert.h"

namespace yore::expressivity {
namespace {

TEST(Recipe, ExpandsNamesGroupsAndPowers) {
  const std::map<std::string, Word> words{{"s", {0}}, {"u", {1, 2}}, {"e", {}}};
  EXPECT_EQ(expand_recipe("s u", words, 3), (Word{0, 1, 2}));
  EXPECT_EQ(expand_recipe("u^n", words, 2), (Word{1, 2, 1, 2}));
  EXPECT_EQ(expand_recipe("s^3 e^(2n+1) u^0", words, 2), (Word{0, 0, 0}));
  EXPECT_EQ(expand_recipe("s^(2n+1)", words, 2), (Word{0, 0, 0, 0, 0}));
  EXPECT_EQ(expand_recipe("(s^n u)^n s", words, 2), (Word{0, 0, 1, 2, 0, 0, 1, 2, 0}));
  EXPECT_EQ(expand_recipe("(s u)^n", words, 0), Word{});
  for (const char* bad : {"x", "(s", "s)", "s^", "s^(n", "s^x", "s^(n+)"}) {
    EXPECT_THROW(expand_recipe(bad, words, 1), std::logic_error) << bad;
  }
}

TEST(Verified, RefusesWhatIsNotAWitness) {
  const Dfa dfa = automata::dfa_from_regex(logic::parse_regex("(ab)*"));
  Witness witness;
  witness.kind = "cycle";
  witness.words = {{"s", {}}, {"x", {0}}, {"y", {1}}, {"z", {}}};
  witness.recipe_a = "s (x y)^n z";
  witness.recipe_b = "s (x y)^n x z";
  const Witness good = verified(dfa, witness, {.before = true}, 4);
  EXPECT_EQ(good.depth, 4);
  EXPECT_TRUE(good.a_accepted);
  EXPECT_EQ(good.a, (Word{0, 1, 0, 1, 0, 1, 0, 1}));
  EXPECT_EQ(witness_strings(good, 1), (std::pair<Word, Word>{{0, 1}, {0, 1, 0}}));
  // Y tells these apart; equal strings are on one side; a string that leaves the language for larger n
  // changes sides.
  EXPECT_THROW(verified(dfa, witness, {.lookback = 1, .before = true}, 4), std::logic_error);
  witness.recipe_b = "s (x y)^n z";
  EXPECT_THROW(verified(dfa, witness, {.before = true}, 4), std::logic_error);
  witness.recipe_a = "(x x)^n";
  witness.recipe_b = "x (x y)^n";
  EXPECT_THROW(verified(dfa, witness, {.before = true}, 4), std::logic_error);
}

TEST(Recipe, StringsThatFitNowhereAreNotWritten) {
  const std::map<std::string, Word> words{{"u", {0, 1}}, {"e", {}}};
  EXPECT_EQ(expand_recipe("e^(2147483647n) u", words, 5), (Word{0, 1}));
  EXPECT_THROW((void)expand_recipe("u^(2147483647n+1)", words, 5), base::BudgetError);
  EXPECT_THROW((void)expand_recipe("(u^1000000 u)^1000000", words, 5), base::BudgetError);
}

}  // namespace
}  // namespace yore::expressivity
