#include "yore/expressivity/families.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "yore/automata/convert.h"
#include "yore/expressivity/families_test.h"
#include "yore/expressivity/random_languages.h"
#include "yore/logic/regex.h"
#include "yore/mixers/spec.h"

namespace yore::expressivity {
namespace {

Classification family_verdicts(const std::string& regex, const std::string& alphabet) {
  return classify(automata::dfa_from_regex(logic::parse_regex(regex, logic::Alphabet::parse(alphabet))),
                  {.formulas = false});
}

TEST(Families, OfKnownLanguages) {
  // gated diagonal, time-invariant, positive delta, signed diagonal, delta products
  EXPECT_EQ(family_answers(family_verdicts("(ab)*", "ab")), "y?yyy");
  EXPECT_EQ(family_answers(family_verdicts("(a(ab)*b)*", "ab")), "y?yyy");
  EXPECT_EQ(family_answers(family_verdicts("(aa)*", "a")), "nnnyy");
  EXPECT_EQ(family_answers(family_verdicts("b*(ab*ab*)*", "ab")), "nnnyy");  // parity: Z2
  EXPECT_EQ(family_answers(family_verdicts("(aaaa)*", "a")), "nnnyy");       // Z4
  EXPECT_EQ(family_answers(family_verdicts("(aaa)*", "a")), "nnnny");        // Z3
  EXPECT_EQ(family_answers(family_verdicts("((a|b)(a|b)(a|b)(a|b)(a|b)(a|b))*", "ab")), "nnnny");  // Z6
  // Only the word ab counts, no letter does: what is published of positive eigenvalues does not reach it.
  EXPECT_EQ(family_answers(family_verdicts("(abab)*", "ab")), "nn?yy");
  EXPECT_EQ(family_answers(family_verdicts("(ababab)*", "ab")), "nn?ny");
}

TEST(Families, FollowFromTheCyclesOfAllMaps) {
  base::Random random(7);
  CountersSeen seen;
  for (int trial = 0; trial < 600; ++trial)
    hold_against_maps(random_language(random, 2 + trial % 4, 1 + trial % 2), seen);
  EXPECT_GT(seen.counted, 100);
  EXPECT_GT(seen.odd, 20);
}

// docs/theory.md, "Signed diagonal, yes", in float32: a's modulo 4 since the last c, as a cascade of two
// machines with the gates 1, 0 and -1 and a layer with the gate 1/4 between them.
TEST(Families, SignedGatesCountModuloFour) {
  const Dfa dfa =
      automata::dfa_from_regex(logic::parse_regex("(.*c)?b*(ab*ab*ab*ab*)*", logic::Alphabet::parse("abc")));
  EXPECT_EQ(family_answers(classify(dfa, {.formulas = false})), "nnnyy");
  base::Random random(3);
  State state = dfa.start;
  float low = 0, delayed = 0, high = 0;
  int accepted = 0;
  for (int i = 0; i < 200'000; ++i) {
    // Rarely a c: long runs too, of one letter again and again.
    const Symbol letter = i % 1'000 < 500         ? 0
                          : random.below(50) == 0 ? 2
                                                  : static_cast<Symbol>(random.below(2));
    state = dfa.step(state, letter);
    low = letter == 0 ? -low + 1 : letter == 1 ? low : 0 * low;
    delayed = delayed / 4 + low;
    const bool low_before = delayed - low > 1.0F / 6;
    high = letter == 0 && low_before ? -high + 1 : letter == 2 ? 0 * high : high;
    ASSERT_TRUE((low == 0 || low == 1) && (high == 0 || high == 1));
    ASSERT_EQ(low == 0 && high == 0, dfa.accepting[static_cast<std::size_t>(state)] != 0) << i;
    accepted += dfa.accepting[static_cast<std::size_t>(state)] != 0;
  }
  EXPECT_GT(accepted, 10'000);
}

TEST(Families, PastTheBudgetAreUnknownAndSaySo) {
  // Brackets nested two deep: star-free beyond hybrid attention, with more than three maps.
  const Dfa dfa = automata::dfa_from_regex(logic::parse_regex("(a(ab)*b)*"));
  const Classification answer = classify(dfa, {.max_monoid = 3, .formulas = false});
  EXPECT_EQ(answer.of(Family::GatedDiagonal).member, Answer::Unknown);
  EXPECT_FALSE(answer.groups.has_value());
  for (const FamilyVerdict& verdict : answer.families)
    if (verdict.member == Answer::Unknown) {
      EXPECT_NE(verdict.open, "");
    }
  EXPECT_EQ(answer.of(Family::DeltaProducts).member, Answer::Yes);
}

// The table names every mixer that there is, with options that the mixer has.
TEST(MixerTable, IsThatOfTheRegistry) {
  std::set<std::string> in_table, registered;
  for (const mixers::Spec* spec : mixers::specs()) registered.insert(spec->name());
  for (const MixerRow& row : mixer_table(3)) {
    in_table.insert(row.mixer);
    EXPECT_EQ(row.by_class.has_value() + row.by_family.has_value() + !row.silent.empty(), 1) << row.mixer;
    const base::Json complete = mixers::find_spec(row.mixer).complete(64, row.options);
    for (const auto& [key, value] : row.options.items()) EXPECT_TRUE(complete.contains(key)) << row.mixer;
  }
  EXPECT_EQ(in_table, registered);
}

TEST(Cheapest, ComesInTheOrderOfStateThenTime) {
  const auto of = [](const std::string& regex) { return family_verdicts(regex, "ab").cheapest; };
  const std::vector<MixerChoice> starting_with_a = of("a.*"), ending_in_a = of(".*a"),
                                 parity = of("b*(ab*ab*)*");
  for (const auto& list : {starting_with_a, ending_in_a, of("(ab)*"), parity}) {
    ASSERT_FALSE(list.empty());
    std::int64_t before = 0;
    for (const MixerChoice& choice : list) {
      const mixers::Spec& spec = mixers::find_spec(choice.mixer);
      const std::int64_t bytes = spec.state_bytes({64, spec.complete(64, choice.options)}, 1024);
      EXPECT_GE(bytes, before) << choice.mixer;
      before = bytes;
    }
  }
  const auto names = [](const std::vector<MixerChoice>& list) {
    std::set<std::string> found;
    for (const MixerChoice& choice : list) found.insert(choice.mixer + " by " + choice.by);
    return found;
  };
  EXPECT_EQ(names(parity),
            (std::set<std::string>{"delta_net by delta_products", "gated_delta_net by delta_products",
                                   "kda by delta_products"}));
  EXPECT_TRUE(names(ending_in_a).count("attention by local"));
  EXPECT_TRUE(names(ending_in_a).count("short_conv by local"));
  EXPECT_FALSE(names(ending_in_a).count("attention by global"));
  EXPECT_TRUE(names(starting_with_a).count("attention by global"));
  EXPECT_FALSE(names(starting_with_a).count("short_conv by local"));
  EXPECT_TRUE(names(starting_with_a).count("gla by gated_diagonal"));
}

}  // namespace
}  // namespace yore::expressivity
