// Forward over blocks of 64 queries and 64 keys whose products are made in bfloat16 by AVX-512-BF16: its
// VDPBF16PS multiplies pairs of neighbouring numbers and adds both products to a float. So everything is
// packed in pairs, 32 bits each: of dims for the scores, of keys for the sum of values. Scores are exact but
// for the roundings of a float sum, since queries and keys come as bfloat16; weights are rounded to bfloat16
// before they meet the values. For AVX3 alone, whose other instructions it needs too.
#if defined(YORE_ATTENTION_BFLOAT16_TILES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef YORE_ATTENTION_BFLOAT16_TILES_INL_H_
#undef YORE_ATTENTION_BFLOAT16_TILES_INL_H_
#else
#define YORE_ATTENTION_BFLOAT16_TILES_INL_H_
#endif

#include "yore/mixers/attention/tiles-inl.h"

#if HWY_TARGET == HWY_AVX3
#include <cstring>

// Functions with this are compiled for AVX3 and AVX-512-BF16, whatever the compiler was told.
#define YORE_PAIRS __attribute__((target(HWY_TARGET_STR ",avx512bf16")))

HWY_BEFORE_NAMESPACE();
namespace yore::mixers::kernel::HWY_NAMESPACE {

using Narrow = hwy::bfloat16_t;
using Pair = std::uint32_t;  ///< two numbers in bfloat16, the first in the lower half

/// Lanes of a vector of floats, or pairs; of bfloat16.
constexpr std::ptrdiff_t kPairLanes = 16, kNarrowLanes = 32;
constexpr std::ptrdiff_t kBlockVectors = kBlock / kPairLanes, kBlockPairs = kBlock / 2;
/// Neighbouring blocks of keys whose scores are turned into weights together.
constexpr int kJoinedPairs = 6;
constexpr std::ptrdiff_t kJoinedPairKeys = kJoinedPairs * kBlock;

/// Pairs of a row of `dim` numbers, in whole vectors.
inline std::ptrdiff_t PairsOf(std::ptrdiff_t dim) {
  return (dim + kNarrowLanes - 1) / kNarrowLanes * kPairLanes;
}

/// The first min(count, 32) lanes.
inline __mmask32 FirstNarrow(std::ptrdiff_t count) {
  return count >= kNarrowLanes ? ~__mmask32{0} : static_cast<__mmask32>((__mmask32{1} << count) - 1);
}

/// Copies rows of `dim` numbers to rows of `pairs` pairs, what is missing zero, with `flip` turned in every
/// number's bits. Returns whether all are finite.
inline bool CopyRows(const Rows<Narrow>& from, std::int64_t first, std::ptrdiff_t rows, std::ptrdiff_t dim,
                     std::ptrdiff_t pairs, std::uint16_t flip, Pair* HWY_RESTRICT to) {
  const __m512i exponent = _mm512_set1_epi16(0x7F80), turned = _mm512_set1_epi16(static_cast<short>(flip));
  __mmask32 spoilt = 0;
  for (std::ptrdiff_t r = 0; r < rows; ++r, to += pairs) {
    const Narrow* row = from.data + (first + r) * from.time;
    for (std::ptrdiff_t i = 0; i < dim; i += kNarrowLanes) {
      const __mmask32 some = FirstNarrow(dim - i);
      const __m512i x = _mm512_maskz_loadu_epi16(some, row + i);
      spoilt |= _mm512_cmpeq_epi16_mask(_mm512_and_si512(x, exponent), exponent);
      _mm512_store_si512(to + i / 2, _mm512_mask_xor_epi32(x, 0xFFFF, x, turned));
    }
  }
  return spoilt == 0;
}

/// Packed keys and values of one block.
struct PairBlock {
  Pair* keys_t = nullptr;  ///< [kBlockVectors][pairs of dims][16 keys]
  Pair* values = nullptr;  ///< [kBlockPairs][padded value_dim]: numbers of two neighbouring keys
  Rows<Narrow> rows{};     ///< of the values where they lie, from the block's first key on
  bool finite = true;      ///< no infinity and no NaN among keys and values
};

class PairBlocks : public KeyRing<PairBlocks, PairBlock, Narrow> {
 public:
  PairBlocks(const KeySizes& sizes, bool /*backward*/, Workspace& workspace) : KeyRing(sizes) {
    const std::ptrdiff_t pairs = PairsOf(sizes.dim);
    rows_ = workspace.Take<Pair>(kBlock * std::max(pairs, PairsOf(sizes.value_dim)));
    for (PairBlock& block : blocks_) {
      block.keys_t = workspace.Take<Pair>(kBlock * pairs);
      block.values = workspace.Take<Pair>(kBlockPairs * Padded<float>(sizes.value_dim));
    }
  }

