// Lookback k >= 2: k-local attention, LTL[Y<=k], and its hybrid, LTL[P,Y<=k]. No property of the syntactic
// semigroup decides these classes (docs/theory.md, "Lookback beyond 1"), so certificates are searched for on
// both sides, turn about, under a budget.
#pragma once
#include <optional>
#include <string>

#include "yore/expressivity/verdict.h"

namespace yore::expressivity {

/// Either a formula (yes), or a witness (no), or neither and the budget that was spent.
struct LookbackSearch {
  Answer member = Answer::Unknown;
  std::optional<Formula> formula;  ///< of a yes
  std::optional<Witness> witness;  ///< of a no
  std::string open;                ///< the budget that left it unknown
};

/// LTL[Y<=k], k >= 2, for a definite language. Both answers are certain. One of the two certificates always
/// exists; that it is always one of those that are searched is not proven.
LookbackSearch search_local_k(const Dfa& dfa, const ClassifyOptions& options);

/// LTL[P,Y<=k], k >= 2, for a language of LTL[P,Y]. Both answers are certain; whether one always comes is not
/// known.
LookbackSearch search_hybrid_k(const Dfa& dfa, const ClassifyOptions& options);

}  // namespace yore::expressivity
