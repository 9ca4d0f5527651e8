// Backward over the same blocks as forward: weights are computed again from lse, a block of queries at a
// time, and five products of tiles give the gradients. Those of keys and values gather in the packed blocks
// until no later query can see them.
#if defined(YORE_ATTENTION_BACKWARD_TILES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef YORE_ATTENTION_BACKWARD_TILES_INL_H_
#undef YORE_ATTENTION_BACKWARD_TILES_INL_H_
#else
#define YORE_ATTENTION_BACKWARD_TILES_INL_H_
#endif

#include "yore/mixers/attention/forward_tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace yore::mixers::kernel::HWY_NAMESPACE {

template <class T>
struct BackwardBlock {
  T* q;                ///< [kQueries][padded dim], times scale * log2(e)
  T* grad_out;         ///< [kQueries][padded value_dim]
  T* q_strips;         ///< as PackStrips lays them
  T* grad_strips;      ///< the same of grad_out
  T* weight;           ///< [kQueries + 1][kBlock]; the last row is only read past the end of a strip of keys
  T* score_grad;       ///< the same
  T* grad_q;           ///< [kQueries][padded dim]
  T* lse;              ///< [kQueries], in powers of two; infinity for rows that see nothing
  T* delta;            ///< [kQueries] out . grad_out
  bool finite = true;  ///< no infinity and no NaN among queries and output gradients

  BackwardBlock(std::ptrdiff_t dim, std::ptrdiff_t value_dim, Workspace& w)
      : q(w.Take<T>(kQueries * Padded<T>(dim))),
        grad_out(w.Take<T>(kQueries * Padded<T>(value_dim))),
        q_strips(w.Take<T>(kQueries * dim)),
        grad_strips(w.Take<T>(kQueries * value_dim)),
        weight(w.Take<T>((kQueries + 1) * kBlock)),
        score_grad(w.Take<T>((kQueries + 1) * kBlock)),
        grad_q(w.Take<T>(kQueries * Padded<T>(dim))),
        lse(w.Take<T>(kQueries)),
        delta(w.Take<T>(kQueries)) {
    std::fill_n(weight + kQueries * kBlock, kBlock, T(0));
    std::fill_n(score_grad + kQueries * kBlock, kBlock, T(0));
  }
};

/// From scores (capped, if kCapped) and products of output gradients with values in the rows of one strip:
/// weights and gradients of the scores before the cap. Zero wherever a row does not see the key.
template <bool kCapped, class T>
HWY_INLINE void WeightsOfRows(const BackwardBlock<T>& b, std::ptrdiff_t strip, const BlockMask& mask,
                              const BlockMask::Strip& s, std::int64_t base, const Cap<T>& cap, T slope,
                              std::int64_t position0) {
  const simd::Tag<T> d;
  T* weight = b.weight + strip * kBlock;
  T* grad = b.score_grad + strip * kBlock;
  const auto by = hn::Set(d, slope);
  for (std::ptrdiff_t r = 0; r < kTileRows; ++r, weight += kBlock, grad += kBlock) {
    const auto lse = hn::Set(d, b.lse[strip + r]), delta = hn::Set(d, b.delta[strip + r]);
    const auto origin = hn::Set(d, static_cast<T>(base - position0 - strip - r));
    const SeenLanes<T> lanes(mask, strip + r, base);
    for (std::ptrdiff_t v = 0; v < s.first_vector; ++v) {
      hn::Store(hn::Zero(d), d, weight + v * kL<T>);
      hn::Store(hn::Zero(d), d, grad + v * kL<T>);
    }
    for (std::ptrdiff_t v = s.first_vector; v < s.end_vector; ++v) {
      auto x = hn::Load(d, weight + v * kL<T>);
      [[maybe_unused]] const auto capped = x;
      if (slope != 0) x = hn::MulAdd(hn::Add(hn::Iota(d, static_cast<T>(v * kL<T>)), origin), by, x);
      auto p = simd::Exp2(d, hn::Sub(x, lse));
      auto ds = hn::Mul(p, hn::Sub(hn::Load(d, grad + v * kL<T>), delta));
      if constexpr (kCapped) ds = hn::Mul(ds, cap.Derivative(d, capped));
      if (!s.full) {
        const auto seen = lanes.Of(v);
        p = hn::IfThenElseZero(seen, p);
        ds = hn::IfThenElseZero(seen, ds);
      }
      hn::Store(p, d, weight + v * kL<T>);
      hn::Store(ds, d, grad + v * kL<T>);
    }
    for (std::ptrdiff_t v = s.end_vector; v < kBlock / kL<T>; ++v) {
      hn::Store(hn::Zero(d), d, weight + v * kL<T>);
      hn::Store(hn::Zero(d), d, grad + v * kL<T>);
    }
  }
}

