// Forward over blocks of 64 queries and 64 keys with the streaming softmax. Scores of a strip of rows live
// only until they are multiplied with the values, in the first-level cache.
#if defined(YORE_ATTENTION_FORWARD_TILES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef YORE_ATTENTION_FORWARD_TILES_INL_H_
#undef YORE_ATTENTION_FORWARD_TILES_INL_H_
#else
#define YORE_ATTENTION_FORWARD_TILES_INL_H_
#endif

#include "yore/mixers/attention/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace yore::mixers::kernel::HWY_NAMESPACE {

/// Blocks of keys whose scores are turned into weights together: the more, the less often a row is reduced to
/// its maximum and rescaled. More than four gain nothing (docs/performance.md).
inline constexpr int kJoined = 4;
inline constexpr std::ptrdiff_t kJoinedKeys = kJoined * kBlock;

/// Running softmax of a block of queries of one head.
template <class T>
struct ForwardBlock {
  T* rows;    ///< [kQueries][padded dim], on the way to strips
  T* strips;  ///< queries times scale * log2(e), as PackStrips lays them
  T* scores;  ///< [kTileRows][kJoinedKeys]
  T* out;     ///< [kQueries][padded value_dim], not yet divided by total
  T* top;     ///< [kQueries] largest score so far, in powers of two
  T* total;   ///< [kQueries][L] sum of 2^(score - top), lane by lane

  ForwardBlock(std::ptrdiff_t dim, std::ptrdiff_t value_dim, Workspace& w)
      : rows(w.Take<T>(kQueries * Padded<T>(dim))),
        strips(w.Take<T>(kQueries * dim)),
        scores(w.Take<T>(kTileRows * kJoinedKeys)),
        out(w.Take<T>(kQueries * Padded<T>(value_dim))),
        top(w.Take<T>(kQueries)),
        total(w.Take<T>(kQueries * kL<T>)) {}
};

/// Biases and hides the scores of a row: vectors first_vector .. end_vector - 1 of the strip's keys. Returns
/// their maximum, lane by lane.
template <class T>
HWY_INLINE hn::Vec<simd::Tag<T>> LargestOfRow(T* HWY_RESTRICT scores, const BlockMask& mask,
                                              const BlockMask::Strip& s, std::ptrdiff_t r, std::int64_t base,
                                              T slope, std::int64_t position) {
  const simd::Tag<T> d;
  auto largest = hn::Set(d, kNone<T>);
  if (s.full && slope == 0) {
    for (std::ptrdiff_t v = s.first_vector; v < s.end_vector; ++v)
      largest = hn::Max(largest, hn::Load(d, scores + v * kL<T>));
    return largest;
  }
  const auto by = hn::Set(d, slope), origin = hn::Set(d, static_cast<T>(base - position));
  const SeenLanes<T> seen(mask, r, base, kJoinedKeys);
  for (std::ptrdiff_t v = s.first_vector; v < s.end_vector; ++v) {
    auto x = hn::Load(d, scores + v * kL<T>);
    if (slope != 0) x = hn::MulAdd(hn::Add(hn::Iota(d, static_cast<T>(v * kL<T>)), origin), by, x);
    if (!s.full) x = hn::IfThenElse(seen.Of(v), x, hn::Set(d, kNone<T>));
    hn::Store(x, d, scores + v * kL<T>);
    largest = hn::Max(largest, x);
  }
  return largest;
}

/// Turns the scores of a strip into weights 2^(score - top) and folds their sums into the rows' softmaxes.
/// Hidden keys' weights become exactly 0. All rows take a step before any takes the next: the reduction of
/// one row's maximum to a number would otherwise be waited for, row after row.
template <class T>
HWY_INLINE void SoftmaxStrip(const ForwardBlock<T>& f, const BlockMask& mask, const BlockMask::Strip& s,
                             std::ptrdiff_t strip, std::int64_t base, T slope, std::int64_t position,
                             std::ptrdiff_t padded) {
  const simd::Tag<T> d;
  T now[kTileRows];
  for (std::ptrdiff_t r = 0; r < kTileRows; ++r)
    now[r] = std::max(f.top[strip + r], simd::Max<T>(LargestOfRow(f.scores + r * kJoinedKeys, mask, s,
                                                                  strip + r, base, slope, position + r)));
  for (std::ptrdiff_t r = 0; r < kTileRows; ++r) {
    T* HWY_RESTRICT scores = f.scores + r * kJoinedKeys;
    T* HWY_RESTRICT total = f.total + (strip + r) * kL<T>;
    const T before = f.top[strip + r];
    const auto shift = hn::Set(d, now[r] == kNone<T> ? T(0) : now[r]);
    auto sum = hn::Zero(d);
    for (std::ptrdiff_t v = s.first_vector; v < s.end_vector; ++v) {
      const auto p = simd::Exp2(d, hn::Sub(hn::Load(d, scores + v * kL<T>), shift));
      hn::Store(p, d, scores + v * kL<T>);
      sum = hn::Add(sum, p);
    }
    if (before == now[r]) {
      hn::Store(hn::Add(hn::Load(d, total), sum), d, total);
      continue;
    }
    const auto shrink = simd::Exp2(d, hn::Sub(hn::Set(d, before), shift));
    hn::Store(hn::MulAdd(hn::Load(d, total), shrink, sum), d, total);
    T* HWY_RESTRICT out = f.out + (strip + r) * padded;
    for (std::ptrdiff_t i = 0; i < padded; i += kL<T>)
      hn::Store(hn::Mul(hn::Load(d, out + i), shrink), d, out + i);
    f.top[strip + r] = now[r];
  }
}

