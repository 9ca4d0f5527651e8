// One query at a time over the keys it sees, where they lie: for windows of a few keys, for a few queries,
// and for a step of decoding. Nothing is packed; vectors run over the head's dimension.
#if defined(YORE_ATTENTION_ROWS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef YORE_ATTENTION_ROWS_INL_H_
#undef YORE_ATTENTION_ROWS_INL_H_
#else
#define YORE_ATTENTION_ROWS_INL_H_
#endif

#include <array>
#include <cmath>

#include "yore/mixers/attention/tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace yore::mixers::kernel::HWY_NAMESPACE {

/// Lanes of a tag's vectors.
template <class D>
inline constexpr std::ptrdiff_t kLanesOf = static_cast<std::ptrdiff_t>(hn::MaxLanes(D()));

/// `count` visible keys that lie evenly in memory, the first of them at position `first`.
template <class Stored>
struct Segment {
  const Stored* k;
  const Stored* v;
  std::int64_t k_time, v_time;
  std::int64_t first, count;
};

/// Vectors that a row of `dim` numbers is read in: full ones, or shorter ones where they fit evenly.
template <class T, class Run>
HWY_INLINE void WithLanesFor(std::ptrdiff_t dim, std::ptrdiff_t value_dim, const Run& run) {
  const auto fits = [&](std::ptrdiff_t n) { return dim % n == 0 && value_dim % n == 0; };
  constexpr std::ptrdiff_t lanes = kL<T>;
  if constexpr (lanes > 8)
    if (!fits(lanes) && fits(8)) return run(hn::CappedTag<T, 8>());
  if constexpr (lanes > 4)
    if (!fits(lanes) && fits(4)) return run(hn::CappedTag<T, 4>());
  run(simd::Tag<T>());
}

/// A row, `count` numbers from the i-th on of which may be fewer than D's lanes.
template <class D, class Stored>
HWY_INLINE hn::Vec<D> LoadPart(D d, const Stored* row, std::ptrdiff_t i, std::ptrdiff_t dim) {
  constexpr std::ptrdiff_t n = kLanesOf<D>;
  if (HWY_LIKELY(i + n <= dim)) return simd::LoadStored(d, row + i);
  return simd::LoadStoredFirst(d, row + i, static_cast<std::size_t>(dim - i));
}
template <class D, class T>
HWY_INLINE void StorePart(D d, hn::Vec<D> x, T* row, std::ptrdiff_t i, std::ptrdiff_t dim) {
  constexpr std::ptrdiff_t n = kLanesOf<D>;
  if (HWY_LIKELY(i + n <= dim))
    hn::StoreU(x, d, row + i);
  else
    simd::StoreFirst(d, x, row + i, static_cast<std::size_t>(dim - i));
}

/// x . row
template <class D, class T, class Stored>
HWY_INLINE T Dot(D d, const T* HWY_RESTRICT x, const Stored* HWY_RESTRICT row, std::ptrdiff_t dim) {
  constexpr std::ptrdiff_t n = kLanesOf<D>;
  auto a = hn::Zero(d), b = hn::Zero(d);
  std::ptrdiff_t i = 0;
  for (; i + 2 * n <= dim; i += 2 * n) {
    a = hn::MulAdd(hn::LoadU(d, x + i), simd::LoadStored(d, row + i), a);
    b = hn::MulAdd(hn::LoadU(d, x + i + n), simd::LoadStored(d, row + i + n), b);
  }
  for (; i < dim; i += n) a = hn::MulAdd(LoadPart(d, x, i, dim), LoadPart(d, row, i, dim), a);
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(a, b)));
}

/// to += factor * row
template <class D, class T, class Stored>
HWY_INLINE void AddScaled(D d, T factor, const Stored* HWY_RESTRICT row, std::ptrdiff_t dim,
                          T* HWY_RESTRICT to) {
  constexpr std::ptrdiff_t n = kLanesOf<D>;
  const auto by = hn::Set(d, factor);
  for (std::ptrdiff_t i = 0; i < dim; i += n)
    StorePart(d, hn::MulAdd(by, LoadPart(d, row, i, dim), LoadPart(d, to, i, dim)), to, i, dim);
}

/// Scalars of a row that do not depend on where its keys lie.
template <class T>
struct RowScalars {
  std::ptrdiff_t dim, value_dim;
  T scale2;  ///< scale * log2(e)
  T slope2;  ///< ALiBi slope * log2(e)
  T sink2;   ///< sink logit * log2(e), or minus infinity
  Cap<T> cap;
  std::int64_t position;
};

