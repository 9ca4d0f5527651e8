// Small tools on formula graphs that the synthesisers share.
#pragma once
#include <cstddef>
#include <vector>

#include "yore/base/budget.h"
#include "yore/logic/formula.h"

namespace yore::expressivity {

using logic::Formula;
using logic::FormulaGraph;
using logic::NodeId;

/// An equivalent formula that holds only the nodes its root needs (builders leave unused ones behind), after
/// a few rewritings beyond the builders' own: P (f & !P f) = P f, f | (!f & g) = f | g and its dual.
Formula compacted(const FormulaGraph& graph, NodeId root, const logic::Alphabet& alphabet);

/// OR over the letters a of (a AND by_letter[a]), to be read at a position that HAS a letter (under a
/// temporal operator): letters with the same formula are grouped, and if all share one, it stands alone.
NodeId case_of_letter(FormulaGraph& graph, const std::vector<NodeId>& by_letter);

/// The budget of a formula that is being written.
base::Budget formula_budget(std::size_t max_nodes);
/// Counts the graph's nodes in its budget, each once. Throws base::BudgetError("max-formula") if they are too
/// many, base::Interrupted if a signal came.
void count_nodes(const FormulaGraph& graph, base::Budget& nodes);

}  // namespace yore::expressivity