/// `count` neighbouring blocks of keys, from key `base` on, for the queries of `f`.
template <class T>
void ForwardKeys(const ForwardBlock<T>& f, std::ptrdiff_t rows, const BlockMask& mask,
                 const KeyBlock<T>* const* blocks, int count, std::int64_t base, std::ptrdiff_t dim,
                 std::ptrdiff_t value_dim, const Cap<T>& cap, T slope, std::int64_t position0) {
  constexpr std::ptrdiff_t kVectors = kBlock / kL<T>;
  const std::ptrdiff_t padded = Padded<T>(value_dim);
  for (std::ptrdiff_t strip = 0; strip < rows; strip += kTileRows) {
    const BlockMask::Strip s = mask.Of<T>(strip, base, count * kBlock);
    if (s.first >= s.end) continue;
    for (int b = 0; b < count; ++b) {
      const std::ptrdiff_t first = std::max<std::ptrdiff_t>(s.first_vector - b * kVectors, 0),
                           end = std::min(s.end_vector - b * kVectors, kVectors);
      if (first < end)
        Scores(f.strips + strip * dim, dim, *blocks[b], first, end, f.scores + b * kBlock, kJoinedKeys);
    }
    if (cap.On()) CapScores(cap, s.first_vector, s.end_vector, f.scores, kJoinedKeys);
    SoftmaxStrip(f, mask, s, strip, base, slope, position0 + strip, padded);
    for (int b = 0; b < count; ++b) {
      const KeyBlock<T>& block = *blocks[b];
      const auto add = [&]<int R>(std::integral_constant<int, R>, std::ptrdiff_t r, std::ptrdiff_t first,
                                  std::ptrdiff_t end) HWY_ATTR {
        simd::StripProduct<R, true>(end - first, f.scores + r * kJoinedKeys + b * kBlock + first,
                                    simd::Left<kJoinedKeys>{1}, block.values + first * padded,
                                    simd::Right{padded, kL<T>}, padded / kL<T>, f.out + (strip + r) * padded,
                                    padded);
      };
      const std::ptrdiff_t first = std::max<std::ptrdiff_t>(s.first - b * kBlock, 0),
                           end = std::min<std::ptrdiff_t>(s.end - b * kBlock, kBlock);
      if (first >= end) continue;
      if (s.full || block.finite) {
        add(std::integral_constant<int, kTileRows>(), 0, first, end);
      } else {  // 0 times infinity is not 0: every row takes only what it sees
        for (std::ptrdiff_t r = 0; r < kTileRows; ++r) {
          add(std::integral_constant<int, 1>(), r, InBlock(mask.first[strip + r], base + b * kBlock),
              InBlock(mask.end[strip + r], base + b * kBlock));
        }
      }
    }
  }
}

template <class T, class Stored>
void ForwardBlockOfHead(const HeadRows<T>& head, std::int64_t row0, std::ptrdiff_t rows, T scale,
                        std::ptrdiff_t dim, std::ptrdiff_t value_dim, KeyBlocks<T, Stored>& keys,
                        const ForwardBlock<T>& f) {
  const simd::Tag<T> d;
  const std::ptrdiff_t padded = Padded<T>(value_dim);
  simd::PackRows(head.q.data + row0 * head.q.time, head.q.time, rows, static_cast<std::size_t>(dim),
                 static_cast<std::size_t>(Padded<T>(dim)), static_cast<T>(scale * T(kLog2e)), f.rows);
  PackStrips(f.rows, rows, Padded<T>(dim), dim, f.strips);
  std::fill_n(f.out, WholeStrips(rows) * padded, T(0));
  std::fill_n(f.total, WholeStrips(rows) * kL<T>, T(0));
  // One that is no finite number makes every sum NaN, as it does in rows.
  const bool sink = head.sink_logit != kNone<T>;
  for (std::ptrdiff_t r = 0; r < WholeStrips(rows); ++r) {
    f.top[r] = sink ? head.sink_logit * static_cast<T>(kLog2e) : kNone<T>;
    f.total[r * kL<T>] = sink ? T(1) + (f.top[r] - f.top[r]) : T(0);
  }
  const std::int64_t position0 = row0 + head.mask.offset;
  const T slope = head.slope * static_cast<T>(kLog2e);
  ForKeyBlocks<kJoined>(
      head, row0, rows, keys,
      [&](const BlockMask& mask, const KeyBlock<T>* const* blocks, int count, std::int64_t base) {
        ForwardKeys(f, rows, mask, blocks, count, base, dim, value_dim, head.cap, slope, position0);
      });

  for (std::ptrdiff_t r = 0; r < rows; ++r) {
    const T total = simd::Sum<T>(hn::Load(d, f.total + r * kL<T>));
    StoreScaled(f.out + r * padded, value_dim, total == 0 ? T(0) : T(1) / total,
                head.out.data + (row0 + r) * head.out.time);
    head.WriteLse(row0 + r, f.top[r], total);
  }
}

}  // namespace yore::mixers::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
