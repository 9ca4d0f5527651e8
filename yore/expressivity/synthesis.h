// From a DFA to a formula. Both results are proven right by the caller (classify does).
#pragma once
#include <optional>

#include "yore/automata/dfa.h"
#include "yore/automata/lengths.h"
#include "yore/logic/formula.h"

namespace yore::expressivity {

/// A formula over P and Y (no Y if every component is a single state; no P for a definite language when
/// `prefer_local`) for a minimal DFA that passes the hybrid test. Throws BudgetError("max-formula");
/// std::invalid_argument if the DFA does not pass.
logic::Formula synthesise(const automata::Dfa& dfa, bool prefer_local, std::size_t max_nodes);

/// The same with positions that tell the length modulo `period`: for a minimal DFA joined with it, over P, Y
/// and pos=r/period. No two states of one component (of one block, when `prefer_local`) and one phase may
/// stay apart for ever; no Y if no component has two of one phase. Throws BudgetError("max-formula").
logic::Formula synthesise_with_positions(const automata::Phased& product, int period, bool prefer_local,
                                         std::size_t max_nodes);

/// A formula over P, Y, S and pos=r/period for any minimal DFA of which no word permutes states whose length
/// is a multiple of the period. Throws BudgetError("max-formula").
logic::Formula synthesise_star_free_with_positions(const automata::Dfa& dfa, int period,
                                                   std::size_t max_nodes);

/// The formula with Y<=k in place of Y, k <= period, which says the same: of the k positions before, one has
/// the remainder that the previous one must have. std::invalid_argument if k > period.
logic::Formula with_windows(const logic::Formula& formula, int k, int period);

/// A formula over P, Y and S for any minimal counter-free DFA, by induction on states and letters (Wilke
/// 1999). Throws BudgetError("max-formula"). Far larger than synthesise's: only for what lies beyond the
/// hybrid class.
logic::Formula synthesise_star_free(const automata::Dfa& dfa, std::size_t max_nodes);

}  // namespace yore::expressivity