  void Pack(std::int64_t key, std::ptrdiff_t rows, PairBlock& block) {
    const std::ptrdiff_t pairs = PairsOf(sizes_.dim), value_pairs = PairsOf(sizes_.value_dim);
    const auto copy = [&](const Rows<Narrow>& from, std::ptrdiff_t dim, std::ptrdiff_t width) HWY_ATTR {
      std::fill(rows_ + rows * width, rows_ + kBlock * width, Pair{0});
      return CopyRows(from, key, rows, dim, width, 0, rows_);
    };
    const bool finite_k = copy(k_, sizes_.dim, pairs);
    simd::PackPanels<kPairLanes>(rows_, Padded<float>(rows), pairs, pairs, block.keys_t);
    block.finite = copy(v_, sizes_.value_dim, value_pairs) && finite_k;
    block.rows = {v_.data + key * v_.time, v_.time};
    const std::ptrdiff_t padded = Padded<float>(sizes_.value_dim);
    for (std::ptrdiff_t pair = 0; 2 * pair < rows; ++pair)
      for (std::ptrdiff_t c = 0; c < padded; c += kPairLanes) {
        const auto row = [&](std::ptrdiff_t r) HWY_ATTR {
          return _mm512_cvtepu16_epi32(_mm256_load_si256(
              reinterpret_cast<const __m256i*>(rows_ + (2 * pair + r) * value_pairs + c / 2)));
        };
        _mm512_store_si512(block.values + pair * padded + c,
                           _mm512_or_si512(row(0), _mm512_slli_epi32(row(1), 16)));
      }
  }

 private:
  Pair* rows_;  ///< [kBlock][the wider of keys' and values' pairs], on the way
};

/// Running softmax of a block of queries of one head. Scores are kept in powers of two here as in
/// ForwardBlock, but queries are packed as they are: the factor meets the scores.
struct PairForward {
  Pair* rows;     ///< [kQueries][pairs of dims], on the way to strips
  Pair* strips;   ///< [kQueries / kTileRows][pairs of dims][kTileRows]
  float* scores;  ///< [kTileRows][kJoinedPairKeys]; weights in bfloat16 take each row's first half
  float* out;     ///< [kQueries][padded value_dim], not yet divided by total
  float* top;     ///< [kQueries] largest score so far, in powers of two
  float* total;   ///< [kQueries][16] sum of 2^(score - top), lane by lane

