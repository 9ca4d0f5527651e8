// The groups inside a semigroup: what a language counts. A maximal subgroup is an H-class (elements both R-
// and L-related) that holds an idempotent; a semigroup is aperiodic exactly if all of them are trivial.
#pragma once
#include <string>
#include <vector>

#include "yore/algebra/semigroup.h"

namespace yore::algebra {

/// Which elements are the map of some word whose length is a multiple of `period` (>= 1): they form a
/// subsemigroup, the whole semigroup for period 1. Size of the semigroup, 0 or 1 each.
std::vector<char> elements_of_length_multiples(const Semigroup& s, int period);

/// A finite group as people speak of it.
struct Group {
  int order = 1;
  bool abelian = true;
  bool solvable = true;
  /// "Z2", "Z2 x Z4", "S3", "D4", "D5", "Q8", "A4", "S4", "A5", "S5", or "a group of order n" where no name
  /// is known.
  std::string name;
  Word word;  ///< a shortest word whose map is an element of greatest order
  /// Whether the order is a power of two.
  bool two_group() const { return (order & (order - 1)) == 0; }
  bool operator==(const Group&) const = default;
};

/// The non-trivial maximal subgroups of the subsemigroup elements_of_length_multiples(s, period), isomorphic
/// ones of one D-class once, in length-then-symbol order of their words. Throws base::Interrupted if a signal
/// came.
std::vector<Group> maximal_subgroups(const Semigroup& s, int period = 1);

}  // namespace yore::algebra
