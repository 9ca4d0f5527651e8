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
#include <type_traits>
#include <utility>

#include "yore/kernels/lanes-inl.h"
#include "yore/mixers/common/scan_ahead.h"

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

/// A register tile has kStrip rows of two vectors, or twice as many of one: enough accumulators to hide the
/// latency of a fused multiply-add. A divisor of kChunk.
inline constexpr int kStrip = HWY_TARGET == HWY_AVX3 ? 8 : 4;
/// With 32 registers, tiles of 6 rows of four vectors where columns are enough: 34 operations for 24
/// multiply-adds, where 8 rows of two take 26 for 16. Alone on a core that is no gain, beside another thread
/// on it 12 %.
inline constexpr bool kWideTiles = HWY_TARGET == HWY_AVX3;

/// Calls each(i) with i = 0 .. N - 1 as constants, so that arrays indexed by them stay in registers, which
/// asks for all of it to be inlined: where the compiler left a part as a function, the arrays lay in memory.
template <int N, class Each>
HWY_INLINE void Unrolled(const Each& each) {
  [&]<int... I>(std::integer_sequence<int, I...>) HWY_ATTR __attribute__((always_inline)) {
    (each(std::integral_constant<int, I>{}), ...);
  }
  (std::make_integer_sequence<int, N>{});
}

/// Element (r, k) of a left operand lies at data + r * row + k * step.
template <class T>
struct ByRow {
  const T* data;
  std::ptrdiff_t row_stride;
  HWY_INLINE std::ptrdiff_t row() const { return row_stride; }
  HWY_INLINE std::ptrdiff_t step() const { return 1; }
};
/// The same of an operand that lies transposed.
template <class T>
struct ByColumn {
  const T* data;
  std::ptrdiff_t column_stride;
  HWY_INLINE std::ptrdiff_t row() const { return 1; }
  HWY_INLINE std::ptrdiff_t step() const { return column_stride; }
};

/// Depths are multiples of it.
inline constexpr std::ptrdiff_t kStep = 4;
/// Steps of the depth whose loop is unrolled. With SSE4's registers that was slower.
inline constexpr std::ptrdiff_t kTogether = HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2 ? kStep : 1;

/// Which elements of a left operand are not 0: all, those with k <= r, or those with k >= r.
enum class Part { Whole, Lower, Upper };

/// a [rows, depth] b [depth, columns]; row k of b lies at b + k * b_row, aligned. Depth 0 = nothing.
template <class T, template <class> class Left>
struct Product {
  Left<T> a{nullptr, 0};
  const T* b = nullptr;
  std::ptrdiff_t b_row = 0, depth = 0;
  Part part = Part::Whole;

  /// That of rows r .. r + count - 1, without what is 0.
  HWY_INLINE Product At(std::ptrdiff_t r, std::ptrdiff_t count) const {
    Product at = *this;
    const std::ptrdiff_t first = part == Part::Upper ? std::min(r / kStep * kStep, depth) : 0;
    at.depth =
        (part == Part::Lower ? std::min((r + count + kStep - 1) / kStep * kStep, depth) : depth) - first;
    at.a.data += r * a.row() + first * a.step();
    at.b += first * b_row;
    return at;
  }
};
template <class T>
using RowsProduct = Product<T, ByRow>;
template <class T>
using ColumnsProduct = Product<T, ByColumn>;

/// What products are added to.
enum class Onto {
  Zero,         ///< nothing; row r of x, but not of y, is multiplied by factor[r] (null = 1)
  Old,          ///< `old`
  RowsTimes,    ///< that, row r times factor[r]
  ColumnsTimes  ///< that, column c times factor[c]
};

template <int R, int N, class T, template <class> class Left>
HWY_INLINE void Accumulate(const Product<T, Left>& x, hn::Vec<Tag<T>> (&sum)[R][N], Ahead* ahead) {
  const Tag<T> d;
  const T* HWY_RESTRICT b = x.b;
  const std::ptrdiff_t row = x.a.row(), step = x.a.step(), b_row = x.b_row;
  // Strides for more rows than these would not fit the registers for addresses.
  // NOLINTNEXTLINE(bugprone-branch-clone): where R is 4
  constexpr int kGroupRows = std::is_same_v<Left<T>, ByRow<T>> ? 4 : R,
                kGroups = (R + kGroupRows - 1) / kGroupRows;
  const T* from[kGroups];
  for (int g = 0; g < kGroups; ++g) from[g] = x.a.data + std::ptrdiff_t{g} * kGroupRows * row;
  for (std::ptrdiff_t left = x.depth; left > 0; left -= kChunk) {
    for (std::ptrdiff_t k = std::min(left, kChunk); k > 0; k -= kTogether) {
      HWY_UNROLL(4)
      for (int at = 0; at < kTogether; ++at) {
        hn::Vec<Tag<T>> line[N];
        HWY_UNROLL(4)
        for (int n = 0; n < N; ++n) line[n] = hn::Load(d, b + n * kL<T>);
        HWY_UNROLL(16)
        for (int r = 0; r < R; ++r) {
          const auto by = hn::Set(d, from[r / kGroupRows][r % kGroupRows * row]);
          HWY_UNROLL(4)
          for (int n = 0; n < N; ++n) sum[r][n] = hn::MulAdd(by, line[n], sum[r][n]);
        }
        HWY_UNROLL(4)
        for (const T*& rows : from) rows += step;
        b += b_row;
      }
    }
    if (ahead != nullptr) ahead->Step();
  }
}