  PairForward(std::ptrdiff_t dim, std::ptrdiff_t value_dim, Workspace& w)
      : rows(w.Take<Pair>(kQueries * PairsOf(dim))),
        strips(w.Take<Pair>(kQueries * PairsOf(dim))),
        scores(w.Take<float>(kTileRows * kJoinedPairKeys)),
        out(w.Take<float>(kQueries * Padded<float>(value_dim))),
        top(w.Take<float>(kQueries)),
        total(w.Take<float>(kQueries * kPairLanes)) {}
};

/// 2^x for x up to a little above 0, exactly 0 far below: 2^(x - floor(x)) by a polynomial of degree 4 (found
/// by Remez's algorithm, relative error 3.0e-6 with its roundings; 1 at 0), times 2^floor(x). That is far
/// below what rounding weights to bfloat16 costs.
YORE_PAIRS inline __m512 PairExp2(__m512 x) {
  constexpr int kDown = 1;  // round towards minus infinity, to whole numbers; minus infinity becomes 0
  const __m512 r = _mm512_reduce_ps(x, kDown);
  __m512 p = _mm512_set1_ps(0.013426684271402745F);
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.05224247422412867F));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.24128020475112286F));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.6930448449030542F));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.0F));
  return _mm512_scalef_ps(p, x);
}

YORE_PAIRS inline __m512bh Broadcast(const Pair* from) {
  return reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int>(*from)));
}
YORE_PAIRS inline __m512bh LoadPairs(const Pair* from) {
  return reinterpret_cast<__m512bh>(_mm512_load_si512(from));
}

/// Products of 8 queries with N vectors of keys that are `vector` pairs apart.
template <int N>
YORE_PAIRS inline void PairScores(const Pair* HWY_RESTRICT strip, std::ptrdiff_t pairs,
                                  const Pair* HWY_RESTRICT keys, std::ptrdiff_t vector,
                                  float* HWY_RESTRICT scores) {
  __m512 sum[kTileRows][N];
  HWY_UNROLL(8)
  for (int r = 0; r < kTileRows; ++r) HWY_UNROLL(2)
  for (int n = 0; n < N; ++n) sum[r][n] = _mm512_setzero_ps();
  for (std::ptrdiff_t p = 0; p < pairs; ++p, strip += kTileRows, keys += kPairLanes) {
    __m512bh key[N];
    HWY_UNROLL(2)
    for (int n = 0; n < N; ++n) key[n] = LoadPairs(keys + n * vector);
    HWY_UNROLL(8)
    for (int r = 0; r < kTileRows; ++r) {
      const __m512bh query = Broadcast(strip + r);
      HWY_UNROLL(2)
      for (int n = 0; n < N; ++n) sum[r][n] = _mm512_dpbf16_ps(sum[r][n], query, key[n]);
    }
  }
  HWY_UNROLL(8)
  for (int r = 0; r < kTileRows; ++r) HWY_UNROLL(2)
  for (int n = 0; n < N; ++n) _mm512_store_ps(scores + r * kJoinedPairKeys + n * kPairLanes, sum[r][n]);
}

/// Vectors first .. end - 1 of a strip's scores, counted over the joined blocks.
YORE_PAIRS inline void ScoresOfStrip(const Pair* strip, std::ptrdiff_t pairs, const PairBlock* const* blocks,
                                     std::ptrdiff_t first, std::ptrdiff_t end, float* scores) {
  const std::ptrdiff_t panel = pairs * kPairLanes;
  for (std::ptrdiff_t v = first; v < end;) {
    const std::ptrdiff_t inside = v % kBlockVectors;
    const Pair* keys = blocks[v / kBlockVectors]->keys_t + inside * panel;
    if (v + 2 <= end && inside + 2 <= kBlockVectors) {
      PairScores<2>(strip, pairs, keys, panel, scores + v * kPairLanes);
      v += 2;
    } else {
      PairScores<1>(strip, pairs, keys, panel, scores + v * kPairLanes);
      ++v;
    }
  }
}

/// What turns a head's products into scores.
struct PairScoring {
  float factor;  ///< scale * log2(e), positive
  Cap<float> cap;
  float slope;  ///< ALiBi's, times log2(e)
};

