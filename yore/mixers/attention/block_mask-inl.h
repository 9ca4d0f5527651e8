// Blocks of queries and keys, and which of a block's keys its rows see.
#if defined(YORE_ATTENTION_BLOCK_MASK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef YORE_ATTENTION_BLOCK_MASK_INL_H_
#undef YORE_ATTENTION_BLOCK_MASK_INL_H_
#else
#define YORE_ATTENTION_BLOCK_MASK_INL_H_
#endif

#include <algorithm>
#include <cstdint>
#include <limits>

#include "yore/kernels/tile-inl.h"
#include "yore/mixers/attention/visible.h"

HWY_BEFORE_NAMESPACE();
namespace yore::mixers::kernel::HWY_NAMESPACE {
namespace simd = yore::kernels::HWY_NAMESPACE;
namespace hn = hwy::HWY_NAMESPACE;
using simd::kLanes;
using simd::kTileRows;

constexpr double kLog2e = 1.4426950408889634074, kLn2 = 0.69314718055994530942;
template <class T>
inline constexpr T kNone = -std::numeric_limits<T>::infinity();

/// Keys of a block. Blocks are aligned at multiples of this in every sequence, whoever computes them.
inline constexpr std::ptrdiff_t kBlock = 64;
/// Queries of a block: whole register tiles.
inline constexpr std::ptrdiff_t kQueries = std::ptrdiff_t{64} / kTileRows * kTileRows;
/// Keys of a block rounded up to whole register tiles: rows of the key gradients' sums.
inline constexpr std::ptrdiff_t kBlockRows = (kBlock + kTileRows - 1) / kTileRows * kTileRows;

template <class T>
inline constexpr std::ptrdiff_t kL = static_cast<std::ptrdiff_t>(kLanes<T>);

/// dim rounded up to whole vectors.
template <class T>
std::ptrdiff_t Padded(std::ptrdiff_t dim) {
  return (dim + kL<T> - 1) / kL<T> * kL<T>;
}

/// rows rounded up to whole register tiles.
inline std::ptrdiff_t WholeStrips(std::ptrdiff_t rows) {
  return (rows + kTileRows - 1) / kTileRows * kTileRows;
}

/// Key j relative to the block (or `keys` keys) that begins at `base`, at most at its ends.
inline std::ptrdiff_t InBlock(std::int64_t j, std::int64_t base, std::ptrdiff_t keys = kBlock) {
  return static_cast<std::ptrdiff_t>(std::clamp<std::int64_t>(j - base, 0, keys));
}

/// One interval a row of a block of queries, in one of the two parts of a mask (window or sinks).
struct BlockMask {
  std::int64_t first[kQueries] = {}, end[kQueries] = {};

  /// Rows past `rows` repeat the last one, so that bounds of whole tiles stay right.
  template <class Part>
  void Set(std::int64_t row0, std::ptrdiff_t rows, const Part& part) {
    for (std::ptrdiff_t r = 0; r < WholeStrips(rows); ++r) {
      const Interval seen = r < rows ? part(row0 + r) : Interval{first[rows - 1], end[rows - 1]};
      first[r] = seen.first;
      end[r] = seen.end;
    }
  }
  Interval All(std::ptrdiff_t rows) const { return {first[0], end[rows - 1]}; }

  /// What rows strip .. strip + kTileRows - 1 see of the keys base .. base + keys - 1, relative to base.
  struct Strip {
    std::ptrdiff_t first, end;                ///< keys that some row sees; empty if first >= end
    std::ptrdiff_t first_vector, end_vector;  ///< the same in whole vectors
    bool full;                                ///< every row sees every key of these vectors
  };
  template <class T>
  Strip Of(std::ptrdiff_t strip, std::int64_t base, std::ptrdiff_t keys = kBlock) const {
    const std::ptrdiff_t last = strip + kTileRows - 1;
    Strip s{};
    s.first = InBlock(first[strip], base, keys);
    s.end = InBlock(end[last], base, keys);
    s.first_vector = s.first / kL<T>;
    s.end_vector = (s.end + kL<T> - 1) / kL<T>;
    s.full = first[last] <= base + s.first_vector * kL<T> && end[strip] >= base + s.end_vector * kL<T>;
    return s;
  }
};

/// The lanes of a row's vectors that it sees among the keys base .. base + keys - 1.
template <class T>
class SeenLanes {
 public:
  HWY_INLINE SeenLanes(const BlockMask& mask, std::ptrdiff_t row, std::int64_t base,
                       std::ptrdiff_t keys = kBlock)
      : first_(Bound(mask.first[row], base, keys)), end_(Bound(mask.end[row], base, keys)) {}
  /// Of vector v, counted from `base`.
  HWY_INLINE hn::Mask<simd::Tag<T>> Of(std::ptrdiff_t v) const {
    const auto key = hn::Iota(simd::Tag<T>(), static_cast<T>(v * kL<T>));
    return hn::And(hn::Ge(key, first_), hn::Lt(key, end_));
  }

 private:
  static HWY_INLINE hn::Vec<simd::Tag<T>> Bound(std::int64_t j, std::int64_t base, std::ptrdiff_t keys) {
    return hn::Set(simd::Tag<T>(), static_cast<T>(InBlock(j, base, keys)));
  }
  hn::Vec<simd::Tag<T>> first_, end_;
};

}  // namespace yore::mixers::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
