// What a chunk of the scan is computed with: products of small matrices, and the sums over pairs of tokens in
// which every channel decays by itself. Compiled once a target (Highway).
#if defined(YORE_MIXERS_COMMON_SCAN_TILES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef YORE_MIXERS_COMMON_SCAN_TILES_INL_H_
#undef YORE_MIXERS_COMMON_SCAN_TILES_INL_H_
#else
#define YORE_MIXERS_COMMON_SCAN_TILES_INL_H_
#endif

#include <algorithm>
#include <cstddef>

#include "yore/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace yore::mixers::scan::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace simd = yore::kernels::HWY_NAMESPACE;
using simd::Tag;

template <class T>
inline constexpr std::ptrdiff_t kL = static_cast<std::ptrdiff_t>(simd::kLanes<T>);

/// Tokens of a chunk. Dims are padded to multiples of it too, so that every product has whole tiles.
inline constexpr std::ptrdiff_t kChunk = 16;
constexpr std::ptrdiff_t Padded(std::ptrdiff_t n) {
  return (n + kChunk - 1) / kChunk * kChunk;
}

/// Rows of a register tile, a divisor of kChunk. With two vectors a row these are enough accumulators to
/// hide the latency of a fused multiply-add.
#if HWY_TARGET == HWY_AVX3
inline constexpr int kStrip = 8;
#else
inline constexpr int kStrip = 4;
#endif

/// Element (r, k) of a left operand lies at data + r * row + k * step.
template <class T>
struct Left {
  const T* data;
  std::ptrdiff_t row, step;
};

/// What a product is added to.
enum class Onto {
  Zero,
  Old,          ///< what stands there
  RowsTimes,    ///< that, row r times factor[r]
  ColumnsTimes  ///< that, column c times factor[c]
};

template <int N, Onto onto, class T>
HWY_INLINE void Tile(std::ptrdiff_t depth, Left<T> a, const T* HWY_RESTRICT b, std::ptrdiff_t b_step,
                     T* HWY_RESTRICT c, std::ptrdiff_t c_row, const T* HWY_RESTRICT factor) {
  const Tag<T> d;
  hn::Vec<Tag<T>> sum[kStrip][N];
  HWY_UNROLL(8)
  for (int r = 0; r < kStrip; ++r) HWY_UNROLL(2)
  for (int n = 0; n < N; ++n) {
    if constexpr (onto == Onto::Zero) {
      sum[r][n] = hn::Zero(d);
    } else {
      sum[r][n] = hn::Load(d, c + r * c_row + n * kL<T>);
      if constexpr (onto == Onto::RowsTimes) sum[r][n] = hn::Mul(sum[r][n], hn::Set(d, factor[r]));
      if constexpr (onto == Onto::ColumnsTimes)
        sum[r][n] = hn::Mul(sum[r][n], hn::Load(d, factor + n * kL<T>));
    }
  }
  for (std::ptrdiff_t k = 0; k < depth; ++k) {
    hn::Vec<Tag<T>> row[N];
    HWY_UNROLL(2)
    for (int n = 0; n < N; ++n) row[n] = hn::Load(d, b + n * kL<T>);
    HWY_UNROLL(8)
    for (int r = 0; r < kStrip; ++r) {
      const auto by = hn::Set(d, a.data[r * a.row]);
      HWY_UNROLL(2)
      for (int n = 0; n < N; ++n) sum[r][n] = hn::MulAdd(by, row[n], sum[r][n]);
    }
    a.data += a.step;
    b += b_step;
  }
  HWY_UNROLL(8)
  for (int r = 0; r < kStrip; ++r) HWY_UNROLL(2)
  for (int n = 0; n < N; ++n) hn::Store(sum[r][n], d, c + r * c_row + n * kL<T>);
}