/// Caps, biases and hides scores, so that their factor is 1 afterwards.
inline void BendScores(const PairScoring& how, const BlockMask& mask, const BlockMask::Strip& s,
                       std::ptrdiff_t strip, std::int64_t base, std::int64_t position, float* scores) {
  const simd::Tag<float> d;
  const auto factor = hn::Set(d, how.factor), by = hn::Set(d, how.slope);
  for (std::ptrdiff_t r = 0; r < kTileRows; ++r, scores += kJoinedPairKeys) {
    const SeenLanes<float> seen(mask, strip + r, base, kJoinedPairKeys);
    const auto origin = hn::Set(d, static_cast<float>(base - position - r));
    for (std::ptrdiff_t v = s.first_vector; v < s.end_vector; ++v) {
      float* at = scores + v * kPairLanes;
      auto x = hn::Mul(hn::Load(d, at), factor);
      if (how.cap.On()) x = how.cap.Of(d, x);
      if (how.slope != 0)
        x = hn::MulAdd(hn::Add(hn::Iota(d, static_cast<float>(v * kPairLanes)), origin), by, x);
      hn::Store(hn::IfThenElse(seen.Of(v), x, hn::Set(d, kNone<float>)), d, at);
    }
  }
}

/// Hides what the rows of a strip do not see.
inline void HideScores(const BlockMask& mask, const BlockMask::Strip& s, std::ptrdiff_t strip,
                       std::int64_t base, float* scores) {
  const simd::Tag<float> d;
  for (std::ptrdiff_t r = 0; r < kTileRows; ++r, scores += kJoinedPairKeys) {
    const SeenLanes<float> seen(mask, strip + r, base, kJoinedPairKeys);
    for (std::ptrdiff_t v = s.first_vector; v < s.end_vector; ++v) {
      float* at = scores + v * kPairLanes;
      hn::Store(hn::IfThenElse(seen.Of(v), hn::Load(d, at), hn::Set(d, kNone<float>)), d, at);
    }
  }
}

/// The maxima of eight vectors, one a lane.
inline __m256 LargestOfEight(const __m512 (&x)[8]) {
  __m512 two[4], four[2];
  for (int i = 0; i < 4; ++i)  // of rows 2 i and 2 i + 1 in turn
    two[i] =
        _mm512_max_ps(_mm512_unpacklo_ps(x[2 * i], x[2 * i + 1]), _mm512_unpackhi_ps(x[2 * i], x[2 * i + 1]));
  for (int i = 0; i < 2; ++i) {  // of four rows, in each part of four lanes
    const __m512d a = _mm512_castps_pd(two[2 * i]), b = _mm512_castps_pd(two[2 * i + 1]);
    four[i] =
        _mm512_max_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(a, b)), _mm512_castpd_ps(_mm512_unpackhi_pd(a, b)));
  }
  const __m512 halves = _mm512_max_ps(_mm512_shuffle_f32x4(four[0], four[1], 0x44),
                                      _mm512_shuffle_f32x4(four[0], four[1], 0xEE));
  const __m512 all = _mm512_max_ps(halves, _mm512_shuffle_f32x4(halves, halves, 0xB1));
  return _mm512_castps512_ps256(_mm512_shuffle_f32x4(all, all, 0x08));
}