/// weight and score_grad of one strip of rows.
template <class T>
void WeightsOfStrip(const BackwardBlock<T>& b, std::ptrdiff_t strip, const BlockMask& mask,
                    const BlockMask::Strip& s, const KeyBlock<T>& block, std::int64_t base,
                    std::ptrdiff_t dim, std::ptrdiff_t value_dim, const Cap<T>& cap, T slope,
                    std::int64_t position0) {
  T* scores = b.weight + strip * kBlock;
  Scores(b.q_strips + strip * dim, dim, block, s.first_vector, s.end_vector, scores, kBlock);
  simd::StripProduct<kTileRows, false>(value_dim, b.grad_strips + strip * value_dim, simd::Left<1>{kTileRows},
                                       block.values_t + s.first_vector * value_dim * kL<T>,
                                       simd::Right{kL<T>, value_dim * kL<T>}, s.end_vector - s.first_vector,
                                       b.score_grad + strip * kBlock + s.first_vector * kL<T>, kBlock);
  if (!cap.On()) return WeightsOfRows<false>(b, strip, mask, s, base, cap, slope, position0);
  CapScores(cap, s.first_vector, s.end_vector, scores, kBlock);
  WeightsOfRows<true>(b, strip, mask, s, base, cap, slope, position0);
}

/// One block of keys for the queries of `b`.
template <class T>
void BackwardKeys(const BackwardBlock<T>& b, std::ptrdiff_t rows, const BlockMask& mask,
                  const KeyBlock<T>& block, std::int64_t base, std::ptrdiff_t dim, std::ptrdiff_t value_dim,
                  const Cap<T>& cap, T slope, std::int64_t position0) {
  const std::ptrdiff_t dk = Padded<T>(dim), dv = Padded<T>(value_dim);
  const bool finite = block.finite && b.finite;
  for (std::ptrdiff_t strip = 0; strip < rows; strip += kTileRows) {
    const BlockMask::Strip s = mask.Of<T>(strip, base);
    if (s.first >= s.end) {
      std::fill_n(b.weight + strip * kBlock, kTileRows * kBlock, T(0));
      std::fill_n(b.score_grad + strip * kBlock, kTileRows * kBlock, T(0));
      continue;
    }
    WeightsOfStrip(b, strip, mask, s, block, base, dim, value_dim, cap, slope, position0);
    const auto add = [&]<int R>(std::integral_constant<int, R>, std::ptrdiff_t r, std::ptrdiff_t first,
                                std::ptrdiff_t end) HWY_ATTR {
      simd::StripProduct<R, true>(end - first, b.score_grad + (strip + r) * kBlock + first,
                                  simd::Left<kBlock>{1}, block.keys + first * dk, simd::Right{dk, kL<T>},
                                  dk / kL<T>, b.grad_q + (strip + r) * dk, dk);
    };
    if (s.full || finite)
      add(std::integral_constant<int, kTileRows>(), 0, s.first, s.end);
    else
      for (std::ptrdiff_t r = 0; r < kTileRows; ++r)
        add(std::integral_constant<int, 1>(), r, InBlock(mask.first[strip + r], base),
            InBlock(mask.end[strip + r], base));
  }
  const auto add = [&]<int R>(std::integral_constant<int, R>, std::ptrdiff_t key, std::ptrdiff_t first,
                              std::ptrdiff_t end) HWY_ATTR {
    simd::StripProduct<R, true>(end - first, b.score_grad + first * kBlock + key, simd::Left<1>{kBlock},
                                b.q + first * dk, simd::Right{dk, kL<T>}, dk / kL<T>, block.grad_k + key * dk,
                                dk);
    simd::StripProduct<R, true>(end - first, b.weight + first * kBlock + key, simd::Left<1>{kBlock},
                                b.grad_out + first * dv, simd::Right{dv, kL<T>}, dv / kL<T>,
                                block.grad_v + key * dv, dv);
  };
  const std::ptrdiff_t low = InBlock(mask.first[0], base), high = InBlock(mask.end[rows - 1], base);
  // Queries that see a key stand side by side, and their places rise with the key's.
  std::ptrdiff_t first = 0, end = 0;
  const auto queries_of = [&](std::ptrdiff_t from, std::ptrdiff_t to) {  // of keys from .. to - 1
    while (first < rows && mask.end[first] <= base + from) ++first;
    while (end < rows && mask.first[end] < base + to) ++end;
  };
  const bool full = mask.first[rows - 1] <= base && mask.end[0] >= base + kBlock;  // all see all
  if (full || finite) {
    for (std::ptrdiff_t key = low / kTileRows * kTileRows; key < high; key += kTileRows) {
      queries_of(key, key + kTileRows);
      if (first < end) add(std::integral_constant<int, kTileRows>(), key, first, end);
    }
  } else {
    for (std::ptrdiff_t key = low; key < high; ++key) {
      queries_of(key, key + 1);
      if (first < end) add(std::integral_constant<int, 1>(), key, first, end);
    }
  }
}

