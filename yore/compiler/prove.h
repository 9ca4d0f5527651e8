// Proof that a compiled model's weights do what its manifest claims, for every word up to a length at once.
//
// Walks the model stage by stage with intervals: for each coordinate, where its number lies when its
// subformula is true and where when it is false, over all words, positions and roundings of float32
// arithmetic in any order of summation. A stage is proven by cases over the truth of what it reads; the
// induction over the stages, with the formula's equivalence to the language (decided on automata), is the
// proof that the model recognises the language. docs/compiler.md, "Proof".
#pragma once
#include <optional>
#include <string>

#include "yore/compiler/manifest.h"

namespace yore::compiler {

/// How far from its ideal a truth value may be, false = 0 and true = 1; at 1/2 they meet.
inline constexpr double kLargestError = 0.25;

struct Proof {
  std::int64_t length = 0;    ///< longest word it is about
  bool every_length = false;  ///< it is about words of every length: of a recurrence, exact numbers alone
  bool proven = false;
  bool out_of_cases = false;  ///< not proven, and not refuted: max_cases were told apart
  std::string failure;        ///< where it fails: stage, coordinate, subformula, what was found
  int stage = kNever;         ///< of the failure; one past the last = the read-out
  int coordinate = kNever;    ///< of the failure
  double error = 0;           ///< the largest distance of a truth value from its ideal, up to the failure
  double least_accepting = 0, largest_rejecting = 0;  ///< bounds of the logit, if proven
  std::int64_t cases = 0;                             ///< cases that were distinguished
};

struct ProveOptions {
  std::int64_t max_cases = 2'000'000;  ///< of all coordinates together; past them it counts as not proven
};

/// Words of at most `length` letters, or of every length for a recurrence (Proof::every_length). The weights
/// need not be what the manifest says: then it fails.
Proof prove(const arch::ModelFile& file, const Manifest& manifest, std::int64_t length,
            const ProveOptions& options = {});

/// The longest length up to `length` for which prove() succeeds (0: not even one letter), by bisection: a
/// proof for a length holds for all shorter ones.
std::int64_t longest_proven(const arch::ModelFile& file, const Manifest& manifest, std::int64_t length,
                            const ProveOptions& options = {});

}  // namespace yore::compiler