/// Turns a strip's scores, times `factor`, into weights 2^(score - top) in bfloat16 and folds their sums into
/// the rows' softmaxes. shrink[r] receives what row r of out is to be multiplied with.
YORE_PAIRS inline void WeightsOfStrip(const PairForward& f, std::ptrdiff_t strip, std::ptrdiff_t first,
                                      std::ptrdiff_t end, float factor, float* shrink) {
  static_assert(kTileRows == 8);
  __m512 largest[kTileRows];
  for (int r = 0; r < kTileRows; ++r) {
    const float* scores = f.scores + r * kJoinedPairKeys;
    __m512 most = _mm512_load_ps(scores + first * kPairLanes);
    for (std::ptrdiff_t v = first + 1; v < end; ++v)
      most = _mm512_max_ps(most, _mm512_load_ps(scores + v * kPairLanes));
    largest[r] = most;
  }
  const __m256 before = _mm256_load_ps(f.top + strip);
  const __m256 now = _mm256_max_ps(before, _mm256_mul_ps(LargestOfEight(largest), _mm256_set1_ps(factor)));
  // Rows that have seen nothing yet are not shifted: their weights are 0 as they are.
  const __mmask8 none = _mm256_cmp_ps_mask(now, _mm256_set1_ps(kNone<float>), _CMP_EQ_OQ);
  // A maximum beyond float shifts by NaN, which shows: the product and difference below are one operation and
  // would hide it.
  const __m256 shift =
      _mm256_mask_mov_ps(_mm256_add_ps(now, _mm256_sub_ps(now, now)), none, _mm256_setzero_ps());
  const __m512 shrunk = PairExp2(_mm512_castps256_ps512(_mm256_sub_ps(before, shift)));
  _mm256_store_ps(f.top + strip, now);
  // Where the maximum stays, the sum stays to the bit.
  _mm256_store_ps(
      shrink, _mm256_mask_mov_ps(_mm512_castps512_ps256(shrunk), _mm256_cmp_ps_mask(before, now, _CMP_EQ_OQ),
                                 _mm256_set1_ps(1.0F)));
  alignas(32) float shifts[kTileRows];
  _mm256_store_ps(shifts, shift);
  const __m512 by = _mm512_set1_ps(factor);
  for (int r = 0; r < kTileRows; ++r) {
    const float* scores = f.scores + r * kJoinedPairKeys;
    auto* weights = reinterpret_cast<std::uint16_t*>(f.scores + r * kJoinedPairKeys);
    float* total = f.total + (strip + r) * kPairLanes;
    const __m512 minus = _mm512_set1_ps(shifts[r]);
    __m512 sum = _mm512_mul_ps(_mm512_load_ps(total), _mm512_set1_ps(shrink[r]));
    for (std::ptrdiff_t v = first; v < end; ++v) {
      const __m512 weight = PairExp2(_mm512_fmsub_ps(_mm512_load_ps(scores + v * kPairLanes), by, minus));
      sum = _mm512_add_ps(sum, weight);
      _mm256_store_si256(reinterpret_cast<__m256i*>(weights + v * kPairLanes),
                         reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(weight)));
    }
    _mm512_store_ps(total, sum);
  }
}

/// Adds weights times values to N vectors of R rows of out, which are multiplied with `shrink` first: pairs
/// first .. end - 1 of the joined blocks' keys.
template <int R, int N>
YORE_PAIRS inline void PairValues(const float* scores, const PairBlock* const* blocks, std::ptrdiff_t first,
                                  std::ptrdiff_t end, std::ptrdiff_t column, std::ptrdiff_t padded,
                                  const float* shrink, float* HWY_RESTRICT out) {
  __m512 sum[R][N];
  HWY_UNROLL(8)
  for (int r = 0; r < R; ++r) HWY_UNROLL(2)
  for (int n = 0; n < N; ++n)
    sum[r][n] = _mm512_mul_ps(_mm512_load_ps(out + r * padded + n * kPairLanes), _mm512_set1_ps(shrink[r]));
  const auto* weights = reinterpret_cast<const Pair*>(scores);
  while (first < end) {
    const std::ptrdiff_t inside = first % kBlockPairs, until = std::min(end, first - inside + kBlockPairs);
    const Pair* values = blocks[first / kBlockPairs]->values + inside * padded + column;
    for (; first < until; ++first, values += padded) {
      __m512bh value[N];
      HWY_UNROLL(2)
      for (int n = 0; n < N; ++n) value[n] = LoadPairs(values + n * kPairLanes);
      HWY_UNROLL(8)
      for (int r = 0; r < R; ++r) {
        const __m512bh weight = Broadcast(weights + r * kJoinedPairKeys + first);
        HWY_UNROLL(2)
        for (int n = 0; n < N; ++n) sum[r][n] = _mm512_dpbf16_ps(sum[r][n], weight, value[n]);
      }
    }
  }
  HWY_UNROLL(8)
  for (int r = 0; r < R; ++r) HWY_UNROLL(2)
  for (int n = 0; n < N; ++n) _mm512_store_ps(out + r * padded + n * kPairLanes, sum[r][n]);
}

