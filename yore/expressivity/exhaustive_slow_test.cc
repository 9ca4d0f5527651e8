// Every automaton of up to four states over two letters: positions and mixers against types by definition,
// and what the searches for lookbacks 2 to 4 leave open.
#include <gtest/gtest.h>

#include <cstdio>

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

// What "unknown" is left at lookbacks 2 to 4 with the default budget: printed, and no more than was counted.
TEST(AllSmallAutomata, FewAreLeftOpenAtLargerLookbacks) {
  for (int lookback = 2; lookback <= 4; ++lookback) {
    int open[2] = {0, 0}, count = 0;
    for (int states = 1; states <= 4; ++states)
      for_all_automata(states, [&](const Dfa& dfa) {
        // Past lookback 1 only what is hybrid there is searched for.
        if (classify(dfa, {.witnesses = false, .formulas = false}).of(Class::Hybrid).member != Answer::Yes)
          return;
        ++count;
        const Classification answer =
            classify(dfa, {.lookback = lookback, .witnesses = false, .formulas = false});
        open[0] += answer.of(Class::Local).member == Answer::Unknown;
        open[1] += answer.of(Class::Hybrid).member == Answer::Unknown;
      });
    std::printf("lookback %d: of %d languages of LTL[P,Y] %d (local) and %d (hybrid) stay unknown\n",
                lookback, count, open[0], open[1]);
    EXPECT_EQ(open[0], 0);
  }
}

}  // namespace
}  // namespace yore::expressivity