/// c [rows, columns] = what it is put onto + a [rows, depth] b [depth, columns]; rows and columns multiples
/// of kChunk, c and b aligned. With `causal`, row r of `a` is 0 from its element r + 1 on.
template <Onto onto, bool causal = false, class T>
void Multiply(std::ptrdiff_t rows, std::ptrdiff_t columns, std::ptrdiff_t depth, Left<T> a, const T* b,
              std::ptrdiff_t b_step, T* c, std::ptrdiff_t c_row, const T* factor = nullptr) {
  constexpr std::ptrdiff_t kWide = 2 * kL<T>;
  for (std::ptrdiff_t r = 0; r < rows; r += kStrip) {
    const Left<T> strip{a.data + r * a.row, a.row, a.step};
    const std::ptrdiff_t deep = causal ? std::min<std::ptrdiff_t>(depth, r + kStrip) : depth;
    const T* rows_factor = onto == Onto::RowsTimes ? factor + r : factor;
    const auto at = [&](std::ptrdiff_t column) {
      return onto == Onto::ColumnsTimes ? rows_factor + column : rows_factor;
    };
    std::ptrdiff_t column = 0;
    for (; column + kWide <= columns; column += kWide)
      Tile<2, onto>(deep, strip, b + column, b_step, c + r * c_row + column, c_row, at(column));
    for (; column < columns; column += kL<T>)
      Tile<1, onto>(deep, strip, b + column, b_step, c + r * c_row + column, c_row, at(column));
  }
}

/// to[c][r] = from[r][c]; rows and columns multiples of 4.
template <class T>
void Transpose(const T* HWY_RESTRICT from, std::ptrdiff_t from_row, std::ptrdiff_t rows,
               std::ptrdiff_t columns, T* HWY_RESTRICT to, std::ptrdiff_t to_row) {
#if HWY_TARGET != HWY_SCALAR
  if constexpr (sizeof(T) == 4) {
    const hn::CappedTag<T, 4> d;
    for (std::ptrdiff_t r = 0; r < rows; r += 4)
      for (std::ptrdiff_t column = 0; column < columns; column += 4) {
        const T* block = from + r * from_row + column;
        const auto a = hn::LoadU(d, block), b = hn::LoadU(d, block + from_row),
                   c = hn::LoadU(d, block + 2 * from_row), e = hn::LoadU(d, block + 3 * from_row);
        const auto ac0 = hn::InterleaveLower(d, a, c), ac1 = hn::InterleaveUpper(d, a, c);
        const auto be0 = hn::InterleaveLower(d, b, e), be1 = hn::InterleaveUpper(d, b, e);
        T* out = to + column * to_row + r;
        hn::StoreU(hn::InterleaveLower(d, ac0, be0), d, out);
        hn::StoreU(hn::InterleaveUpper(d, ac0, be0), d, out + to_row);
        hn::StoreU(hn::InterleaveLower(d, ac1, be1), d, out + 2 * to_row);
        hn::StoreU(hn::InterleaveUpper(d, ac1, be1), d, out + 3 * to_row);
      }
    return;
  }
#endif
  for (std::ptrdiff_t r = 0; r < rows; ++r)
    for (std::ptrdiff_t column = 0; column < columns; ++column)
      to[column * to_row + r] = from[r * from_row + column];
}

/// Calls each(offset) for the vectors of [0, size), a multiple of L.
template <class T, class Each>
HWY_INLINE void Vectors(std::ptrdiff_t size, const Each& each) {
  for (std::ptrdiff_t i = 0; i < size; i += kL<T>) each(i);
}

/// m[i][j] = sum over d of x_i[d] y_j[d] prod over j < u <= i of a_u[d], for j <= i; 0 elsewhere. x, y and a
/// are [dim][kChunk]; `past` is room for as many numbers. Decays multiply up token by token: differences of
/// their logarithms would lose what little is left of strong ones, and overflow for pairs that are not
/// causal.
template <class T>
void DecayedInner(std::ptrdiff_t dim, const T* HWY_RESTRICT x, const T* HWY_RESTRICT y,
                  const T* HWY_RESTRICT a, T* HWY_RESTRICT past, T* HWY_RESTRICT m) {
  const Tag<T> d;
  constexpr int kRows = 8;  // of m at a time; kChunk is twice as much
  const auto lane = hn::Iota(d, T(0));
  for (std::ptrdiff_t j = 0; j < kChunk; j += kL<T>)
    for (std::ptrdiff_t row = 0; row < kChunk; row += kRows) {
      hn::Vec<Tag<T>> sum[kRows];
      HWY_UNROLL(8)
      for (int r = 0; r < kRows; ++r) sum[r] = hn::Zero(d);
      const bool starts = row + kRows > j;  // otherwise no pair is causal
      const bool writes = row < j + kL<T>;  // tokens j .. j + L - 1 come in
      for (std::ptrdiff_t c = 0; c < dim && starts; ++c) {
        const T *xc = x + c * kChunk + row, *ac = a + c * kChunk + row;
        auto s = row > j ? hn::Load(d, past + c * kL<T>) : hn::Zero(d);
        const auto yc = hn::Load(d, y + c * kChunk + j);
        if (writes) {
          HWY_UNROLL(8)
          for (int r = 0; r < kRows; ++r) {
            s = hn::Mul(s, hn::Set(d, ac[r]));
            s = hn::IfThenElse(hn::Eq(lane, hn::Set(d, static_cast<T>(row + r - j))), yc, s);
            sum[r] = hn::MulAdd(hn::Set(d, xc[r]), s, sum[r]);
          }
        } else {
          HWY_UNROLL(8)
          for (int r = 0; r < kRows; ++r) {
            s = hn::Mul(s, hn::Set(d, ac[r]));
            sum[r] = hn::MulAdd(hn::Set(d, xc[r]), s, sum[r]);
          }
        }
        hn::Store(s, d, past + c * kL<T>);
      }
      HWY_UNROLL(8)
      for (int r = 0; r < kRows; ++r) hn::Store(sum[r], d, m + (row + r) * kChunk + j);
    }
}

