// Products of small tiles that stay in registers, and the copies ("packing") that bring rows into the layout
// these products read. All of attention, forward and backward, is made of the one product below.
#if defined(YORE_KERNELS_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef YORE_KERNELS_TILE_INL_H_
#undef YORE_KERNELS_TILE_INL_H_
#else
#define YORE_KERNELS_TILE_INL_H_
#endif

#include "yore/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace yore::kernels::HWY_NAMESPACE {

/// Rows and vectors of one register tile. kRows * kVectors accumulators hide the latency of a fused
/// multiply-add (4 cycles, 1 or 2 a cycle: at least 8) and leave room for the operands among 16 or 32
/// registers.
#if HWY_TARGET == HWY_AVX3
inline constexpr int kTileRows = 8, kTileVectors = 2;
#elif HWY_TARGET == HWY_SCALAR
inline constexpr int kTileRows = 4, kTileVectors = 1;
#else
inline constexpr int kTileRows = 6, kTileVectors = 2;
#endif

/// How the left operand lies: element (r, k) at a + r * row + k * step.
template <int kRow>
struct Left {
  static constexpr std::ptrdiff_t row = kRow;  // constant, so that one pointer serves all rows
  std::ptrdiff_t step;
};
/// The right operand: vector v of row k at b + k * step + v * vector.
struct Right {
  std::ptrdiff_t step, vector;
};

/// C = A B, or C += A B: R rows by N vectors, summed over `depth`. C's vectors lie side by side and are
/// aligned.
template <int R, int N, bool kAdd, int kRow, class T>
HWY_INLINE void TileProduct(std::ptrdiff_t depth, const T* HWY_RESTRICT a, Left<kRow> left,
                            const T* HWY_RESTRICT b, Right right, T* HWY_RESTRICT c, std::ptrdiff_t c_row) {
  const Tag<T> d;
  constexpr std::ptrdiff_t kL = kLanes<T>;
  hn::Vec<Tag<T>> sum[R][N];
  HWY_UNROLL(8)
  for (int r = 0; r < R; ++r) HWY_UNROLL(4)
  for (int n = 0; n < N; ++n) sum[r][n] = kAdd ? hn::Load(d, c + r * c_row + n * kL) : hn::Zero(d);
  for (std::ptrdiff_t k = 0; k < depth; ++k) {
    hn::Vec<Tag<T>> row[N];
    HWY_UNROLL(4)
    for (int n = 0; n < N; ++n) row[n] = hn::Load(d, b + n * right.vector);
    HWY_UNROLL(8)
    for (int r = 0; r < R; ++r) {
      const auto factor = hn::Set(d, a[r * Left<kRow>::row]);
      HWY_UNROLL(4)
      for (int n = 0; n < N; ++n) sum[r][n] = hn::MulAdd(factor, row[n], sum[r][n]);
    }
    a += left.step;
    b += right.step;
  }
  HWY_UNROLL(8)
  for (int r = 0; r < R; ++r) HWY_UNROLL(4)
  for (int n = 0; n < N; ++n) hn::Store(sum[r][n], d, c + r * c_row + n * kL);
}

/// R rows by any number of vectors.
template <int R, bool kAdd, int kRow, class T>
HWY_INLINE void StripProduct(std::ptrdiff_t depth, const T* a, Left<kRow> left, const T* b, Right right,
                             std::ptrdiff_t vectors, T* c, std::ptrdiff_t c_row) {
  constexpr std::ptrdiff_t kL = kLanes<T>;
  std::ptrdiff_t v = 0;
  for (; v + kTileVectors <= vectors; v += kTileVectors)
    TileProduct<R, kTileVectors, kAdd>(depth, a, left, b + v * right.vector, right, c + v * kL, c_row);
  if constexpr (kTileVectors > 1)
    if (v < vectors) TileProduct<R, 1, kAdd>(depth, a, left, b + v * right.vector, right, c + v * kL, c_row);
}

/// Row-major copy: `rows` rows of `dim` numbers, `stride` apart, to rows of `padded` numbers (a multiple of
/// L, the rest zero), each multiplied by `factor`. Returns whether all of them are finite.
template <class T, class Stored>
HWY_INLINE bool PackRows(const Stored* from, std::ptrdiff_t stride, std::ptrdiff_t rows, std::size_t dim,
                         std::size_t padded, T factor, T* HWY_RESTRICT to) {
  const Tag<T> d;
  constexpr std::size_t kL = kLanes<T>;
  const auto by = hn::Set(d, factor);
  auto spoilt = hn::Zero(d);  // x * 0 is 0 for finite x, NaN otherwise
  for (std::ptrdiff_t r = 0; r < rows; ++r, from += stride, to += padded) {
    std::size_t i = 0;
    for (; i + kL <= dim; i += kL) {
      const auto x = hn::Mul(LoadStored(d, from + i), by);
      spoilt = hn::MulAdd(x, hn::Zero(d), spoilt);
      hn::Store(x, d, to + i);
    }
    if (i < dim) {
      const auto x = hn::Mul(LoadStoredFirst(d, from + i, dim - i), by);
      spoilt = hn::MulAdd(x, hn::Zero(d), spoilt);
      hn::Store(x, d, to + i);
    }
  }
  return hn::AllTrue(d, hn::Eq(spoilt, hn::Zero(d)));
}

/// Column panels of row-major x [rows][padded]: panel p holds rows p * width .. as to[(p * depth + k) * width
/// + row], k < depth. Rows up to the next multiple of `width` are read and must exist (whatever they hold).
template <int width, class T>
HWY_INLINE void PackPanels(const T* HWY_RESTRICT x, std::ptrdiff_t rows, std::ptrdiff_t padded,
                           std::ptrdiff_t depth, T* HWY_RESTRICT to) {
  for (std::ptrdiff_t first = 0; first < rows; first += width, to += depth * width) {
    const T* from = x + first * padded;
    std::ptrdiff_t k = 0;
#if HWY_TARGET != HWY_SCALAR
    if constexpr (width % 4 == 0 && sizeof(T) == 4) {
      const hn::CappedTag<T, 4> d;
      for (; k + 4 <= depth; k += 4)
        for (std::ptrdiff_t r = 0; r < width; r += 4) {
          const T* block = from + r * padded + k;
          const auto a = hn::LoadU(d, block), b = hn::LoadU(d, block + padded),
                     c = hn::LoadU(d, block + 2 * padded), e = hn::LoadU(d, block + 3 * padded);
          const auto ac0 = hn::InterleaveLower(d, a, c), ac1 = hn::InterleaveUpper(d, a, c);
          const auto be0 = hn::InterleaveLower(d, b, e), be1 = hn::InterleaveUpper(d, b, e);
          T* out = to + k * width + r;
          hn::StoreU(hn::InterleaveLower(d, ac0, be0), d, out);
          hn::StoreU(hn::InterleaveUpper(d, ac0, be0), d, out + width);
          hn::StoreU(hn::InterleaveLower(d, ac1, be1), d, out + 2 * width);
          hn::StoreU(hn::InterleaveUpper(d, ac1, be1), d, out + 3 * width);
        }
    }
#endif
    for (; k < depth; ++k)
      for (std::ptrdiff_t r = 0; r < width; ++r) to[k * width + r] = from[r * padded + k];
  }
}

}  // namespace yore::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
