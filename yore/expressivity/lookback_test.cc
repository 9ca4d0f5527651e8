#include "yore/expressivity/lookback.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ctime>

#include "yore/automata/convert.h"
#include "yore/automata/test_support.h"
#include "yore/expressivity/random_languages.h"
#include "yore/expressivity/types.h"

namespace yore::expressivity {
namespace {

using automata::testing::dfa_of;

Classification at(int lookback, const Dfa& dfa) {
  ClassifyOptions options;
  options.lookback = lookback;
  return classify(dfa, options);
}

// Local and hybrid at the given lookback; evidence is checked from outside on the way.
std::string answers(int lookback, const Dfa& dfa) {
  const Classification c = at(lookback, dfa);
  std::string text;
  for (const Class which : {Class::Local, Class::Hybrid}) {
    const ClassVerdict& verdict = c.of(which);
    text += verdict.member == Answer::Yes ? 'y' : verdict.member == Answer::No ? 'n' : '?';
    if (verdict.formula) {
      const auto measure = logic::measure(*verdict.formula);
      EXPECT_FALSE(measure.uses_since);
      EXPECT_FALSE(which == Class::Local && measure.uses_before);
      const std::string fragment = logic::fragment(*verdict.formula);
      const std::string allowed = lookback == 1 ? "Y]" : "Y<=" + std::to_string(lookback) + "]";
      EXPECT_TRUE(!measure.uses_yesterday || fragment.find(allowed) != std::string::npos) << fragment;
      automata::for_all_words(dfa.alphabet.size(), 5, [&](const Word& word) {
        EXPECT_EQ(logic::accepts(*verdict.formula, word), dfa.accepts(word));
      });
    }
    if (!verdict.witness) continue;
    const TypeLogic logic{.lookback = lookback, .before = which == Class::Hybrid};
    for (int n = 0; n <= 3; ++n) {
      const auto [a, b] = witness_strings(*verdict.witness, n);
      EXPECT_EQ(same_type_at_end(a, b, n, logic), std::optional(true));
      EXPECT_NE(dfa.accepts(a), dfa.accepts(b));
      EXPECT_EQ(dfa.accepts(a), verdict.witness->a_accepted);
    }
  }
  return text;
}

TEST(Lookback, LastLetterNeedsExactlyOne) {
  EXPECT_EQ(answers(1, dfa_of(".*a")), "yy");
  for (const int k : {2, 3, 4, 5}) {
    EXPECT_EQ(answers(k, dfa_of(".*a")), "nn") << k;
    EXPECT_EQ(answers(k, dfa_of(".*a", "abc")), "nn") << k;
  }
}

TEST(Lookback, AnAAmongTheLastKNeedsAtMostK) {
  const std::string last[] = {"", ".*a", ".*a.?", ".*a.{0,2}", ".*a.{0,3}"};
  for (int among = 2; among <= 4; ++among) {
    for (int k = 2; k <= 5; ++k) {
      SCOPED_TRACE(testing::Message() << "among the last " << among << ", lookback " << k);
      EXPECT_EQ(answers(k, dfa_of(last[among])), k <= among ? "yy" : "nn");
    }
    const Classification c = at(among, dfa_of(last[among]));
    EXPECT_EQ(logic::format_formula(*c.of(Class::Local).formula), "Y<=" + std::to_string(among) + " a");
  }
}

TEST(Lookback, RepeatIsInNoHybridBeyondOne) {
  for (const int k : {2, 3, 4}) EXPECT_EQ(answers(k, dfa_of("(ab)*")), "nn");
}

TEST(Lookback, TheFactorAb) {
  for (const int k : {2, 3, 4})
    EXPECT_EQ(answers(k, dfa_of(".*ab.*")), "ny") << k;  // over two letters it is global
  for (const int k : {3, 4}) EXPECT_EQ(answers(k, dfa_of(".*ab.*", "abc")), "nn") << k;
  EXPECT_EQ(answers(2, dfa_of(".*ab.*", "abc")), "ny");
  EXPECT_EQ(answers(2, dfa_of(".*ab.*", "abcd")), "ny");
}

TEST(Lookback, LengthIsSeenByEvery) {
  for (const int k : {2, 3}) {
    EXPECT_EQ(answers(k, dfa_of("..+")), "yy");
    EXPECT_EQ(answers(k, dfa_of("()")), "yy");
    EXPECT_EQ(answers(k, dfa_of("[]")), "yy");
    EXPECT_EQ(answers(k, dfa_of("aa", "a")), "yy");
  }
}

// Digits are the targets of a, b, .. and a sign whether the state accepts.
Dfa automaton(int letters, const std::vector<std::string>& rows) {
  Dfa dfa;
  dfa.alphabet = first_letters(letters);
  dfa.states = static_cast<State>(rows.size());
  for (const std::string& row : rows) {
    for (int a = 0; a < letters; ++a) dfa.next.push_back(row[static_cast<std::size_t>(a)] - '0');
    dfa.accepting.push_back(row.back() == '+');
  }
  return dfa;
}

// No one loop is enough for these: different ones must have come round.
TEST(Lookback, RoundsThroughAComponent) {
  for (const int k : {3, 4}) {
    const Dfa dfa = automaton(2, {"12-", "13+", "22+", "43+", "02-"});
    EXPECT_EQ(answers(k, dfa), "nn");
    const Classification c = at(k, dfa);
    EXPECT_NE(c.of(Class::Hybrid).witness->recipe_a.find(")^(n+2)"), std::string::npos)
        << c.of(Class::Hybrid).witness->recipe_a;
  }
  EXPECT_EQ(answers(3, automaton(3, {"102+", "111-", "131+", "013-"})), "nn");
}

// A letter that leads away for good is evidence where it stands, not only behind it.
TEST(Lookback, EvidenceOfTheLetterThatLeads) {
  EXPECT_EQ(answers(2, automaton(3, {"112-", "111+", "321-", "103-"})), "ny");
  EXPECT_EQ(answers(2, automaton(3, {"001+", "222+", "033+", "333-"})), "ny");
}

TEST(Lookback, TheFamiliesFall) {
  base::Random random(11);
  int yes[4] = {0, 0, 0, 0}, no[4] = {0, 0, 0, 0}, open = 0;
  for (int trial = 0; trial < 60; ++trial) {
    const Dfa dfa = random_definite_language(random, 1 + trial % 3, 2);
    char before = 'y';
    for (int k = 1; k <= 3; ++k) {
      const std::string now = answers(k, dfa);
      SCOPED_TRACE(testing::Message() << "trial " << trial << ", k " << k);
      EXPECT_FALSE(now[0] == 'y' && before == 'n') << "in LTL[Y<=k+1] but not in LTL[Y<=k]";
      EXPECT_FALSE(now[0] == 'y' && now[1] != 'y') << "in LTL[Y<=k] but not in LTL[P,Y<=k]";
      open += now[0] == '?';
      yes[k] += now[0] == 'y';
      no[k] += now[0] == 'n';
      before = now[0];
    }
  }
  std::printf("60 definite languages: in LTL[Y<=2] %d yes %d no, in LTL[Y<=3] %d yes %d no, %d open\n",
              yes[2], no[2], yes[3], no[3], open);
  EXPECT_EQ(yes[1], 60);
  EXPECT_GT(yes[2], 5);
  EXPECT_GT(no[2], 20);
  EXPECT_EQ(open, 0);
}

TEST(Lookback, ABudgetIsNamed) {
  ClassifyOptions options;
  options.lookback = 2;
  options.max_types = 1;
  const Classification c = classify(dfa_of(".*a.."), options);
  for (const Class which : {Class::Local, Class::Hybrid}) {
    EXPECT_EQ(c.of(which).member, Answer::Unknown);
    EXPECT_EQ(c.of(which).open.rfind("max-types 1", 0), 0u) << c.of(which).open;
  }
  EXPECT_TRUE(c.sufficient.empty());
  EXPECT_EQ(c.of(Class::StarFree).member, Answer::Yes);
  const std::string text = to_text(c);
  EXPECT_NE(text.find("not settled"), std::string::npos);
}

// What a step costs grows with the window, and so does what it takes from the budget.
TEST(Lookback, AnyNumberEndsSoon) {
  const std::clock_t begin = std::clock();
  for (const int k : {1'000, 1'000'000, 2'147'483'647}) {
    const Classification repeat = classify(
        automata::dfa_from_regex(logic::parse_regex("(ab)*", logic::Alphabet::parse("ab"))), {.lookback = k});
    EXPECT_NE(repeat.of(Class::Hybrid).member, Answer::Yes);
    EXPECT_EQ(repeat.of(Class::Local).member, Answer::No);
    const Classification factor =
        classify(automata::dfa_from_regex(logic::parse_regex(".*ab.*", logic::Alphabet::parse("abc"))),
                 {.lookback = k, .max_types = 1'000});
    EXPECT_NE(factor.of(Class::Hybrid).member, Answer::Yes);
  }
#ifdef NDEBUG
  EXPECT_LT(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC, 15);
#else
  static_cast<void>(begin);
#endif
}

// "An a among the last k": memories of more than 127 positions.
TEST(Lookback, WindowsBeyondAByte) {
  for (const int k : {100, 200, 300}) {
    const Classification c = classify(automata::dfa_from_formula(logic::parse_formula(
                                          fmt::format("Y<={} a", k), logic::Alphabet::parse("ab"))),
                                      {.lookback = k, .witnesses = false});
    EXPECT_EQ(c.of(Class::Local).member, Answer::Yes) << k << ": " << c.of(Class::Local).open;
    ASSERT_TRUE(c.of(Class::Local).formula.has_value()) << k;
    EXPECT_EQ(logic::format_formula(*c.of(Class::Local).formula), fmt::format("Y<={} a", k));
  }
}

}  // namespace
}  // namespace yore::expressivity
