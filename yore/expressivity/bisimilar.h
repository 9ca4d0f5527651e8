// No-certificates for lookback k >= 2: two left-infinite words whose ends look the same through windows of k
// positions, however deep one looks, and of which one is accepted.
//
// A left-infinite word ...uuu v is a finite graph: the positions of u (going round), then those of v, each
// seeing the k before it. Positions are bisimilar if their letters are equal and the SETS of bisimilarity
// classes they see are equal. Words s u^n v with n large look like that from their end, to any fixed depth.
// With P, a position sees the classes of all earlier positions as well. What came before v is made the same
// for both words: one loop u, or rounds through a component of the automaton in which several runs u^n v come
// over and over. Then only classes that v adds to those count.
#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "yore/automata/dfa.h"
#include "yore/base/budget.h"

namespace yore::expressivity {

using automata::Dfa;
using automata::State;
using logic::Symbol;
using logic::Word;

/// A word s u^n v: `u` may be empty, then n plays no part.
struct LoopedWord {
  Word u, v;
  State at_loop;  ///< the state with at_loop.u = at_loop from which v is read; the start state if u is empty
};

/// A pair of looped words with bisimilar ends and different acceptance.
struct BisimilarPair {
  LoopedWord a, b;
  /// With P: other runs u^n v through the component of a's and b's loops, whose classes must have come
  /// before. If there are none and a and b have the same loop, then s u^n before both is enough; else all of
  /// these runs and both loops must come round.
  std::vector<LoopedWord> rounds;
};

/// Searches among the loops with |u| <= max_loop, following the words v of each for at most `steps` steps,
/// which are taken from `budget`; words v come in length order. Nothing if none is found that far. `before` =
/// P is there too. Throws base::Interrupted.
std::optional<BisimilarPair> find_bisimilar_pair(const Dfa& dfa, int lookback, bool before, int max_loop,
                                                 std::size_t steps, base::Budget& budget);

/// With P: searches the components of the automaton, one after the other, from all their loops with |u| <=
/// max_loop at once, for at most `steps` steps a component.
std::optional<BisimilarPair> find_pair_in_component(const Dfa& dfa, int lookback, int max_loop,
                                                    std::size_t steps, base::Budget& budget);

}  // namespace yore::expressivity
