// Lengths of words, modulo a period, as an automaton sees them.
#pragma once
#include <optional>
#include <vector>

#include "yore/automata/dfa.h"

namespace yore::automata {

/// The automaton together with the length of what it has read, modulo `period` (>= 1): reachable pairs only,
/// not minimal, over the same alphabet. `states` and `phases` say what each of its states stands for; the
/// start comes first. Throws BudgetError("max-states").
struct Phased {
  Dfa dfa;
  std::vector<State> states;
  std::vector<int> phases;
};
Phased with_length_modulo(const Dfa& dfa, int period, std::size_t max_states = kDefaultMaxStates);

/// For every state the length modulo `period` of the words that lead there, if it is always the same (0 for
/// states that no word reaches); nothing if it is not.
std::optional<std::vector<int>> length_by_state(const Dfa& dfa, int period);

}  // namespace yore::automata
