// Nondeterministic automata with empty moves: what files and reversals give; determinised by the subset
// construction.
#pragma once
#include <utility>
#include <vector>

#include "yore/automata/dfa.h"

namespace yore::automata {

inline constexpr Symbol kEpsilon = -1;  ///< the label of an empty move

/// Plain data: any number of starts and of moves on a symbol, in any order.
struct Nfa {
  /// One move.
  struct Edge {
    State from;
    Symbol symbol;  ///< or kEpsilon
    State to;
  };
  Alphabet alphabet;
  State states = 0;
  std::vector<State> starts;
  std::vector<char> accepting;  ///< size states
  std::vector<Edge> edges;
};

/// Subset construction; the result is complete (the empty set is its sink) but not minimal. Throws
/// BudgetError("max-states") past `max_states` subsets, or when they hold more than 256 * max_states elements
/// together.
Dfa determinise(const Nfa& nfa, std::size_t max_states = kDefaultMaxStates);

}  // namespace yore::automata