/// The score of key j of a segment, in powers of two. Here and below kCapped is row.cap.On(), known at
/// compile time so that uncapped rows are not slowed down; `derivative` then receives that of the cap.
template <bool kCapped, class D, class T, class Stored>
HWY_INLINE T ScoreOf(D d, const RowScalars<T>& row, const T* q, const Segment<Stored>& part, std::int64_t j,
                     [[maybe_unused]] T* derivative = nullptr) {
  T score = Dot(d, q, part.k + j * part.k_time, row.dim) * row.scale2;
  if constexpr (kCapped) {
    const simd::Tag<T> full;
    const auto capped = row.cap.Of(full, hn::Set(full, score));
    score = hn::GetLane(capped);
    if (derivative != nullptr) *derivative = hn::GetLane(row.cap.Derivative(full, capped));
  }
  if (row.slope2 != 0) score += row.slope2 * static_cast<T>(part.first + j - row.position);
  return score;
}

/// The scores of all keys in `segments`, one after another in `score`, with a cap: it is taken a vector of
/// keys at a time. `score` has room for a vector more. Returns the largest and `least`.
template <class D, class T, class Stored>
HWY_INLINE T CappedScores(D d, const RowScalars<T>& row, const T* q, const Segment<Stored>* segments, int n,
                          T least, T* HWY_RESTRICT score) {
  RowScalars<T> bare = row;
  bare.slope2 = 0;
  std::ptrdiff_t count = 0;
  for (int s = 0; s < n; ++s)
    for (std::int64_t j = 0; j < segments[s].count; ++j)
      score[count++] = ScoreOf<false>(d, bare, q, segments[s], j);
  const simd::Tag<T> full;
  std::fill_n(score + count, kL<T>, T(0));
  for (std::ptrdiff_t i = 0; i < count; i += kL<T>)
    hn::StoreU(row.cap.Of(full, hn::LoadU(full, score + i)), full, score + i);
  count = 0;
  for (int s = 0; s < n; ++s)
    for (std::int64_t j = 0; j < segments[s].count; ++j, ++count) {
      if (row.slope2 != 0) score[count] += row.slope2 * static_cast<T>(segments[s].first + j - row.position);
      least = std::max(least, score[count]);
    }
  return least;
}

/// Weights before division, 2^(score - top), of the keys in `segments`, one after another in `weight`, which
/// has room for them and a vector more.
template <class T>
struct RowSoftmax {
  T top, total;
};
template <bool kCapped, class D, class T, class Stored>
HWY_INLINE RowSoftmax<T> RowWeights(D d, const RowScalars<T>& row, const T* q,
                                    const Segment<Stored>* segments, int n, T* HWY_RESTRICT weight) {
  std::ptrdiff_t count = 0;
  T top = row.sink2;
  if constexpr (kCapped) {
    top = CappedScores(d, row, q, segments, n, top, weight);
    for (int s = 0; s < n; ++s) count += static_cast<std::ptrdiff_t>(segments[s].count);
  } else {
    for (int s = 0; s < n; ++s) {
      const Segment<Stored>& part = segments[s];
      for (std::int64_t j = 0; j < part.count; ++j) {
        const T score = ScoreOf<false>(d, row, q, part, j);
        weight[count++] = score;
        top = std::max(top, score);
      }
    }
  }
  if (top == kNone<T>) top = 0;  // all weights are 0
  const simd::Tag<T> full;
  const auto shift = hn::Set(full, top);
  for (std::ptrdiff_t i = count; i < count + kL<T>; ++i) weight[i] = kNone<T>;
  auto sum = hn::Zero(full);
  for (std::ptrdiff_t i = 0; i < count; i += kL<T>) {
    const auto p = simd::Exp2(full, hn::Sub(hn::LoadU(full, weight + i), shift));
    hn::StoreU(p, full, weight + i);
    sum = hn::Add(sum, p);
  }
  T total = simd::Sum<T>(sum);
  if (row.sink2 != kNone<T>) total += std::exp2(row.sink2 - top);
  return {top, total};
}

/// Attention of one query: writes its output, returns its softmax's maximum and sum.
template <bool kCapped, class D, class T, class Stored>
HWY_INLINE RowSoftmax<T> AttendRow(D d, const RowScalars<T>& row, const T* q, const Segment<Stored>* segments,
                                   int n, T* weight, T* HWY_RESTRICT out) {
  const RowSoftmax<T> softmax = RowWeights<kCapped>(d, row, q, segments, n, weight);
  const T by = softmax.total == 0 ? T(0) : T(1) / softmax.total;
  for (std::ptrdiff_t c = 0; c < row.value_dim; c += kLanesOf<D>) {
    auto sum = hn::Zero(d);
    const T* p = weight;
    for (int s = 0; s < n; ++s) {
      const Stored* v = segments[s].v;
      for (std::int64_t j = 0; j < segments[s].count; ++j, v += segments[s].v_time)
        sum = hn::MulAdd(hn::Set(d, *p++), LoadPart(d, v, c, row.value_dim), sum);
    }
    StorePart(d, hn::Mul(sum, hn::Set(d, by)), out, c, row.value_dim);
  }
  return softmax;
}