template <int R, int N, Onto onto, class T, class X, class Y>
HWY_INLINE void Tile(const X& x, const Y& y, const T* old, const T* HWY_RESTRICT factor, T* c,
                     std::ptrdiff_t c_row, Ahead* ahead) {
  const Tag<T> d;
  hn::Vec<Tag<T>> sum[R][N];
  HWY_UNROLL(16)
  for (int r = 0; r < R; ++r) HWY_UNROLL(4)
  for (int n = 0; n < N; ++n) {
    if constexpr (onto == Onto::Zero) {
      sum[r][n] = hn::Zero(d);
    } else {
      sum[r][n] = hn::Load(d, old + r * c_row + n * kL<T>);
      if constexpr (onto == Onto::RowsTimes) sum[r][n] = hn::Mul(sum[r][n], hn::Set(d, factor[r]));
      if constexpr (onto == Onto::ColumnsTimes)
        sum[r][n] = hn::Mul(sum[r][n], hn::Load(d, factor + n * kL<T>));
    }
  }
  Accumulate<R, N>(x, sum, ahead);
  if (onto == Onto::Zero && factor != nullptr) {
    HWY_UNROLL(16)
    for (int r = 0; r < R; ++r) HWY_UNROLL(4)
    for (int n = 0; n < N; ++n) sum[r][n] = hn::Mul(sum[r][n], hn::Set(d, factor[r]));
  }
  Accumulate<R, N>(y, sum, nullptr);
  HWY_UNROLL(16)
  for (int r = 0; r < R; ++r) HWY_UNROLL(4)
  for (int n = 0; n < N; ++n) hn::StoreU(sum[r][n], d, c + r * c_row + n * kL<T>);
}

/// Tile of rows r .. r + R - 1.
template <int R, int N, Onto onto, class T, class X, class Y>
HWY_INLINE void TileAt(std::ptrdiff_t r, const X& x, const Y& y, const T* old, const T* factor, T* c,
                       std::ptrdiff_t c_row, Ahead* ahead) {
  if (onto != Onto::ColumnsTimes && factor != nullptr) factor += r;
  Tile<R, N, onto>(x.At(r, R), y.At(r, R), onto == Onto::Zero ? nullptr : old + r * c_row, factor,
                   c + r * c_row, c_row, ahead);
}
/// One column of tiles. Operands come by value: what is stored might otherwise be they, and they would be
/// loaded again for every tile.
template <int R, int N, Onto onto, class T, class X, class Y>
HWY_NOINLINE void Tiles(std::ptrdiff_t rows, X x, Y y, const T* old, const T* factor, T* c,
                        std::ptrdiff_t c_row, Ahead* ahead) {
  std::ptrdiff_t r = 0;
  if constexpr (R % kStep == 0) {
    for (; r < rows; r += R) TileAt<R, N, onto>(r, x, y, old, factor, c, c_row, ahead);
  } else {
    for (; rows - r >= R && rows - r != 2 * kStep; r += R)
      TileAt<R, N, onto>(r, x, y, old, factor, c, c_row, ahead);
    for (; r < rows; r += kStep) TileAt<kStep, N, onto>(r, x, y, old, factor, c, c_row, ahead);
  }
}

/// Tiles that Multiply goes through, of which each takes a step for every kChunk of the depth of x.
template <class T>
constexpr std::ptrdiff_t TilesIn(std::ptrdiff_t rows, std::ptrdiff_t columns) {
  constexpr std::ptrdiff_t kPair = std::ptrdiff_t{2} * kL<T>, kWide = 2 * kPair;
  std::ptrdiff_t tiles = 0;
  if constexpr (kWideTiles) {
    // As many rows of 6 as leave none or whole steps.
    tiles += columns / kWide * ((rows + 5) / 6 + (rows % 6 == 2 ? 1 : 0));
    columns %= kWide;
  }
  tiles += columns / kPair * (rows / kStrip);
  return tiles + columns % kPair / kL<T> * (rows / (2 * kStrip));
}