/// All vectors of a strip's rows of out.
YORE_PAIRS inline void ValuesOfStrip(const PairForward& f, const PairBlock* const* blocks,
                                     std::ptrdiff_t strip, std::ptrdiff_t first, std::ptrdiff_t end,
                                     std::ptrdiff_t padded, const float* shrink) {
  float* out = f.out + strip * padded;
  std::ptrdiff_t c = 0;
  for (; c + 2 * kPairLanes <= padded; c += 2 * kPairLanes)
    PairValues<kTileRows, 2>(f.scores, blocks, first, end, c, padded, shrink, out + c);
  if (c < padded) PairValues<kTileRows, 1>(f.scores, blocks, first, end, c, padded, shrink, out + c);
}

/// The same where a block holds what is not finite and not every row sees all: 0 times infinity is not 0, so
/// every row takes exactly what it sees, a number at a time.
inline void ValuesOneByOne(const PairForward& f, const BlockMask& mask, const PairBlock* const* blocks,
                           std::ptrdiff_t strip, std::int64_t base, std::ptrdiff_t keys,
                           std::ptrdiff_t value_dim, std::ptrdiff_t padded, const float* shrink) {
  for (std::ptrdiff_t r = 0; r < kTileRows; ++r) {
    float* out = f.out + (strip + r) * padded;
    const auto* weights = reinterpret_cast<const Narrow*>(f.scores + r * kJoinedPairKeys);
    for (std::ptrdiff_t c = 0; c < value_dim; ++c) out[c] *= shrink[r];
    const std::ptrdiff_t end = InBlock(mask.end[strip + r], base, keys);
    for (std::ptrdiff_t j = InBlock(mask.first[strip + r], base, keys); j < end; ++j) {
      const Rows<Narrow>& values = blocks[j / kBlock]->rows;
      const float weight = hwy::F32FromBF16(weights[j]);
      for (std::ptrdiff_t c = 0; c < value_dim; ++c)
        out[c] += weight * hwy::F32FromBF16(values.data[j % kBlock * values.time + c]);
    }
  }
}

/// `count` neighbouring blocks of keys, from key `base` on, for the queries of `f`.
inline void PairKeys(const PairForward& f, std::ptrdiff_t rows, const BlockMask& mask,
                     const PairBlock* const* blocks, int count, std::int64_t base, std::ptrdiff_t dim,
                     std::ptrdiff_t value_dim, const PairScoring& how, std::int64_t position0) {
  const std::ptrdiff_t pairs = PairsOf(dim), padded = Padded<float>(value_dim);
  const bool bent = how.cap.On() || how.slope != 0;
  bool finite = true;
  for (int b = 0; b < count; ++b) finite = finite && blocks[b]->finite;
  for (std::ptrdiff_t strip = 0; strip < rows; strip += kTileRows) {
    const BlockMask::Strip s = mask.Of<float>(strip, base, count * kBlock);
    if (s.first >= s.end) continue;
    ScoresOfStrip(f.strips + strip * pairs, pairs, blocks, s.first_vector, s.end_vector, f.scores);
    if (bent)
      BendScores(how, mask, s, strip, base, position0 + strip, f.scores);
    else if (!s.full)
      HideScores(mask, s, strip, base, f.scores);
    alignas(32) float shrink[kTileRows];
    WeightsOfStrip(f, strip, s.first_vector, s.end_vector, bent ? 1.0F : how.factor, shrink);
    if (s.full || finite)
      ValuesOfStrip(f, blocks, strip, s.first / 2, (s.end + 1) / 2, padded, shrink);
    else
      ValuesOneByOne(f, mask, blocks, strip, base, count * kBlock, value_dim, padded, shrink);
  }
}