/// to_i[d] += sum over j <= i of m[i][j] y_j[d] prod over j < u <= i of a_u[d]. Rows of `dim` numbers, `row`
/// apart.
template <class T>
void DecayedCombine(std::ptrdiff_t dim, std::ptrdiff_t row, const T* HWY_RESTRICT m, const T* HWY_RESTRICT y,
                    const T* HWY_RESTRICT a, T* HWY_RESTRICT to) {
  const Tag<T> d;
  Vectors<T>(dim, [&](std::ptrdiff_t c) HWY_ATTR {
    hn::Vec<Tag<T>> past[kChunk];
    for (std::ptrdiff_t i = 0; i < kChunk; ++i) {
      const auto decay = hn::Load(d, a + i * row + c);
      auto even = hn::Load(d, to + i * row + c), odd = hn::Zero(d);
      past[i] = hn::Load(d, y + i * row + c);
      even = hn::MulAdd(hn::Set(d, m[i * kChunk + i]), past[i], even);
      std::ptrdiff_t j = 0;
      for (; j + 2 <= i; j += 2) {
        past[j] = hn::Mul(past[j], decay);
        past[j + 1] = hn::Mul(past[j + 1], decay);
        even = hn::MulAdd(hn::Set(d, m[i * kChunk + j]), past[j], even);
        odd = hn::MulAdd(hn::Set(d, m[i * kChunk + j + 1]), past[j + 1], odd);
      }
      if (j < i) {
        past[j] = hn::Mul(past[j], decay);
        odd = hn::MulAdd(hn::Set(d, m[i * kChunk + j]), past[j], odd);
      }
      hn::Store(hn::Add(even, odd), d, to + i * row + c);
    }
  });
}

/// The other way round in time: to_j[d] += sum over i >= j of m[i][j] x_i[d] prod over j < u <= i of a_u[d].
template <class T>
void DecayedCombineBack(std::ptrdiff_t dim, std::ptrdiff_t row, const T* HWY_RESTRICT m,
                        const T* HWY_RESTRICT x, const T* HWY_RESTRICT a, T* HWY_RESTRICT to) {
  const Tag<T> d;
  Vectors<T>(dim, [&](std::ptrdiff_t c) HWY_ATTR {
    hn::Vec<Tag<T>> later[kChunk];
    for (std::ptrdiff_t j = kChunk - 1; j >= 0; --j) {
      auto even = hn::Load(d, to + j * row + c), odd = hn::Zero(d);
      later[j] = hn::Load(d, x + j * row + c);
      even = hn::MulAdd(hn::Set(d, m[j * kChunk + j]), later[j], even);
      if (j + 1 < kChunk) {
        const auto decay = hn::Load(d, a + (j + 1) * row + c);
        std::ptrdiff_t i = j + 1;
        for (; i + 2 <= kChunk; i += 2) {
          later[i] = hn::Mul(later[i], decay);
          later[i + 1] = hn::Mul(later[i + 1], decay);
          even = hn::MulAdd(hn::Set(d, m[i * kChunk + j]), later[i], even);
          odd = hn::MulAdd(hn::Set(d, m[(i + 1) * kChunk + j]), later[i + 1], odd);
        }
        if (i < kChunk) {
          later[i] = hn::Mul(later[i], decay);
          odd = hn::MulAdd(hn::Set(d, m[i * kChunk + j]), later[i], odd);
        }
      }
      hn::Store(hn::Add(even, odd), d, to + j * row + c);
    }
  });
}

}  // namespace yore::mixers::scan::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
