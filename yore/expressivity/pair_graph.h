// Pairs of distinct states of one strongly connected component, moving together: the graph behind the hybrid
// class. It is never stored; a walk needs four bytes a pair (its height) and follows the automaton's own
// table.
#pragma once
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "yore/automata/dfa.h"

namespace yore::expressivity {

using automata::Components;
using automata::Dfa;
using automata::State;

/// What a walk through all pairs found.
struct PairWalk {
  /// Two states that some word leads back to themselves or to each other, without leaving their component;
  /// nothing if there are none.
  std::optional<std::pair<State, State>> on_cycle;
  /// For each component (if there is no cycle) the number of PAIRS on a longest path among its pairs, 0 if it
  /// is one state: so many letters read inside the component leave no two of its states apart.
  std::vector<int> longest;
};

/// Depth-first search through the unordered pairs {p, q}, p != q in one component, with moves {p.a, q.a} that
/// stay in that component and apart. Stops at the first cycle. O(pairs * |A|) time. Throws
/// base::BudgetError("max-pairs") if there are more than `max_pairs` pairs.
/// With `group` (a number a state) only pairs of one group are walked; moves inside a component must keep two
/// states of one group in one group.
PairWalk walk_component_pairs(const Dfa& dfa, const Components& components, std::size_t max_pairs,
                              const std::vector<int>& group = {});

}  // namespace yore::expressivity
