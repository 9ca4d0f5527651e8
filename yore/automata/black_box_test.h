// A black box for tests that keeps its own record of how it is asked.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "yore/automata/black_box.h"
#include "yore/automata/learn.h"

namespace yore::automata::testing {

/// Says what `accepts` says; a word asked twice fails the test.
struct WatchedBox {
  WatchedBox(const Alphabet& alphabet, std::function<bool(const Word&)> accepts)
      : box(alphabet, [this, says = std::move(accepts)](std::span<const Word> words) {
          ++calls;
          EXPECT_FALSE(words.empty());
          std::vector<char> answers;
          for (const Word& word : words) {
            EXPECT_TRUE(asked.insert(word).second) << "asked twice";
            longest = std::max(longest, word.size());
            answers.push_back(says(word) ? 1 : 0);
          }
          return answers;
        }) {}
  explicit WatchedBox(const Dfa& dfa)
      : WatchedBox(dfa.alphabet, [dfa](const Word& word) { return dfa.accepts(word); }) {}

  std::set<Word> asked;
  int calls = 0;
  std::size_t longest = 0;
  BlackBox box;
};

/// The search that is never wrong: the difference of two automata.
inline Counterexample perfect(const Dfa& truth) {
  return [truth](const Dfa& hypothesis) { return difference(hypothesis, truth); };
}

/// Whether the result is right on what it says it is right on, and in minimal form.
inline void expect_consistent(const Learned& learned, const BlackBox& box) {
  ASSERT_LE(learned.agrees, box.asked());
  ASSERT_GE(learned.agrees, 1);
  for (std::int64_t i = 0; i < learned.agrees; ++i) {
    const auto& [word, answer] = *box.answers()[static_cast<std::size_t>(i)];
    ASSERT_EQ(learned.dfa.accepts(word), answer);
  }
  EXPECT_EQ(learned.dfa, minimise(learned.dfa));
  EXPECT_EQ(learned.open.empty(), learned.finished);
  EXPECT_LE(learned.queries, box.asked());
}

/// The promise of learn(), and what follows for calls: one for the empty word, one a level for a new state's
/// moves (at most n) and one for those cut off, one a step of the search in a counterexample, one for it.
inline void expect_within_bounds(const Learned& learned, const WatchedBox& watched) {
  const double n = learned.dfa.states, k = learned.dfa.alphabet.size();
  const double steps = 2 * std::floor(std::log2(std::max<double>(1, static_cast<double>(watched.longest))));
  const auto rounds = static_cast<double>(learned.rounds);
  EXPECT_LE(static_cast<double>(learned.queries),
            1 + k * n * std::max(1.0, n - 1) + (n - 1) * steps + rounds);
  if (learned.queries == watched.box.asked()) {  // else the search called as well
    EXPECT_LE(watched.calls, 1 + n + (n - 1) * (n + 1 + steps) + rounds);
  }
}

}  // namespace yore::automata::testing