/// c [rows, columns] = what products are put onto + x + y; rows and columns multiples of kChunk, all but left
/// operands aligned. `old` has c's layout, and may be c. `ahead` takes a step in every tile after every
/// kChunk of the depth of x.
template <Onto onto, class T, template <class> class X, template <class> class Y>
void Multiply(std::ptrdiff_t rows, std::ptrdiff_t columns, Product<T, X> x, Product<T, Y> y,
              const std::type_identity_t<T>* old, T* c, std::ptrdiff_t c_row,
              const std::type_identity_t<T>* factor = nullptr, Ahead* ahead = nullptr) {
  const auto next = [&](std::ptrdiff_t wide) {
    x.b += wide;
    y.b += wide;
    c += wide;
    if (onto != Onto::Zero) old += wide;
    if (onto == Onto::ColumnsTimes) factor += wide;
  };
  // Decays of values go without wide tiles, which cost more to compile than they gain.
  if constexpr (kWideTiles && onto != Onto::ColumnsTimes)
    for (; columns >= 4 * kL<T>; columns -= 4 * kL<T>, next(4 * kL<T>))
      Tiles<6, 4, onto>(rows, x, y, old, factor, c, c_row, ahead);
  for (; columns >= 2 * kL<T>; columns -= 2 * kL<T>, next(2 * kL<T>))
    Tiles<kStrip, 2, onto>(rows, x, y, old, factor, c, c_row, ahead);
  for (; columns > 0; columns -= kL<T>, next(kL<T>))
    Tiles<2 * kStrip, 1, onto>(rows, x, y, old, factor, c, c_row, ahead);
}

