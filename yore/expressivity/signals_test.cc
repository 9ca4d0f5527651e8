// Every long computation of this folder stops at a signal, whatever its budget.
#include <gtest/gtest.h>

#include "yore/automata/convert.h"
#include "yore/base/random.h"
#include "yore/base/test_signals.h"
#include "yore/expressivity/classes.h"
#include "yore/expressivity/lookback.h"
#include "yore/expressivity/search.h"
#include "yore/expressivity/synthesis.h"
#include "yore/expressivity/types.h"
#include "yore/logic/regex.h"

namespace yore::expressivity {
namespace {

using base::kNoLimit;
using base::stops_at_a_signal;
using logic::Alphabet;

Dfa language(const std::string& regex, const char* alphabet = "ab") {
  return automata::dfa_from_regex(logic::parse_regex(regex, Alphabet::parse(alphabet)), kNoLimit);
}

// Its three letters generate all n^n state maps: round, two exchanged, two made one.
Dfa all_maps(int n) {
  Dfa dfa{Alphabet::parse("abc"), n, 0, std::vector<char>(static_cast<std::size_t>(n), 0), {}};
  dfa.accepting[0] = 1;
  for (State q = 0; q < n; ++q) {
    dfa.next.push_back((q + 1) % n);
    dfa.next.push_back(q == 0 ? 1 : q == 1 ? 0 : q);
    dfa.next.push_back(q == 1 ? 0 : q);
  }
  return dfa;
}

// The last `bits` letters are the state; which of them accept is drawn. Definite: states merge in `bits`
// steps.
Dfa last_letters(int bits) {
  base::Random random({12, 1});
  const State n = 1 << bits;
  Dfa dfa{Alphabet::parse("ab"), n, 0, {}, {}};
  for (State q = 0; q < n; ++q) {
    dfa.accepting.push_back(random.below(2) != 0);
    for (const State a : {0, 1}) dfa.next.push_back((2 * q + a) % n);
  }
  return dfa;
}

TEST(Signals, SearchesOfPairsStop) {
  // Two cycles whose lengths have no common factor: the pair comes back after 9 * 10^8 steps.
  constexpr State kOne = 29'989, kOther = 30'011;
  Dfa dfa{Alphabet::parse("a"), kOne + kOther, 0, std::vector<char>(kOne + kOther, 0), {}};
  for (State q = 0; q < kOne; ++q) dfa.next.push_back((q + 1) % kOne);
  for (State q = 0; q < kOther; ++q) dfa.next.push_back(kOne + (q + 1) % kOther);
  EXPECT_TRUE(stops_at_a_signal([&] { common_loop(dfa, 0, kOne, kNoLimit); }));
}

TEST(Signals, SearchesOfStateMapsStop) {
  const Dfa dfa = all_maps(10);
  EXPECT_TRUE(stops_at_a_signal([&] {
    StateMap found;
    search_maps(
        dfa, kNoLimit, [](const std::vector<State>&) { return false; }, found);
  }));
}

TEST(Signals, WalksOfPairsStop) {
  const Dfa dfa = last_letters(14);
  const automata::Components one = automata::components(dfa);
  EXPECT_TRUE(stops_at_a_signal([&] {
    for (;;) walk_component_pairs(dfa, one, kNoLimit);
  }));
}

TEST(Signals, MergingStatesStops) {
  const Dfa dfa = last_letters(18);
  EXPECT_TRUE(stops_at_a_signal([&] {
    for (;;) never_merging_pair(dfa);
  }));
}

TEST(Signals, TypesStop) {
  base::Random random({12, 2});
  Word word;
  for (int i = 0; i < 200'000; ++i) word.push_back(static_cast<logic::Symbol>(random.below(1'000)));
  EXPECT_TRUE(stops_at_a_signal([&] { position_types({word}, 3, {.since = true}, kNoLimit); }));
}

TEST(Signals, WritingFormulasStops) {
  const Dfa local = last_letters(15);
  EXPECT_TRUE(stops_at_a_signal([&] { synthesise(local, true, kNoLimit); }));
  // Brackets nested at most seven deep.
  std::string nested;
  for (int depth = 0; depth < 7; ++depth) nested = "(a" + nested + "b)*";
  const Dfa star_free = language(nested);
  EXPECT_TRUE(stops_at_a_signal([&] { synthesise_star_free(star_free, kNoLimit); }));
}

TEST(Signals, SearchesForCertificatesStop) {
  const Dfa factor = language(".*ab.*", "abc"), local = last_letters(9);
  const ClassifyOptions wide{.lookback = 1'000, .max_types = kNoLimit}, narrow{.lookback = 3};
  EXPECT_TRUE(stops_at_a_signal([&] {
    for (;;) search_hybrid_k(factor, wide);
  }));
  EXPECT_TRUE(stops_at_a_signal([&] {
    for (;;) search_local_k(local, narrow);
  }));
}

TEST(Signals, ClassifyingStops) {
  const Dfa dfa = all_maps(10);
  EXPECT_TRUE(stops_at_a_signal([&] { classify(dfa, {.max_monoid = kNoLimit}); }));
}

}  // namespace
}  // namespace yore::expressivity
