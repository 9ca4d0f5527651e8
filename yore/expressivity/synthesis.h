// From a DFA to a formula. Both results are proven right by the caller (classify does).
#pragma once
#include <optional>

#include "yore/automata/dfa.h"
#include "yore/logic/formula.h"

namespace yore::expressivity {

/// A formula over P and Y (no Y if every component is a single state; no P for a definite language when
/// `prefer_local`) for a minimal DFA that passes the hybrid test. Throws BudgetError("max-formula");
/// std::invalid_argument if the DFA does not pass.
logic::Formula synthesise(const automata::Dfa& dfa, bool prefer_local, std::size_t max_nodes);

/// A formula over P, Y and S for any minimal counter-free DFA, by induction on states and letters (Wilke
/// 1999). Throws BudgetError("max-formula"). Far larger than synthesise's: only for what lies beyond the
/// hybrid class.
logic::Formula synthesise_star_free(const automata::Dfa& dfa, std::size_t max_nodes);

}  // namespace yore::expressivity
