// The four classes: a test on the minimal DFA for each, and the witness when the answer is no. The algebraic
// tests that judge these are algebra::is_r_trivial, is_definite, is_locally_r_trivial, is_aperiodic.
#pragma once
#include <optional>

#include "yore/automata/lengths.h"
#include "yore/expressivity/pair_graph.h"
#include "yore/expressivity/search.h"
#include "yore/expressivity/verdict.h"

namespace yore::expressivity {

/// What limits the search for a witness: as in ClassifyOptions.
struct WitnessBudget {
  int depth = 3;
  int lookback = 1;  ///< the strings must also defeat Y<=k
  std::size_t max_maps =
      5'000;  ///< state maps tried for a shortest loop word before falling back to one pair
  std::size_t max_pairs = 20'000'000;
  int period = 1;  ///< the strings must also be alike for who sees positions modulo this
};

/// LTL[P]: every strongly connected component is one state. O(n |A|).
bool is_global(const Dfa& dfa, const automata::Components& components);
/// For a DFA that is not global: s, x, y, z with start.s = p, p.x = q, q.y = p, and z telling p from q.
Witness global_witness(const Dfa& dfa, const automata::Components& components, const WitnessBudget& budget);

/// LTL[Y]: the language is definite, that is, words of some length lead every state to the same one. Merges
/// states with equal rows until nothing changes (Perles, Rabin & Shamir 1963); O(n |A|^2 log n), no pairs are
/// stored. On success nothing; else two states that can be kept apart for ever.
/// With `phases` (of an automaton joined with the length modulo a period) only states of one phase have to
/// merge.
std::optional<std::pair<State, State>> never_merging_pair(const Dfa& dfa,
                                                          const std::vector<int>& phases = {});
/// For a DFA with such a pair: s, t, u, z with start.s = p, start.t = q, p.u = p, q.u = q, and z telling p
/// from q. p and q have one phase, if phases are given.
Witness local_witness(const Dfa& dfa, std::pair<State, State> apart, const WitnessBudget& budget,
                      const std::vector<int>& phases = {});

/// LTL[P,Y] fails exactly if walk_component_pairs finds a cycle; `on_cycle` is its pair. Words s, u, x, y, z
/// with start.s = p, p.u = p, q.u = q, p.x = q, q.y = p, and z telling p from q. `group` numbers what p and q
/// must share: their component, and their phase if there are phases.
Witness hybrid_witness(const Dfa& dfa, const std::vector<int>& group, std::pair<State, State> on_cycle,
                       const WitnessBudget& budget);

/// The global witness of an automaton joined with the length modulo a period, in a component of which two
/// states have one phase; its states are those of the joint automaton.
Witness global_witness_with_positions(const automata::Phased& product, const automata::Components& components,
                                      const WitnessBudget& budget);

/// What the search for a counter found.
struct CounterSearch {
  MapSearch outcome;  ///< Found: not star-free. Exhausted: star-free. OutOfBudget: open.
  StateMap map;       ///< if found: a map that permutes some states in a cycle of two or more
};
/// LTL[P,Y,S]: no word permutes a set of states non-trivially. With positions modulo `period`: no word whose
/// length is a multiple of it.
CounterSearch find_counter(const Dfa& dfa, std::size_t max_maps, int period = 1);
/// For a map with a counter: s, u, z with start.s = p, p.u != p, p.u^m = p, and z telling p from p.u.
Witness counter_witness(const Dfa& dfa, const StateMap& map, const WitnessBudget& budget);

/// Shared by local and hybrid: the shortest u that fixes two states p < q with same_group[p] ==
/// same_group[q], found among the first max_maps state maps, else by following `apart`, a pair known to be on
/// a cycle.
struct LoopPair {
  State p, q;
  Word u;
};
LoopPair find_loop_pair(const Dfa& dfa, const std::vector<int>& group, std::pair<State, State> apart,
                        const WitnessBudget& budget);

}  // namespace yore::expressivity
