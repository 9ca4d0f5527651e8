#include "yore/expressivity/families.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "yore/automata/convert.h"
#include "yore/expressivity/counters.h"
#include "yore/expressivity/random_languages.h"
#include "yore/logic/regex.h"
#include "yore/mixers/spec.h"

namespace yore::expressivity {
namespace {

Classification family_verdicts(const std::string& regex, const std::string& alphabet) {
  return classify(automata::dfa_from_regex(logic::parse_regex(regex, logic::Alphabet::parse(alphabet))),
                  {.formulas = false});
}

std::string family_answers(const Classification& answer) {
  std::string text;
  for (const FamilyVerdict& verdict : answer.families)
    text += verdict.member == Answer::Yes ? 'y' : verdict.member == Answer::No ? 'n' : '?';
  return text;
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

// All maps of words by closure, all cycle lengths by walking: what the verdicts follow from, by definition.
TEST(Families, FollowFromTheCyclesOfAllMaps) {
  base::Random random(7);
  int counted = 0, odd_ones = 0;
  for (int trial = 0; trial < 600; ++trial) {
    const Dfa dfa = random_language(random, 2 + trial % 4, 1 + trial % 2);
    std::set<std::vector<State>> maps;
    std::vector<std::vector<State>> queue;
    std::vector<State> same;
    for (State q = 0; q < dfa.states; ++q) same.push_back(q);
    queue.push_back(same);
    for (std::size_t i = 0; i < queue.size(); ++i)
      for (Symbol a = 0; a < dfa.alphabet.size(); ++a) {
        std::vector<State> image = queue[i];
        for (State& q : image) q = dfa.step(q, a);
        if (maps.insert(image).second) queue.push_back(image);
      }
    bool counts = false, odd = false, letter = false;
    for (const std::vector<State>& image : maps)
      for (State q = 0; q < dfa.states; ++q) {
        int length = 1;
        State at = image[static_cast<std::size_t>(q)];
        for (; at != q && length <= dfa.states; ++length) at = image[static_cast<std::size_t>(at)];
        if (at != q) continue;
        counts = counts || length > 1;
        odd = odd || (length & (length - 1)) != 0;
      }
    for (Symbol a = 0; a < dfa.alphabet.size(); ++a) {
      // a letter counts unless its powers settle
      std::vector<State> power = same, next;
      for (int i = 0; i < dfa.states; ++i)
        for (State& q : power) q = dfa.step(q, a);
      next = power;
      for (State& q : next) q = dfa.step(q, a);
      letter = letter || next != power;
    }
    const Classification answer = classify(dfa, {.formulas = false});
    std::string expected = counts ? "nn" : "y?";
    expected += !counts ? "yy" : std::string(letter ? "n" : "?") + (odd ? "n" : "y");
    EXPECT_EQ(family_answers(answer), expected + "y");
    counted += counts;
    odd_ones += odd;
    for (const FamilyVerdict& verdict : answer.families) {
      EXPECT_EQ(verdict.theorem.empty(), verdict.member == Answer::Unknown);
      EXPECT_EQ(verdict.open.empty(), verdict.member != Answer::Unknown);
      EXPECT_EQ(verdict.witness.has_value(), verdict.member == Answer::No);
      if (!verdict.witness) continue;
      // Replayed on the automaton alone.
      const Counter& counter = *verdict.witness;
      const int period = static_cast<int>(counter.states.size());
      EXPECT_GE(period, 2);
      if (verdict.of == Family::SignedDiagonal) {
        EXPECT_NE(period % 2, 0);
      }
      Word word = counter.s;
      bool all = true, none = true;
      for (int i = 0; i < 3 * period; ++i) {
        Word whole = word;
        whole.insert(whole.end(), counter.z.begin(), counter.z.end());
        const bool in = std::count(counter.accepted.begin(), counter.accepted.end(), i % period) != 0;
        EXPECT_EQ(dfa.accepts(whole), in);
        EXPECT_EQ(answer.dfa.run(answer.dfa.start, word),
                  counter.states[static_cast<std::size_t>(i % period)]);
        all = all && in, none = none && !in;
        word.insert(word.end(), counter.u.begin(), counter.u.end());
      }
      EXPECT_FALSE(all);
      EXPECT_FALSE(none);
    }
  }
  EXPECT_GT(counted, 100);
  EXPECT_GT(odd_ones, 20);
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
