// Types: what a position of a word can be told apart by with formulas of a given depth.
//
// The depth-0 type of a position is its letter (EOS has none), with its remainder if positions are told. The
// type of depth r + 1 is its letter together with what the logic's operators can ask about the depth-r types
// of earlier positions:
//   Y<=k   the SET of types at the previous k positions (for k = 1: the type before, or none),
//   P      the set of types at all earlier positions,
//   S      the earlier types ordered by their last occurrence: f S g asks for an earlier g with nothing but f
//   since, so of all
//          earlier positions of a type only the last matters, and what lies between is exactly the types that
//          occurred later.
// Two positions have the same type of depth r exactly if they agree on every formula of temporal depth <= r.
// (One way is an induction; the other needs that finitely many types can be named by formulas. the tests
// check both by brute force.)
#pragma once
#include <optional>
#include <vector>

#include "yore/logic/alphabet.h"

namespace yore::expressivity {

using logic::Word;

/// Which operators formulas may use.
struct TypeLogic {
  int lookback = 0;     ///< k of Y<=k; 0 = no Y at all
  bool before = false;  ///< P
  bool since = false;   ///< S, which expresses P and Y as well: the other two are then ignored
  int period = 1;       ///< formulas may ask for the position modulo this (EOS's too)
};

/// How many set members or list entries position_types may hold for one level before it gives up.
inline constexpr std::size_t kMaxTypeCells = std::size_t{1} << 24;

/// A number for the depth-r type of every position of every word, EOS last: result[word][position]; equal
/// numbers mean equal types, across words. Nothing if the types do not fit `max_cells`.
std::optional<std::vector<std::vector<int>>> position_types(const std::vector<Word>& words, int depth,
                                                            const TypeLogic& logic,
                                                            std::size_t max_cells = kMaxTypeCells);

/// Whether no formula of depth <= `depth`, read at EOS, tells the words apart; nothing if that does not fit
/// kMaxTypeCells.
std::optional<bool> same_type_at_end(const Word& a, const Word& b, int depth, const TypeLogic& logic);

}  // namespace yore::expressivity