template <class T, class Stored>
void BackwardBlockOfHead(const HeadRows<T>& head, const HeadGradients<T>& grads, std::int64_t row0,
                         std::ptrdiff_t rows, T scale, std::ptrdiff_t dim, std::ptrdiff_t value_dim,
                         KeyBlocks<T, Stored>& keys, BackwardBlock<T>& b) {
  const simd::Tag<T> d;
  const std::ptrdiff_t dk = Padded<T>(dim), dv = Padded<T>(value_dim);
  const bool finite_q =
      simd::PackRows(head.q.data + row0 * head.q.time, head.q.time, rows, static_cast<std::size_t>(dim),
                     static_cast<std::size_t>(dk), static_cast<T>(scale * T(kLog2e)), b.q);
  const bool finite_g =
      simd::PackRows(grads.grad_out.data + row0 * grads.grad_out.time, grads.grad_out.time, rows,
                     static_cast<std::size_t>(value_dim), static_cast<std::size_t>(dv), T(1), b.grad_out);
  b.finite = finite_q && finite_g;
  PackStrips(b.q, rows, dk, dim, b.q_strips);
  PackStrips(b.grad_out, rows, dv, value_dim, b.grad_strips);
  std::fill_n(b.grad_q, WholeStrips(rows) * dk, T(0));
  for (std::ptrdiff_t r = 0; r < WholeStrips(rows); ++r) {
    b.lse[r] = std::numeric_limits<T>::infinity();
    b.delta[r] = 0;
    if (r >= rows) continue;
    const T lse = head.lse[(row0 + r) * head.lse_step];
    if (lse == kNone<T>) continue;
    b.lse[r] = lse * static_cast<T>(kLog2e);
    const T* out = head.out.data + (row0 + r) * head.out.time;
    auto delta = hn::Zero(d);
    simd::ForEachVector<T>(static_cast<std::size_t>(value_dim), [&](std::size_t i, std::size_t n) HWY_ATTR {
      const auto g = hn::Load(d, b.grad_out + r * dv + static_cast<std::ptrdiff_t>(i));
      delta =
          hn::MulAdd(n == kLanes<T> ? hn::LoadU(d, out + i) : simd::LoadStoredFirst(d, out + i, n), g, delta);
    });
    b.delta[r] = simd::Sum<T>(delta);
    grads.AddSink(head.sink_logit, lse, b.delta[r]);
  }
  const std::int64_t position0 = row0 + head.mask.offset;
  const T slope = head.slope * static_cast<T>(kLog2e);
  ForKeyBlocks<1>(head, row0, rows, keys,
                  [&](const BlockMask& mask, const KeyBlock<T>* const* blocks, int, std::int64_t base) {
                    BackwardKeys(b, rows, mask, *blocks[0], base, dim, value_dim, head.cap, slope, position0);
                  });

  for (std::ptrdiff_t r = 0; r < rows; ++r)
    StoreScaled(b.grad_q + r * dk, dim, scale, grads.q.data + (row0 + r) * grads.q.time);
}

/// Adds `rows` rows of a packed sum, times `factor`, to the gradient.
template <class T>
void AddRows(const T* from, std::ptrdiff_t rows, std::ptrdiff_t dim, T factor, MutableRows<T> to,
             std::int64_t first) {
  const std::ptrdiff_t padded = Padded<T>(dim);
  for (std::ptrdiff_t r = 0; r < rows; ++r) {
    T* row = to.data + (first + r) * to.time;
    for (std::ptrdiff_t i = 0; i < dim; ++i) row[i] += factor * from[r * padded + i];
  }
}

}  // namespace yore::mixers::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
