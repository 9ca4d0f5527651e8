// Inner products of rows with the rows of a growing set, a tile at a time: the Gram matrix of a long text is
// never held, neither as a whole nor a row of it. SIMD; no torch. What is made of them: chooser.h.
#pragma once
#include "yore/kernels/targets.h"  // before any header of Highway
// clang-format off: the order matters
#include <hwy/aligned_allocator.h>
// clang-format on

#include <cstdint>
#include <vector>

namespace yore::selection {

/// Members of a set lie side by side in panels of this many, whatever the SIMD target: column c of a panel is
/// a member, element k of it at panel[k * kPanel + c]. Columns without a member are zero.
inline constexpr std::int64_t kPanel = 32;
/// Most rows of one call below.
inline constexpr std::int64_t kBlock = 64;

/// Rows of `dim` numbers, each with the number of the token that it is of; numbers rise from row to row.
class RowSet {
 public:
  explicit RowSet(std::int64_t dim) : dim_(dim) {}
  RowSet(const RowSet& other);
  RowSet(RowSet&&) = default;
  RowSet& operator=(const RowSet&) = delete;
  RowSet& operator=(RowSet&&) = delete;
  void append(const float* row, std::int64_t token);
  void clear();
  std::int64_t dim() const { return dim_; }
  std::int64_t size() const { return static_cast<std::int64_t>(tokens_.size()); }
  const std::vector<std::int64_t>& tokens() const { return tokens_; }
  /// Members of tokens before `token`: the first so many.
  std::int64_t before(std::int64_t token) const;
  std::size_t bytes() const {
    return panels_.size() * static_cast<std::size_t>(dim_ * kPanel) * sizeof(float);
  }
  std::int64_t panels() const { return (size() + kPanel - 1) / kPanel; }
  /// [dim][kPanel], aligned.
  const float* panel(std::int64_t p) const { return panels_[static_cast<std::size_t>(p)].get(); }

 private:
  float* add_panel();

  std::int64_t dim_;
  std::vector<std::int64_t> tokens_;
  std::vector<hwy::AlignedFreeUniquePtr<float[]>> panels_;
};

/// The member whose product with a row is largest.
struct Nearest {
  float product = 0;
  std::int64_t member = -1;  ///< its place in the set, the first of equal ones; -1 = there is none
};

/// For each of `count` <= kBlock rows the nearest of the first limits[i] members. Products are finite.
void nearest(const float* const* rows, std::int64_t count, const RowSet& set, const std::int64_t* limits,
             Nearest* found);

/// All products of `count` <= kBlock rows with a set of at most kBlock members: that of row i and member c at
/// out[i * kBlock + c].
void products(const float* const* rows, std::int64_t count, const RowSet& set, float* out);

}  // namespace yore::selection