/// Whether a row sees a single key and nothing else adds to its softmax: its weight is 1 whatever its score.
/// This is every row of a strict 1-local head.
template <class T, class Stored>
HWY_INLINE bool SeesOne(const RowScalars<T>& row, const Segment<Stored>* segments, int n) {
  return n == 1 && segments[0].count == 1 && row.sink2 == kNone<T>;
}

/// Query i of a head.
template <bool kCapped, class D, class T, class Stored>
void ForwardRow(D d, const RowScalars<T>& row, const HeadRows<T>& head, std::int64_t i,
                const Segment<Stored>* segments, int n, T* weight) {
  const T* q = head.q.data + i * head.q.time;
  T* out = head.out.data + i * head.out.time;
  if (SeesOne(row, segments, n)) {
    const T score = ScoreOf<kCapped>(d, row, q, segments[0], 0);
    if (std::isfinite(score)) {  // else it must show in the output
      for (std::ptrdiff_t c = 0; c < row.value_dim; c += kLanesOf<D>)
        StorePart(d, LoadPart(d, segments[0].v, c, row.value_dim), out, c, row.value_dim);
      if (head.lse != nullptr) head.lse[i * head.lse_step] = static_cast<T>(kLn2) * score;
      return;
    }
  }
  const RowSoftmax<T> softmax = AttendRow<kCapped>(d, row, q, segments, n, weight, out);
  head.WriteLse(i, softmax.top, softmax.total);
}

/// Query i: adds to the gradients of the keys and values that it sees, and writes that of q.
template <bool kCapped, class D, class T, class Stored>
void BackwardRow(D d, const RowScalars<T>& row, T scale, const HeadRows<T>& head,
                 const HeadGradients<T>& grads, std::int64_t i, const Segment<Stored>* segments, int n) {
  const T* q = head.q.data + i * head.q.time;
  const T* g = grads.grad_out.data + i * grads.grad_out.time;
  T* HWY_RESTRICT grad_q = grads.q.data + i * grads.q.time;
  for (std::ptrdiff_t c = 0; c < row.dim; c += kLanesOf<D>) StorePart(d, hn::Zero(d), grad_q, c, row.dim);
  const T lse = head.lse[i * head.lse_step];
  if (SeesOne(row, segments, n) && std::isfinite(lse)) {
    AddScaled(d, T(1), g, row.value_dim, grads.v.data + segments[0].first * grads.v.time);
    return;
  }
  if (lse == kNone<T>) return;
  const T delta = Dot(d, g, head.out.data + i * head.out.time, row.value_dim);
  grads.AddSink(head.sink_logit, lse, delta);
  const T lse2 = lse * static_cast<T>(kLog2e);
  const simd::Tag<T> full;
  for (int s = 0; s < n; ++s) {
    const Segment<Stored>& part = segments[s];
    for (std::int64_t j = 0; j < part.count; ++j) {
      const Stored* k = part.k + j * part.k_time;
      [[maybe_unused]] T derivative = 1;
      const T p = hn::GetLane(
          simd::Exp2(full, hn::Set(full, ScoreOf<kCapped>(d, row, q, part, j, &derivative) - lse2)));
      T ds = p * (Dot(d, g, part.v + j * part.v_time, row.value_dim) - delta) * scale;
      if constexpr (kCapped) ds *= derivative;
      AddScaled(d, ds, k, row.dim, grad_q);
      AddScaled(d, ds, q, row.dim, grads.k.data + (part.first + j) * grads.k.time);
      AddScaled(d, p, g, row.value_dim, grads.v.data + (part.first + j) * grads.v.time);
    }
  }
}

/// The keys that query i sees, sinks first; returns the number of segments (0 to 2).
template <class Stored>
HWY_INLINE int SegmentsOf(const Visible& mask, std::int64_t i, Rows<Stored> k, Rows<Stored> v,
                          std::array<Segment<Stored>, 2>& segments) {
  int n = 0;
  for (const Interval& seen : {mask.sink(i), mask.window(i)})
    if (!seen.empty())
      segments[static_cast<std::size_t>(n++)] = {
          k.data + seen.first * k.time, v.data + seen.first * v.time, k.time, v.time, seen.first,
          seen.end - seen.first};
  return n;
}

}  // namespace yore::mixers::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
