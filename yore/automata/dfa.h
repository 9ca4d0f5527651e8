// Deterministic complete finite automata, and the standard constructions on them. States are 0..states-1.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "yore/logic/alphabet.h"

namespace yore::automata {

using logic::Alphabet;
using logic::Symbol;
using logic::Word;
using State = std::int32_t;

/// How far a construction may grow before it throws base::BudgetError("max-states").
inline constexpr std::size_t kDefaultMaxStates = 100'000;

/// Every state has a move on every symbol. Plain data: next[state * |A| + symbol].
struct Dfa {
  Alphabet alphabet;
  State states = 0;
  State start = 0;
  std::vector<char> accepting;  ///< size states
  std::vector<State> next;      ///< size states * |A|

  State step(State q, Symbol a) const {
    return next[static_cast<std::size_t>(q) * static_cast<std::size_t>(alphabet.size()) +
                static_cast<std::size_t>(a)];
  }
  /// Where `word` leads from q.
  State run(State q, const Word& word) const;
  bool accepts(const Word& word) const { return accepting[static_cast<std::size_t>(run(start, word))] != 0; }
  bool operator==(const Dfa&) const = default;
};

/// Throws std::invalid_argument unless sizes, targets and the start are consistent (a programming error, not
/// input).
void check(const Dfa& dfa);

/// The minimal complete DFA, states numbered breadth-first from the start in symbol order (start = 0): two
/// DFAs over the same alphabet accept the same language exactly if their minimal forms are equal. Hopcroft,
/// O(n |A| log n).
Dfa minimise(const Dfa& dfa);

/// How product() combines membership in a and in b; Minus is "in a but not in b".
enum class Combine { And, Or, Xor, Minus };
/// Boolean combination of two languages over the same alphabet (std::invalid_argument otherwise), not
/// minimised. Only reachable pairs are built. Throws BudgetError("max-states").
Dfa product(const Dfa& a, const Dfa& b, Combine op, std::size_t max_states = kDefaultMaxStates);
/// All other words over the same alphabet.
Dfa complement(Dfa dfa);

/// A shortest (then first in symbol order) accepted word; nothing if the language is empty.
std::optional<Word> shortest_accepted(const Dfa& dfa);

/// Nothing if both accept the same words, else a shortest word on which they differ. Same alphabet required
/// (std::invalid_argument otherwise). Near-linear in (|a| + |b|) |A|: breadth-first over pairs, with
/// union-find leaving out those that follow from earlier ones.
std::optional<Word> difference(const Dfa& a, const Dfa& b);

/// The same language over a larger alphabet (`wider` must contain every symbol of dfa.alphabet, else
/// std::invalid_argument): words with new symbols are rejected. Not minimised.
Dfa over_alphabet(const Dfa& dfa, const Alphabet& wider);

/// Strongly connected components, numbered in topological order (edges lead to the same or a higher number).
struct Components {
  std::vector<int> of;                      ///< component of each state
  std::vector<std::vector<State>> members;  ///< states of each component, ascending
};
/// Of all states, reachable or not. Tarjan's algorithm, O(n |A|).
Components components(const Dfa& dfa);

/// All words of length <= n in length-then-symbol order, calling visit(word); for exhaustive tests.
template <class Visit>
void for_all_words(int alphabet_size, int max_length, Visit&& visit) {
  if (alphabet_size == 0) max_length = 0;  // the empty word is the only one
  for (int length = 0; length <= max_length; ++length) {
    Word word(static_cast<std::size_t>(length), 0);
    for (;;) {
      visit(static_cast<const Word&>(word));
      int i = length - 1;
      while (i >= 0 && word[static_cast<std::size_t>(i)] == alphabet_size - 1)
        word[static_cast<std::size_t>(i--)] = 0;
      if (i < 0) break;
      ++word[static_cast<std::size_t>(i)];
    }
  }
}

}  // namespace yore::automata
