// What the positions of words that go round for ever look like through windows of k positions.
//
// A left-infinite word ...uuu is a finite graph: the positions of u, going round, each seeing the k before
// it. Two positions are bisimilar if their letters are equal and the SETS of bisimilarity classes that they
// see are equal: then no formula over Y<=k tells them apart, however deep.
#pragma once
#include <cstddef>
#include <map>
#include <vector>

#include "yore/logic/alphabet.h"

namespace yore::expressivity {

using Classes = std::vector<int>;  ///< of bisimilarity, by number

/// What tells positions apart: the letter, the window as a set, and those of all earlier classes that count
/// as new (bisimilar.h; empty unless P is there).
struct Signature {
  logic::Symbol letter;
  Classes window, added;
  auto operator<=>(const Signature&) const = default;
};

/// The classes of the positions of some loops, going round for ever: numbered from 0, shared by all of them.
class LoopClasses {
 public:
  LoopClasses(std::vector<logic::Word> loops, int lookback);

  int count() const { return count_; }
  /// The class of position i of loop l.
  int class_of(std::size_t l, std::size_t i) const { return class_of_[offset_[l] + i]; }
  /// The classes of the k positions before position i of loop l (i = its length: the end), oldest first.
  Classes window(std::size_t l, std::size_t i) const;
  /// By letter and window the class of every position.
  std::map<Signature, int> signatures() const;

 private:
  Classes last(std::size_t l, std::size_t i, int count) const;
  // The window as a set: longer than the loop it holds nothing more.
  Classes seen(std::size_t l, std::size_t i) const;

  std::vector<logic::Word> loops_;
  int lookback_;
  std::vector<std::size_t> offset_;
  std::vector<int> class_of_;
  int count_ = 0;
};

}  // namespace yore::expressivity
