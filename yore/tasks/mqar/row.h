// One row of multi-query associative recall: pairs of a key and a value, then each key once more, asked for
// its value.
//
//   k1 v1 k2 v2  .  .  k2  .  .  .  k1  .      targets: v2 at the second k2, v1 at the second k1
//
// As in the public reference (HazyResearch/zoology, Arora et al. 2023, arXiv 2312.04927): keys are distinct
// and from 1 .. V/2 - 1, values distinct and from V/2 .. V - 1; the pairs come first, in 2N tokens; query i
// stands at 2N + 2 g_i, the gaps g being drawn without replacement from the (L - 2N) / 2 places with
// probability proportional to (g + 1)^(a - 1); its label stands at the asking token itself, so that N labels
// are in a row and no answer is ever fed.
#pragma once
#include <cstdint>
#include <vector>

#include "yore/base/random.h"

namespace yore::tasks {

/// What lies between the queries.
enum class Filler {
  Random,  ///< any token, keys and values included
  Zeros,   ///< token 0, which is neither
};

/// The shape of a row.
struct RowShape {
  int length = 64;  ///< L, even
  int pairs = 4;    ///< N; 4 N <= L
  bool operator==(const RowShape&) const = default;
};

class RowMaker {
 public:
  /// `vocabulary` is even, with at least `pairs` keys for every shape asked for; `power` is a.
  RowMaker(int vocabulary, double power, Filler filler, std::uint64_t split_seed)
      : vocabulary_(vocabulary), power_(power), filler_(filler), seed_(split_seed) {}

  /// Tokens and targets (kIgnored where nothing is asked). Rows are split by their pairs, in their order: an
  /// eighth by hash is held out for evaluation, the others are for training. The shape must have at least
  /// kFewestContexts lists of pairs, or a side may be empty.
  void draw(const RowShape& shape, bool held_out, base::Random& random, std::vector<std::int32_t>& tokens,
            std::vector<std::int32_t>& targets) const;

  /// Whether these pairs (2N tokens) are for evaluation.
  bool held_out(const std::vector<std::int32_t>& pairs) const;

  /// Integers proportional to (g + 1)^(a - 1) for g = 0 .. places - 1, the first being 2^32; a in 0..1.
  /// Rounded this far because the last bits of std::pow are the platform's, and rows must be the same
  /// everywhere.
  static std::vector<std::uint64_t> gap_weights(int places, double power);

 private:
  int vocabulary_;
  double power_;
  Filler filler_;
  std::uint64_t seed_;
};

/// With fewer lists of pairs one side of the split may be empty; with this many the chance of it is below
/// 1e-59.
inline constexpr int kFewestContexts = 1024;

}  // namespace yore::tasks
