// Positions modulo a period, held against types by definition (docs/theory.md, "Positions").
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "yore/automata/convert.h"
#include "yore/base/error.h"
#include "yore/expressivity/positions_test.h"
#include "yore/expressivity/random_languages.h"
#include "yore/expressivity/synthesis.h"
#include "yore/expressivity/verdict.h"
#include "yore/logic/regex.h"

namespace yore::expressivity {
namespace {

Dfa dfa_with_alphabet(const std::string& regex, const std::string& alphabet) {
  return automata::dfa_from_regex(logic::parse_regex(regex, logic::Alphabet::parse(alphabet)));
}

TEST(Positions, AgreeWithTypesOnAllAutomataOfUpToThreeStates) {
  Seen seen[3];
  int count = 0;
  for (int states = 1; states <= 3; ++states)
    for_all_automata(states, [&](const Dfa& dfa) {
      ++count;
      for (const int period : {2, 3}) hold_against_types(dfa, period, seen);
    });
  EXPECT_EQ(count, 2 + 24 + 1028);
  for (const Seen& of : seen) {
    EXPECT_GT(of.yes, 50);
    EXPECT_GT(of.no, 50);
  }
}

TEST(Positions, AgreeWithTypesOnRandomAutomata) {
  base::Random random(9);
  Seen seen[3];
  for (int trial = 0; trial < 100; ++trial)
    hold_against_types(random_language(random, 4 + trial % 3, 2), 2 + trial % 4, seen);
}

TEST(Positions, OfEvenLengthMakeEvenLengthGlobal) {
  const Dfa even = dfa_with_alphabet("(aa)*", "a");
  const Classification answer = classify(even, {.period = 2});
  EXPECT_EQ(answer.of(Class::Global).member, Answer::Yes);
  EXPECT_EQ(logic::format_formula(*answer.of(Class::Global).formula), "pos=0/2");
  EXPECT_EQ(answer.of(Class::Global).logic, "LTL[P,MOD_2]");
  EXPECT_EQ(answer.of(Class::Local).member, Answer::Yes);
  EXPECT_EQ(answer.of(Class::StarFree).member, Answer::Yes);
  EXPECT_EQ(classify(even, {.period = 3}).of(Class::StarFree).member, Answer::No);
  EXPECT_EQ(classify(even, {.period = 6}).of(Class::Global).member, Answer::Yes);
  EXPECT_EQ(answer.of(Family::GatedDiagonal).member, Answer::Yes);
  const Dfa parity = dfa_with_alphabet("b*(ab*ab*)*", "ab");
  for (const int period : {1, 2, 3, 4, 6}) {
    const Classification no = classify(parity, {.period = period});
    for (const Class c : kClasses) EXPECT_EQ(no.of(c).member, Answer::No);
    EXPECT_EQ(no.of(Family::SignedDiagonal).member, Answer::Yes);
    EXPECT_EQ(no.of(Family::GatedDiagonal).member, Answer::No);
    EXPECT_EQ(no.of(Family::GatedDiagonal).witness->u.size() % static_cast<std::size_t>(period), 0u);
  }
}

TEST(Positions, AnyFindsTheLeastPeriod) {
  const auto least = [](const std::string& regex, const std::string& alphabet) {
    const Classification answer = classify_any_period(dfa_with_alphabet(regex, alphabet));
    std::string text;
    for (const auto& period : answer.periods->least) text += period ? std::to_string(*period) + " " : "none ";
    return text + "used " + std::to_string(answer.periods->used);
  };
  EXPECT_EQ(least("(aa)*", "a"), "2 2 2 2 used 2");
  EXPECT_EQ(least("((a|b){6})*", "ab"), "6 6 6 6 used 6");
  EXPECT_EQ(least("b*(ab*ab*)*", "ab"), "none none none none used 1");
  EXPECT_EQ(least("(ab)*", "ab"), "2 none 1 1 used 2");
  EXPECT_EQ(least("a.*", "ab"), "1 none 1 1 used 1");
  // Since the last c an even number of a: the remainders of the two positions tell.
  EXPECT_EQ(least("((a|c)*c)?(aa)*", "ac"), "none none none 2 used 2");
}

TEST(Positions, AFormulaWithoutWindowsIsOneAtEveryLookback) {
  for (const int lookback : {2, 3, 9}) {
    const Classification even =
        classify(dfa_with_alphabet("(..)*", "ab"), {.lookback = lookback, .period = 2});
    EXPECT_EQ(even.of(Class::Local).member, Answer::Yes) << lookback;
    EXPECT_EQ(even.of(Class::Hybrid).member, Answer::Yes) << lookback;
    ASSERT_TRUE(even.of(Class::Local).formula) << lookback;
  }
}

// Of positions modulo 256 a language of even lengths needs what they tell modulo 2.
TEST(Positions, StarFreeFormulasAskForNoMoreThanTheLanguageDoes) {
  const Dfa dfa = dfa_with_alphabet("(c*(ac*(ac*bc*)*bc*)*)&(..)*", "abc");
  const Classification answer = classify(dfa, {.period = 256});
  const auto& formula = answer.of(Class::StarFree).formula;
  ASSERT_TRUE(formula.has_value());
  EXPECT_EQ(logic::fragment(*formula).find("MOD_256"), std::string::npos) << logic::fragment(*formula);
  EXPECT_NE(logic::fragment(*formula).find("MOD_2"), std::string::npos) << logic::fragment(*formula);
}

// With windows of three letters (..)*.a is known to be local from period 4 on; star-free it is from 2 on.
TEST(Positions, AnyAnswersAtThePeriodOfTheClassAskedFor) {
  const Dfa dfa = dfa_with_alphabet("(..)*.a", "ab");
  const auto at = [&](std::optional<Class> asked) {
    return classify_any_period(dfa, {.lookback = 3, .asked = asked, .formulas = false});
  };
  EXPECT_EQ(at(std::nullopt).period, 4);
  EXPECT_EQ(at(std::nullopt).of(Class::Local).member, Answer::Yes);
  EXPECT_EQ(at(Class::Local).period, 4);
  EXPECT_EQ(at(Class::StarFree).period, 2);
}

// The least period by trying them all, and that a period's multiples do no worse.
TEST(Positions, AnyAgreesWithTryingAllPeriods) {
  base::Random random(10);
  for (int trial = 0; trial < 180; ++trial) {
    const Dfa dfa = random_language(random, 2 + trial % 4, 1 + trial % 2);
    const ClassifyOptions quick{
        .lookback = trial < 120 ? 1 : 2 + trial % 3, .witnesses = false, .formulas = false};
    const Classification answer = classify_any_period(dfa, quick);
    for (const Class c : kClasses) {
      std::optional<int> expected;
      bool settled = true;
      for (int period = 1; period <= 16; ++period) {
        ClassifyOptions with = quick;
        with.period = period;
        const Answer member = classify(dfa, with).of(c).member;
        if (!expected && member == Answer::Unknown) settled = false;
        if (member == Answer::Yes && !expected) expected = period;
        // Windows of k letters are those of one letter from period k on.
        if (expected && period % *expected == 0 && (quick.lookback == 1 || *expected >= quick.lookback)) {
          EXPECT_EQ(member, Answer::Yes);
        }
      }
      const auto at = static_cast<std::size_t>(c);
      EXPECT_EQ(answer.periods->least[at], expected) << trial << " " << name(c);
      if (quick.lookback > 1) {
        EXPECT_EQ(answer.periods->known[at] != 0, settled) << trial << " " << name(c);
      }
    }
  }
}

// Where nothing is known to help, nothing is said to help not.
TEST(Positions, AnySaysWhatIsNotKnown) {
  const auto text = [](const std::string& regex, const ClassifyOptions& options) {
    return to_text(classify_any_period(dfa_with_alphabet(regex, "ab"), options), false, regex);
  };
  EXPECT_NE(text(".*a", {.lookback = 2, .formulas = false}).find("local 2, hybrid 2"), std::string::npos);
  EXPECT_NE(text("b*(ab*ab*)*", {.formulas = false}).find("No period of positions helps"), std::string::npos);
  const std::string open = text("(a{31})*b(a{37})*b(a{29})*", {.formulas = false});
  EXPECT_NE(open.find("No period of positions is known to help"), std::string::npos) << open.substr(0, 400);
}

TEST(Positions, MakeWindowsUpToThePeriodAsGoodAsTheLastLetter) {
  const Dfa ends_in_a = dfa_with_alphabet(".*a", "ab");
  EXPECT_EQ(classify(ends_in_a, {.lookback = 2}).of(Class::Local).member, Answer::No);
  const Classification with = classify(ends_in_a, {.lookback = 2, .period = 2});
  ASSERT_TRUE(with.of(Class::Local).formula.has_value());
  EXPECT_EQ(automata::dfa_from_formula(*with.of(Class::Local).formula), ends_in_a);
  EXPECT_EQ(logic::fragment(*with.of(Class::Local).formula), "LTL[Y<=2,MOD_2]");
  const Classification beyond = classify(ends_in_a, {.lookback = 3, .period = 2});
  EXPECT_EQ(beyond.of(Class::Local).member, Answer::Unknown);
  EXPECT_NE(beyond.of(Class::Local).open, "");
}

TEST(Tier, OfWhatHybridAttentionCannotIgnore) {
  const Classification answer = classify(dfa_with_alphabet("((c*ac*b)*c*)", "abc"));
  ASSERT_TRUE(answer.tier.has_value());
  EXPECT_EQ(answer.tier->neutral, (std::vector<logic::Symbol>{2}));
  EXPECT_EQ(answer.tier->hybrid, Answer::Yes);
  ASSERT_TRUE(answer.tier->formula.has_value());
  EXPECT_EQ(answer.tier->formula->alphabet, logic::Alphabet({"a", "b"}));
  EXPECT_EQ(automata::dfa_from_formula(*answer.tier->formula), dfa_with_alphabet("(ab)*", "ab"));
  EXPECT_FALSE(classify(dfa_with_alphabet("(ab)*", "ab")).tier.has_value());       // hybrid as it is
  EXPECT_FALSE(classify(dfa_with_alphabet("(a(ab)*b)*", "ab")).tier.has_value());  // no neutral letter
  const Classification parity = classify(dfa_with_alphabet("b*(ab*ab*)*", "ab"));
  EXPECT_EQ(parity.tier.value().hybrid, Answer::No);
  EXPECT_FALSE(parity.tier->formula.has_value());
}

}  // namespace
}  // namespace yore::expressivity