/// to[c][r] = from[r][c]; rows multiples of kChunk, columns of 4.
template <class T>
void Transpose(const T* HWY_RESTRICT from, std::ptrdiff_t from_row, std::ptrdiff_t rows,
               std::ptrdiff_t columns, T* HWY_RESTRICT to, std::ptrdiff_t to_row) {
#if HWY_TARGET != HWY_SCALAR
  if constexpr (sizeof(T) == 4) {
    const Tag<T> d;
    // Four columns of L rows: 128-bit block b of vector j has those of row r + 4 b + j, and 4 x 4 blocks are
    // transposed within.
    for (std::ptrdiff_t r = 0; r < rows; r += kL<T>)
      for (std::ptrdiff_t column = 0; column < columns; column += 4) {
        const T* block = from + r * from_row + column;
        hn::Vec<Tag<T>> v[4];
        HWY_UNROLL(4)
        for (int j = 0; j < 4; ++j) {
          v[j] = hn::LoadDup128(d, block + j * from_row);
          HWY_UNROLL(4)
          for (int b = 1; b < kL<T> / 4; ++b)
            v[j] = hn::IfThenElse(hn::FirstN(d, 4 * static_cast<std::size_t>(b)), v[j],
                                  hn::LoadDup128(d, block + (4 * b + j) * from_row));
        }
        const auto ac0 = hn::InterleaveLower(d, v[0], v[2]), ac1 = hn::InterleaveUpper(d, v[0], v[2]);
        const auto be0 = hn::InterleaveLower(d, v[1], v[3]), be1 = hn::InterleaveUpper(d, v[1], v[3]);
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

/// to[0..3] = the sums of the lanes of v[0..3].
template <class T>
HWY_INLINE void FourSums(const hn::Vec<Tag<T>>* v, T* to) {
  [[maybe_unused]] const Tag<T> d;
#if HWY_TARGET != HWY_SCALAR
  if constexpr (sizeof(T) == 4) {
    const hn::Repartition<double, Tag<T>> pairs;
    const auto a = hn::Add(hn::InterleaveLower(d, v[0], v[1]), hn::InterleaveUpper(d, v[0], v[1]));
    const auto b = hn::Add(hn::InterleaveLower(d, v[2], v[3]), hn::InterleaveUpper(d, v[2], v[3]));
    const auto x = hn::BitCast(pairs, a), y = hn::BitCast(pairs, b);
    auto sum = hn::Add(hn::BitCast(d, hn::InterleaveLower(pairs, x, y)),
                       hn::BitCast(d, hn::InterleaveUpper(pairs, x, y)));
    // Each 128-bit block now has parts of all four sums.
    const auto fold = [&]<class D>(const auto& self, D part, hn::Vec<D> s) HWY_ATTR {
      if constexpr (hn::MaxLanes(D()) == 4) {
        hn::StoreU(s, part, to);
      } else {
        const hn::Half<D> half;
        self(self, half, hn::Add(hn::LowerHalf(half, s), hn::UpperHalf(half, s)));
      }
    };
    return fold(fold, d, sum);
  }
#endif
  for (int i = 0; i < 4; ++i) to[i] = simd::Sum<T>(v[i]);
}

/// Rows of m that PairSums makes at a time, and columns: as many as there are registers for. (Not inside of
/// it: GCC 14 breaks down over constants of a template that a lambda's template uses.)
inline constexpr int kPairRows = 4;
template <int X>
inline constexpr int kPairColumns = kStrip == 8 && X == 1 ? 4 : 2;

/// For each of X arrays x: m[i][j] = sum over d of x_i[d] y_j[d], times prod over j < u <= i of a_u[d] if
/// `decayed`, for j <= i; 0 elsewhere. x, y and a are [kChunk][row], of which `dim` numbers count; `past` is
/// room for as many. Decays multiply up token by token: differences of their logarithms would lose what
/// little is left of strong ones, and overflow for pairs that are not causal.
///
/// Lanes are channels, in the layout in which rows come: nothing is transposed, and only causal pairs are
/// computed. Their sums over lanes are made four at a time.
template <bool decayed, int X, class T>
void PairSums(std::ptrdiff_t dim, std::ptrdiff_t row, const T* const (&x)[X], const T* HWY_RESTRICT y,
              const T* HWY_RESTRICT a, T* HWY_RESTRICT past, T* const (&m)[X]) {
  using V = hn::Vec<Tag<T>>;
  const Tag<T> d;
  // Columns j .. of rows i .., j = i + offset; an offset below 0 stands for blocks that are causal
  // throughout.
  const auto block = [&]<int offset>(std::ptrdiff_t i, std::ptrdiff_t j) HWY_ATTR {
    V sum[X][kPairRows * kPairColumns<X>];
    Unrolled<X * kPairRows * kPairColumns<X>>([&](auto n) HWY_ATTR {
      sum[n / (kPairRows * kPairColumns<X>)][n % (kPairRows * kPairColumns<X>)] = hn::Zero(d);
    });
    for (std::ptrdiff_t c = 0; c < dim; c += kL<T>) {
      V s[kPairColumns<X>];
      Unrolled<kPairColumns<X>>([&]([[maybe_unused]] auto n) HWY_ATTR {
        if constexpr (offset < 0) s[n] = hn::Load(d, (decayed ? past : y) + (j + n) * row + c);
      });
      Unrolled<kPairRows>([&](auto row_of) HWY_ATTR {
        constexpr int r = row_of;
        V query[X];
        Unrolled<X>([&](auto k) HWY_ATTR { query[k] = hn::Load(d, x[k] + (i + r) * row + c); });
        V by = query[0];
        if constexpr (decayed) by = hn::Load(d, a + (i + r) * row + c);
        Unrolled<kPairColumns<X>>([&](auto column) HWY_ATTR {
          constexpr int n = column;
          if constexpr (offset < 0 || n + offset <= r) {
            if constexpr (offset >= 0 && n + offset == r)
              s[n] = hn::Load(d, y + (j + n) * row + c);
            else if constexpr (decayed)
              s[n] = hn::Mul(s[n], by);
            Unrolled<X>([&](auto k) HWY_ATTR {
              sum[k][r * kPairColumns<X> + n] = hn::MulAdd(query[k], s[n], sum[k][r * kPairColumns<X> + n]);
            });
          }
        });
      });
      if constexpr (decayed)
        Unrolled<kPairColumns<X>>([&](auto n) HWY_ATTR { hn::Store(s[n], d, past + (j + n) * row + c); });
    }
    for (int k = 0; k < X; ++k)
      for (int n = 0; n < kPairRows * kPairColumns<X>; n += 4) {
        T* to = m[k] + (i + n / kPairColumns<X>)*kChunk + j;
        if constexpr (kPairColumns<X> == 4) {
          FourSums<T>(sum[k] + n, to);
        } else {
          HWY_ALIGN T four[4];
          FourSums<T>(sum[k] + n, four);
          std::copy_n(four, 2, to);
          std::copy_n(four + 2, 2, to + kChunk);
        }
      }
  };
  for (int k = 0; k < X; ++k) std::fill(m[k], m[k] + kChunk * kChunk, T(0));
  for (std::ptrdiff_t i = 0; i < kChunk; i += kPairRows) {
    for (std::ptrdiff_t j = 0; j < i; j += kPairColumns<X>) block.template operator()<-1>(i, j);
    Unrolled<kPairRows / kPairColumns<X>>([&](auto n) HWY_ATTR {
      constexpr int offset = n * kPairColumns<X>;
      block.template operator()<offset>(i, i + offset);
    });
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
    Unrolled<kChunk>([&](auto token) HWY_ATTR {
      constexpr int i = token;
      const auto decay = hn::Load(d, a + i * row + c);
      past[i] = hn::Load(d, y + i * row + c);
      hn::Vec<Tag<T>> sum[2] = {hn::Load(d, to + i * row + c), hn::Zero(d)};
      sum[i % 2] = hn::MulAdd(hn::Set(d, m[i * kChunk + i]), past[i], sum[i % 2]);
      Unrolled<i>([&](auto j) HWY_ATTR {
        past[j] = hn::Mul(past[j], decay);
        sum[j % 2] = hn::MulAdd(hn::Set(d, m[i * kChunk + j]), past[j], sum[j % 2]);
      });
      hn::Store(hn::Add(sum[0], sum[1]), d, to + i * row + c);
    });
  });
}

/// The other way round in time: to_j[d] += sum over i >= j of m[i][j] x_i[d] prod over j < u <= i of a_u[d].
template <class T>
void DecayedCombineBack(std::ptrdiff_t dim, std::ptrdiff_t row, const T* HWY_RESTRICT m,
                        const T* HWY_RESTRICT x, const T* HWY_RESTRICT a, T* HWY_RESTRICT to) {
  const Tag<T> d;
  Vectors<T>(dim, [&](std::ptrdiff_t c) HWY_ATTR {
    hn::Vec<Tag<T>> later[kChunk];
    Unrolled<kChunk>([&](auto n) HWY_ATTR {
      constexpr int j = kChunk - 1 - n;
      later[j] = hn::Load(d, x + j * row + c);
      hn::Vec<Tag<T>> sum[2] = {hn::Load(d, to + j * row + c), hn::Zero(d)};
      sum[j % 2] = hn::MulAdd(hn::Set(d, m[j * kChunk + j]), later[j], sum[j % 2]);
      const auto decay = hn::Load(d, a + std::min<std::ptrdiff_t>(j + 1, kChunk - 1) * row + c);
      Unrolled<n>([&](auto l) HWY_ATTR {
        constexpr int i = j + 1 + l;
        later[i] = hn::Mul(later[i], decay);
        sum[i % 2] = hn::MulAdd(hn::Set(d, m[i * kChunk + j]), later[i], sum[i % 2]);
      });
      hn::Store(hn::Add(sum[0], sum[1]), d, to + j * row + c);
    });
  });
}

/// Substitution, from token 0 on or, with `back`, from the last: e_i = x_i - (sum over j before i of m_ij
/// u_j), u_i = b_i e_i. m_ij stands at m[i][j], with `back` at m[j][i]. x(i, c) is the vector of x_i from
/// column c on. Writes e, which x may read from, sign u and, unless `factor` is null, factor_i sign u_i into
/// `scaled`. Each token, once known, is taken off from all that are still to come, so that only one product a
/// token waits for another.
template <bool back, class T, class X>
HWY_INLINE void Substitute(std::ptrdiff_t columns, std::ptrdiff_t row, const T* HWY_RESTRICT m,
                           const T* HWY_RESTRICT b, T sign, const X& x, T* e_to, T* u, const T* factor,
                           T* scaled) {
  const Tag<T> d;
  Vectors<T>(columns, [&](std::ptrdiff_t c) HWY_ATTR {
    hn::Vec<Tag<T>> e[kChunk];
    Unrolled<kChunk>([&](auto i) HWY_ATTR { e[i] = x(static_cast<std::ptrdiff_t>(i), c); });
    Unrolled<kChunk>([&](auto n) HWY_ATTR {
      constexpr int j = back ? kChunk - 1 - n : n;
      const auto known = hn::Mul(e[j], hn::Set(d, b[j]));
      const auto out = hn::Mul(known, hn::Set(d, sign));
      hn::Store(e[j], d, e_to + j * row + c);
      hn::Store(out, d, u + j * row + c);
      if (factor != nullptr) hn::Store(hn::Mul(out, hn::Set(d, factor[j])), d, scaled + j * row + c);
      Unrolled<kChunk - 1 - n>([&](auto l) HWY_ATTR {
        constexpr int i = back ? j - 1 - l : j + 1 + l;
        e[i] = hn::NegMulAdd(hn::Set(d, back ? m[j * kChunk + i] : m[i * kChunk + j]), known, e[i]);
      });
    });
  });
}

}  // namespace yore::mixers::scan::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
