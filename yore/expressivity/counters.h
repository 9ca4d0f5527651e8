// Words that count: those that lead some states round a cycle of two or more. What the mixers beyond softmax
// attention can and cannot do depends on the lengths of these cycles.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "yore/expressivity/search.h"
#include "yore/expressivity/verdict.h"

namespace yore::expressivity {

/// The cycles of two or more states of a map q -> image[q], each from its least state on in the order in
/// which the map leads through it, by their least states.
std::vector<std::vector<State>> cycles_of(const std::vector<State>& image);

/// The least odd prime that divides n >= 1; 0 if there is none (n is a power of two).
int least_odd_prime(int n);

/// A search through the state maps for one with a cycle whose length has an odd prime factor: Found,
/// Exhausted (every cycle's length is a power of two) or OutOfBudget. Only words whose length is a multiple
/// of `period`.
MapSearch find_odd_counter(const Dfa& dfa, std::size_t max_maps, int period, StateMap& found);

/// The first letter that leads some states round a cycle of two or more, as a map; nothing if none does.
std::optional<StateMap> find_counting_letter(const Dfa& dfa);

/// The counter of a map that has a cycle: words s, u, z such that u leads a cycle of `states` round, s to its
/// first state, and z is accepted from some of them only. With `odd` (the map has a cycle of such a length) u
/// is a power of the map's word whose cycle has an odd prime number of states. Throws
/// BudgetError("max-pairs").
Counter counter_of(const Dfa& dfa, const StateMap& map, bool odd, std::size_t max_pairs);

}  // namespace yore::expressivity