/// Rounds `dim` numbers to the nearest bfloat16, ties to even.
YORE_PAIRS inline void StoreNarrow(const float* from, std::ptrdiff_t dim, float factor, Narrow* to) {
  for (std::ptrdiff_t i = 0; i < dim; i += kPairLanes) {
    const __m512 x = _mm512_mul_ps(_mm512_loadu_ps(from + i), _mm512_set1_ps(factor));
    const auto some = static_cast<__mmask16>(FirstNarrow(std::min(dim - i, kPairLanes)));
    _mm256_mask_storeu_epi16(to + i, some, reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(x)));
  }
}

/// A block of queries of a head. Out is float or Narrow.
template <class Out>
void PairBlockOfHead(const HeadRows<float>& head, const Rows<Narrow>& q, const MutableRows<Out>& out,
                     std::int64_t row0, std::ptrdiff_t rows, float scale, std::ptrdiff_t dim,
                     std::ptrdiff_t value_dim, PairBlocks& keys, const PairForward& f) {
  const std::ptrdiff_t pairs = PairsOf(dim), padded = Padded<float>(value_dim);
  const std::ptrdiff_t whole = WholeStrips(rows);
  const float factor = std::abs(scale * static_cast<float>(kLog2e));
  // Minus infinity times the factor must stay itself: queries take its sign, and are 0 where it is, but for
  // what is not finite.
  std::fill(f.rows + rows * pairs, f.rows + whole * pairs, Pair{0});
  CopyRows(q, row0, rows, dim, pairs, scale < 0 ? 0x8000 : 0, f.rows);
  if (factor == 0)
    for (std::ptrdiff_t i = 0; i < rows * pairs; ++i) {
      const auto times_0 = [](Pair x, Pair exponent, Pair nan) {
        return (x & exponent) == exponent ? nan : Pair{0};
      };
      f.rows[i] = times_0(f.rows[i], 0x7F80, 0x7FC0) | times_0(f.rows[i], 0x7F800000, 0x7FC00000);
    }
  simd::PackPanels<kTileRows>(f.rows, whole, pairs, pairs, f.strips);
  std::fill_n(f.out, whole * padded, 0.0F);
  std::fill_n(f.total, whole * kPairLanes, 0.0F);
  // One that is no finite number makes every sum NaN.
  const bool sink = head.sink_logit != kNone<float>;
  for (std::ptrdiff_t r = 0; r < whole; ++r) {
    f.top[r] = sink ? head.sink_logit * static_cast<float>(kLog2e) : kNone<float>;
    f.total[r * kPairLanes] = sink ? 1.0F + (f.top[r] - f.top[r]) : 0.0F;
  }
  const PairScoring how{factor == 0 ? 1.0F : factor, head.cap, head.slope * static_cast<float>(kLog2e)};
  const std::int64_t position0 = row0 + head.mask.offset;
  ForKeyBlocks<kJoinedPairs>(
      head, row0, rows, keys,
      [&](const BlockMask& mask, const PairBlock* const* blocks, int count, std::int64_t base) {
        PairKeys(f, rows, mask, blocks, count, base, dim, value_dim, how, position0);
      });
  const simd::Tag<float> d;
  for (std::ptrdiff_t r = 0; r < rows; ++r) {
    const float total = simd::Sum<float>(hn::Load(d, f.total + r * kPairLanes));
    const float by = total == 0 ? 0.0F : 1.0F / total;
    Out* to = out.data + (row0 + r) * out.time;
    if constexpr (std::is_same_v<Out, Narrow>)
      StoreNarrow(f.out + r * padded, value_dim, by, to);
    else
      StoreScaled(f.out + r * padded, value_dim, by, to);
    head.WriteLse(row0 + r, f.top[r], total);
  }
}

}  // namespace yore::mixers::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif
