// What the tests of mixers share: the families' verdicts from the maps of all words, by definition.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "yore/expressivity/families.h"

namespace yore::expressivity {

/// A letter a family, in the order of kFamilies: y, n or ?.
inline std::string family_answers(const Classification& answer) {
  std::string text;
  for (const FamilyVerdict& verdict : answer.families)
    text += verdict.member == Answer::Yes ? 'y' : verdict.member == Answer::No ? 'n' : '?';
  return text;
}

struct CountersSeen {
  int counted = 0, odd = 0;
};

// All maps of words by closure, all cycle lengths by walking: what the verdicts follow from, by definition.
inline void hold_against_maps(const Dfa& dfa, CountersSeen& seen) {
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
  seen.counted += counts;
  seen.odd += odd;
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
      EXPECT_EQ(answer.dfa.run(answer.dfa.start, word), counter.states[static_cast<std::size_t>(i % period)]);
      all = all && in, none = none && !in;
      word.insert(word.end(), counter.u.begin(), counter.u.end());
    }
    EXPECT_FALSE(all);
    EXPECT_FALSE(none);
  }
}

}  // namespace yore::expressivity
