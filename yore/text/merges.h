// Byte-pair encoding's inner part: which neighbours are joined, in which order.
#pragma once
#include <cstdint>
#include <vector>

namespace yore::text {

/// A rule: two neighbours become `joined`; rules of lower rank go first.
struct Merge {
  std::uint32_t rank = 0;
  std::int32_t joined = -1;  ///< a token; -1: no rule
};

/// Rules by pair, in one table of open addressing: encoding does little else than ask it.
class MergeTable {
 public:
  /// Room for so many rules.
  explicit MergeTable(std::size_t rules = 0);
  /// Adds or replaces a rule.
  void set(std::int32_t left, std::int32_t right, Merge merge);
  /// nullptr: the two are not joined.
  const Merge* find(std::int32_t left, std::int32_t right) const;
  bool empty() const { return used_ == 0; }

 private:
  struct Slot {
    std::uint64_t key = 0;
    Merge merge;  ///< joined = -1: the slot is free
  };
  std::size_t place(std::uint64_t key) const;
  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

/// Joins neighbours: always the pair of the lowest rank, of several the first in the text, until no rule
/// applies. The scratch memory is kept from call to call. n symbols take O(n log n).
class Merger {
 public:
  explicit Merger(const MergeTable& rules) : rules_(rules) {}
  /// In place.
  void join(std::vector<std::int32_t>& symbols);

 private:
  struct Symbol {
    std::int32_t token, before, after;  ///< neighbours' places, -1 = none; token -1: joined to the one before
  };
  struct Candidate {
    std::uint32_t rank;
    std::int32_t place, joined;
  };
  /// Whether a is joined after b: the order of a heap whose front goes first.
  static bool later(const Candidate& a, const Candidate& b) {
    return a.rank != b.rank ? a.rank > b.rank : a.place > b.place;
  }
  void consider(std::int32_t place);
  const MergeTable& rules_;
  std::vector<Symbol> line_;
  std::vector<Candidate> heap_;
};

}  // namespace yore::text
