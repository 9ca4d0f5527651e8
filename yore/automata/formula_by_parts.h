// A formula's automaton, made part by part: that of each subformula from those of its arguments, minimal
// every time. dfa_from_formula remembers all operators at once, which may take exponentially many states on
// the way to few; here only what a subformula needs is ever remembered, and of its arguments no more than
// they say.
#pragma once
#include "yore/automata/dfa.h"
#include "yore/logic/formula.h"

namespace yore::automata {

/// The minimal automaton of the words that `formula` accepts. Throws base::BudgetError("max-states") if that
/// of some subformula, before it is made minimal, has more than `max_states` states, or if all of them
/// together have more than `max_work` moves; base::Interrupted if a signal came.
Dfa dfa_by_parts(const logic::Formula& formula, std::size_t max_states, std::size_t max_work);

}  // namespace yore::automata
