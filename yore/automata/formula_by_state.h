// The cheap half of formula_proof.h: what a formula says, as far as it follows from where the automaton is.
#pragma once
#include <optional>

#include "yore/automata/dfa.h"
#include "yore/logic/formula.h"

namespace yore::automata {

/// Whether `formula` accepts exactly the words that `dfa` accepts (same alphabet, all states reachable), or
/// nothing: it cannot tell, or would need more than `max_work` operations on words of 64 truth values.
///
/// For every subformula and every state the truth values are collected that it may have when a word has led
/// there; where that is one value only, the state says it. What does not follow from the state alone is
/// collected once more with a little of the past told apart: whether a component of the automaton was never
/// entered, holds the run now, or was left. That is all that the formulas of docs/theory.md depend on, "in
/// these states, as long as the component was not left, & it was not left", so they are proven in time linear
/// in nodes times states.
std::optional<bool> says_by_state(const logic::Formula& formula, const Dfa& dfa, std::size_t max_work);

}  // namespace yore::automata
