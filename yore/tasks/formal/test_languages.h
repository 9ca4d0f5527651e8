// Languages for the tests of this folder: automata written out by hand, and membership by a plain predicate
// beside them.
#pragma once
#include "yore/automata/dfa.h"
#include "yore/base/random.h"

namespace yore::tasks::testing {

using automata::Dfa;
using logic::Word;

inline Dfa two_letters(std::vector<char> accepting, std::vector<automata::State> next) {
  const auto states = static_cast<automata::State>(accepting.size());
  return Dfa{logic::Alphabet({"a", "b"}), states, 0, std::move(accepting), std::move(next)};
}

/// (ab)*
inline Dfa ab_star() {
  return two_letters({1, 0, 0}, {1, 2, 2, 0, 2, 2});
}
inline bool in_ab_star(const Word& word) {
  for (std::size_t i = 0; i < word.size(); ++i)
    if (word[i] != static_cast<logic::Symbol>(i % 2)) return false;
  return word.size() % 2 == 0;
}

/// An even number of b.
inline Dfa parity() {
  return two_letters({1, 0}, {0, 1, 1, 0});
}
inline bool in_parity(const Word& word) {
  int count = 0;
  for (const logic::Symbol s : word) count += s == 1;
  return count % 2 == 0;
}

/// All words; its complement has none.
inline Dfa everything() {
  return two_letters({1}, {0, 0});
}

/// A random complete automaton over two letters.
inline Dfa random_automaton(int states, base::Random& random) {
  std::vector<char> accepting;
  std::vector<automata::State> next;
  for (int q = 0; q < states; ++q) {
    accepting.push_back(static_cast<char>(random.below(2)));
    for (int a = 0; a < 2; ++a)
      next.push_back(static_cast<automata::State>(random.below(static_cast<std::uint64_t>(states))));
  }
  return two_letters(std::move(accepting), std::move(next));
}

}  // namespace yore::tasks::testing
