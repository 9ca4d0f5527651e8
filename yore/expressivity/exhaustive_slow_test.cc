// Every automaton of up to four states over two letters, and random larger ones: positions, mixers and
// lookbacks 2 to 4 against definitions, and what the searches for these lookbacks leave open.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <ctime>
#include <set>

#include "yore/expressivity/families_test.h"
#include "yore/expressivity/positions_test.h"

namespace yore::expressivity {
namespace {

// Each verdict is asked of automaton and semigroup, which classify() compares. A yes at period 1 stays one,
// the period 6 holds what 2 and 3 hold, and a star-free language with positions is one for gated recurrences
// with them.
TEST(AllSmallAutomata, AutomatonAndSemigroupAgreeOnPositionsAndMixers) {
  int count = 0;
  const auto verdicts = [](const Dfa& dfa, int period) {
    return classify(dfa, {.period = period, .witnesses = false, .formulas = false});
  };
  for (int states = 1; states <= 4; ++states)
    for_all_automata(states, [&](const Dfa& dfa) {
      ++count;
      const Classification none = verdicts(dfa, 1), two = verdicts(dfa, 2), three = verdicts(dfa, 3),
                           six = verdicts(dfa, 6);
      for (const Class c : kClasses) {
        if (none.of(c).member == Answer::Yes) {
          EXPECT_EQ(two.of(c).member, Answer::Yes);
          EXPECT_EQ(three.of(c).member, Answer::Yes);
        }
        if (two.of(c).member == Answer::Yes || three.of(c).member == Answer::Yes) {
          EXPECT_EQ(six.of(c).member, Answer::Yes);
        }
      }
      for (const Classification* answer : {&none, &two, &three, &six})
        EXPECT_EQ(answer->of(Family::GatedDiagonal).member, answer->of(Class::StarFree).member);
    });
  EXPECT_EQ(count, 2 + 24 + 1028 + 56014);
}

TEST(AllSmallAutomata, PositionsAgreeWithTypes) {
  Seen seen[3];
  int number = 0;
  for_all_automata(4, [&](const Dfa& dfa) { hold_against_types(dfa, 2 + ++number % 2, seen); });
}

TEST(AllSmallAutomata, MixersFollowFromTheCyclesOfAllMaps) {
  CountersSeen seen;
  for (int states = 1; states <= 4; ++states)
    for_all_automata(states, [&](const Dfa& dfa) { hold_against_maps(dfa, seen); });
  std::printf("%d languages count, %d of them modulo what is no power of two\n", seen.counted, seen.odd);
}

TEST(RandomAutomata, PositionsAgreeWithTypes) {
  base::Random random(16);
  Seen seen[3];
  for (int trial = 0; trial < 500; ++trial)
    hold_against_types(random_language(random, 4 + trial % 3, 2), 2 + trial % 4, seen);
}

// What was answered at a lookback, each by the definition too.
struct Answered {
  int languages = 0, yes = 0, no = 0, open = 0;
  double slowest = 0;
};

void search(const Dfa& dfa, int lookback, std::size_t max_types, Answered& hybrid) {
  const std::clock_t begin = std::clock();
  const Classification answer =
      classify(dfa, {.lookback = lookback, .max_types = max_types, .witness_depth = 2});
  hybrid.slowest = std::max(hybrid.slowest, static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
  EXPECT_NE(answer.of(Class::Local).member, Answer::Unknown) << automata::json_from_dfa(dfa);
  ++hybrid.languages;
  const ClassVerdict& verdict = answer.of(Class::Hybrid);
  if (verdict.member == Answer::Unknown) {
    ++hybrid.open;
    std::printf("open at lookback %d: %s\n", lookback, automata::json_from_dfa(dfa).c_str());
    return;
  }
  NaiveTypes types(1, true, lookback);
  Seen seen;
  hold_against_types(answer, verdict, types, seen);
  hybrid.yes += seen.yes, hybrid.no += seen.no;
}

void print(const char* of, int lookback, const Answered& a) {
  std::printf(
      "%s, lookback %d: of %d languages of LTL[P,Y] %d are in LTL[P,Y<=%d], %d are not, %d stay open; "
      "%.2f s for the slowest\n",
      of, lookback, a.languages, a.yes, lookback, a.no, a.open, a.slowest);
}

// Past lookback 1 only what is hybrid there is searched for.
bool is_hybrid(const Dfa& dfa) {
  return classify(dfa, {.max_monoid = 1, .witnesses = false, .formulas = false}).of(Class::Hybrid).member ==
         Answer::Yes;
}

// With the default budget nothing is left open (docs/theory.md, "Lookback beyond 1", has these numbers).
TEST(AllSmallAutomata, AreSettledAtLookbacks2To4) {
  const int expected_yes[] = {1616, 960, 932};
  for (int lookback = 2; lookback <= 4; ++lookback) {
    Answered answered;
    for (int states = 1; states <= 4; ++states)
      for_all_automata(states, [&](const Dfa& dfa) {
        if (is_hybrid(dfa)) search(dfa, lookback, ClassifyOptions().max_types, answered);
      });
    print("up to 4 states over 2 letters", lookback, answered);
    EXPECT_EQ(answered.languages, 3260);
    EXPECT_EQ(answered.yes, expected_yes[lookback - 2]);
    EXPECT_EQ(answered.open, 0);
  }
}

// 300 different hybrid languages of exactly so many states, drawn at random.
TEST(RandomAutomata, FewAreLeftOpenAtLookbacks2To4) {
  const std::pair<int, int> sizes[] = {{5, 2}, {6, 2}, {4, 3}};
  for (const auto& [states, letters] : sizes)
    for (int lookback = 2; lookback <= 4; ++lookback) {
      base::Random random(5);
      Answered answered;
      std::set<std::string> met;
      while (met.size() < 300) {
        const Dfa dfa = random_language(random, states, letters);
        if (dfa.states != states || !is_hybrid(dfa) || !met.insert(automata::json_from_dfa(dfa)).second)
          continue;
        search(dfa, lookback, ClassifyOptions().max_types, answered);
      }
      print(fmt::format("{} states over {} letters", states, letters).c_str(), lookback, answered);
      EXPECT_LE(answered.open, 6);
    }
}

}  // namespace
}  // namespace yore::expressivity
