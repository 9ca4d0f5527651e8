// Yes-certificates for hybrids with lookback k >= 2, where P only has to remember that something telling was
// seen.
//
// A local type (what Y<=k formulas of some depth say of a position) is evidence for a set S of states that
// the automaton never leaves, if wherever the type occurs the automaton is in S. "P evidence for S" is one
// bit that the automaton's past has set for good. If the local type of EOS and these bits decide acceptance,
// that is a formula. Bits may help to find more evidence: a second round reads them beside the letters.
// Unlike the general search (formula_search.h) no set of types is ever remembered, which settles languages
// such as .*ab.* over three letters with k = 2. The answer "nothing found" says nothing.
#pragma once
#include <cstddef>
#include <optional>

#include "yore/base/budget.h"
#include "yore/expressivity/verdict.h"

namespace yore::expressivity {

/// Tries local types of depth `depth` >= 1 and up to two rounds. Steps are taken from `budget`; when it runs
/// out nothing is found. Throws base::BudgetError("max-formula") if there is a formula but it outgrows
/// max_nodes, base::Interrupted if a signal came.
std::optional<Formula> find_by_evidence(const Dfa& dfa, int lookback, int depth, base::Budget& budget,
                                        std::size_t max_nodes);

}  // namespace yore::expressivity
