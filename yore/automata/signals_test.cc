// Every long computation of this folder stops at a signal, whatever its budget.
#include <gtest/gtest.h>

#include "yore/automata/convert.h"
#include "yore/automata/formula_by_state.h"
#include "yore/automata/formula_proof.h"
#include "yore/automata/nfa.h"
#include "yore/automata/sampler.h"
#include "yore/automata/state_words.h"
#include "yore/automata/test_support.h"
#include "yore/base/budget.h"
#include "yore/base/test_signals.h"
#include "yore/logic/formula.h"

namespace yore::automata {
namespace {

using base::kNoLimit;
using base::stops_at_a_signal;
using testing::first_letters;
using testing::random_dfa;

// Words of a letter, counted round `states` places.
Dfa cycle(int states) {
  Dfa dfa{first_letters(1), states, 0, std::vector<char>(static_cast<std::size_t>(states), 0), {}};
  dfa.accepting[0] = 1;
  for (State q = 0; q < states; ++q) dfa.next.push_back((q + 1) % states);
  return dfa;
}

// "An a is among the last n letters", each asked by itself: as many memories as letters.
logic::Formula letters_back(int n) {
  std::string text = "a", all = "false";
  for (int i = 0; i < n; ++i) {
    text.insert(0, "Y ");
    all.append(" | ").append(text);
  }
  return logic::parse_formula(all, first_letters(2));
}

TEST(Signals, SubsetsStop) {
  const auto regex = logic::parse_regex(".*a.{40}", first_letters(2));
  EXPECT_TRUE(stops_at_a_signal([&] { dfa_from_regex(regex, kNoLimit); }));
}

TEST(Signals, AutomataOfFormulasStop) {
  const logic::Formula formula = letters_back(60);
  EXPECT_TRUE(stops_at_a_signal([&] { dfa_from_formula(formula, kNoLimit); }));
}

TEST(Signals, ProductsStop) {
  const Dfa a = cycle(29'989), b = cycle(30'011);
  EXPECT_TRUE(stops_at_a_signal([&] { product(a, b, Combine::And, kNoLimit); }));
}

TEST(Signals, ComparingStops) {
  const Dfa a = cycle(1 << 23), b = cycle(1 << 22);
  EXPECT_TRUE(stops_at_a_signal([&] {
    for (;;) difference(a, a);
  }));
}

TEST(Signals, MinimisingStops) {
  base::Random random({11, 1});
  const Dfa dfa = random_dfa(random, 1'000'000, 2);
  EXPECT_TRUE(stops_at_a_signal([&] {
    for (;;) minimise(dfa);
  }));
}

TEST(Signals, RegexesStop) {
  base::Random random({11, 2});
  const Dfa dfa = random_dfa(random, 3'000, 4);
  EXPECT_TRUE(stops_at_a_signal([&] { regex_from_dfa(dfa, kNoLimit); }));
}

TEST(Signals, CountingWordsStops) {
  base::Random random({11, 3});
  const Dfa dfa = minimise(random_dfa(random, 20, 3));
  EXPECT_TRUE(stops_at_a_signal([&] { count_words(dfa, 1'000'000); }));
  EXPECT_TRUE(stops_at_a_signal([&] { WordSampler(dfa, 1'000'000, kNoLimit); }));
}

TEST(Signals, WordsThatTellStatesApartStop) {
  EXPECT_TRUE(stops_at_a_signal([dfa = cycle(5'000)] {
    for (;;) characterising_words(dfa);
  }));
}

TEST(Signals, ProofsStop) {
  const logic::Formula formula = letters_back(60);
  const Dfa dfa = dfa_from_formula(logic::parse_formula("Y<=60 a", first_letters(2)));
  EXPECT_TRUE(stops_at_a_signal(
      [&] { prove_formula(formula, dfa, {.max_states = kNoLimit, .max_work = kNoLimit}); }));
  EXPECT_TRUE(stops_at_a_signal([&] {
    for (;;) says_by_state(formula, dfa, kNoLimit);
  }));
}

}  // namespace
}  // namespace yore::automata
