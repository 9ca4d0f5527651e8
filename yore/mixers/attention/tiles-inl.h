// What the tiled forward and backward share: sizes of blocks, one head's masks over a block of queries, and
// the packed blocks of keys and values, of which only those that a window can still reach are kept.
#if defined(YORE_ATTENTION_TILES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef YORE_ATTENTION_TILES_INL_H_
#undef YORE_ATTENTION_TILES_INL_H_
#else
#define YORE_ATTENTION_TILES_INL_H_
#endif

#include <cmath>
#include <vector>

#include "yore/kernels/workspace.h"
#include "yore/mixers/attention/block_mask-inl.h"
#include "yore/mixers/attention/kernel.h"

HWY_BEFORE_NAMESPACE();
namespace yore::mixers::kernel::HWY_NAMESPACE {
using yore::kernels::Workspace;

/// What a ring of blocks has room for.
struct KeySizes {
  std::ptrdiff_t dim, value_dim;
  std::int64_t keys;   ///< most that a sequence has
  std::int64_t reach;  ///< most keys between the first that a block of queries sees and the end of the last
  std::int64_t sinks;  ///< 0 if no head looks at them
};

/// Packed keys and values of one block.
template <class T>
struct KeyBlock {
  T* keys_t = nullptr;    ///< [kBlock / L][dim][L] panels
  T* values = nullptr;    ///< [kBlock][padded value_dim]
  T* keys = nullptr;      ///< [kBlock][padded dim]
  T* values_t = nullptr;  ///< [kBlock / L][value_dim][L], backward only
  T* grad_k = nullptr;    ///< [kBlockRows][padded dim], backward only
  T* grad_v = nullptr;    ///< [kBlockRows][padded value_dim], backward only
  bool finite = true;     ///< no infinity and no NaN among keys and values
};

/// The head of one sequence that a task reads: row j at data + j * time.
template <class Stored>
struct Rows {
  const Stored* data;
  std::int64_t time;
};
template <class T>
struct MutableRows {
  T* data;
  std::int64_t time;
};

/// Soft cap on scores in powers of two: s becomes c tanh(s / c), or stays if c is 0.
template <class T>
struct Cap {
  T c = 0, inverse = 0;

  Cap() = default;
  /// `soft_cap`: in natural units, AttentionParams::soft_cap.
  explicit Cap(double soft_cap)
      : c(static_cast<T>(soft_cap * kLog2e)),
        inverse(soft_cap == 0 ? T(0) : static_cast<T>(1 / (soft_cap * kLog2e))) {}
  bool On() const { return c != 0; }
  template <class D>
  HWY_INLINE hn::Vec<D> Of(D d, hn::Vec<D> score) const {
    return hn::Mul(simd::Tanh(d, hn::Mul(score, hn::Set(d, inverse))), hn::Set(d, c));
  }
  /// d/ds of c tanh(s / c) where that is `capped`.
  template <class D>
  HWY_INLINE hn::Vec<D> Derivative(D d, hn::Vec<D> capped) const {
    const auto tanh = hn::Mul(capped, hn::Set(d, inverse));
    return hn::NegMulAdd(tanh, tanh, hn::Set(d, T(1)));
  }
};

/// One head of one sequence: what forward reads and writes.
template <class T>
struct HeadRows {
  int index = 0;  ///< among the problem's heads
  Visible mask{};
  T slope = 0, sink_logit = kNone<T>;
  Cap<T> cap{};
  Rows<T> q{};
  MutableRows<T> out{};
  T* lse = nullptr;           ///< of the first query of the sequence, or null
  std::int64_t lse_step = 0;  ///< from one query to the next

  /// Writes query i's lse, if wanted, from its largest score in powers of two and its sum of 2^(score - top).
  void WriteLse(std::int64_t i, T top, T total) const {
    if (lse != nullptr)
      lse[i * lse_step] = total == 0 ? kNone<T> : static_cast<T>(kLn2) * top + std::log(total);
  }
};

/// What the backward pass of a head reads and writes besides.
template <class T>
struct HeadGradients {
  Rows<T> grad_out{};
  MutableRows<T> q{}, k{}, v{};
  double* sink_logit = nullptr;  ///< added to; null = not wanted

  /// The share of a row with this lse and delta = out . grad_out in the gradient of the head's sink logit.
  void AddSink(T logit, T lse, T delta) const {
    if (sink_logit != nullptr && logit != kNone<T>)
      *sink_logit -= std::exp(static_cast<double>(logit) - lse) * delta;
  }
};

/// Blocks of one kv head of one sequence, packed when first asked for and forgotten when no later query can
/// see them: a ring for the windows, and blocks kept for good for the sinks. `Self` derives from this and
/// says how the rows of a block are packed: Pack(first key, rows, block).
template <class Self, class BlockType, class Stored>
class KeyRing {
 public:
  using Block = BlockType;

  /// Starts a sequence: nothing is packed.
  void Begin(Rows<Stored> k, Rows<Stored> v, std::int64_t keys) {
    k_ = k;
    v_ = v;
    keys_ = keys;
    first_ = end_ = 0;
    sinks_packed_ = false;
  }

  /// Makes the blocks of keys `seen.first` .. `seen.end - 1` available; asked for in rising order.
  /// flush(block, first key) is called for each block that is given up.
  template <class Flush>
  void Reach(Interval seen, const Flush& flush) {
    if (seen.empty()) return;
    const std::int64_t first = seen.first / kBlock, end = (seen.end + kBlock - 1) / kBlock;
    for (; first_ < std::min(first, end_); ++first_) flush(Window(first_), first_ * kBlock);
    if (first_ < first) first_ = end_ = first;
    for (; end_ < end; ++end_) PackBlock(end_, Window(end_));
  }
  void ReachSinks() {
    if (sinks_packed_) return;
    for (std::int64_t j = 0; j < sink_blocks_ && j * kBlock < keys_; ++j) PackBlock(j, Sink(j));
    sinks_packed_ = true;
  }
  template <class Flush>
  void Finish(const Flush& flush) {
    for (; first_ < end_; ++first_) flush(Window(first_), first_ * kBlock);
    if (sinks_packed_)
      for (std::int64_t j = 0; j < sink_blocks_ && j * kBlock < keys_; ++j) flush(Sink(j), j * kBlock);
  }

  Block& Window(std::int64_t block) { return blocks_[static_cast<std::size_t>(block % ring_)]; }
  Block& Sink(std::int64_t block) { return blocks_[static_cast<std::size_t>(ring_ + block)]; }

 protected:
  explicit KeyRing(const KeySizes& sizes) : sizes_(sizes) {
    const std::int64_t all = (sizes.keys + kBlock - 1) / kBlock;
    ring_ = std::min(all, (sizes.reach + kBlock - 1) / kBlock + 1);
    sink_blocks_ = std::min(all, (sizes.sinks + kBlock - 1) / kBlock);
    blocks_.resize(static_cast<std::size_t>(ring_ + sink_blocks_));
  }

  KeySizes sizes_;
  std::vector<Block> blocks_;
  Rows<Stored> k_{}, v_{};

 private:
  void PackBlock(std::int64_t index, Block& block) {
    const std::int64_t key = index * kBlock;
    static_cast<Self&>(*this).Pack(
        key, static_cast<std::ptrdiff_t>(std::min<std::int64_t>(kBlock, keys_ - key)), block);
  }

  std::int64_t ring_ = 1, sink_blocks_ = 0;
  std::int64_t keys_ = 0;
  std::int64_t first_ = 0, end_ = 0;  ///< blocks in the ring
  bool sinks_packed_ = false;
};

/// Blocks of T for tiles of fused multiply-adds.
template <class T, class Stored>
class KeyBlocks : public KeyRing<KeyBlocks<T, Stored>, KeyBlock<T>, Stored> {
 public:
  KeyBlocks(const KeySizes& sizes, bool backward, Workspace& workspace)
      : KeyRing<KeyBlocks, KeyBlock<T>, Stored>(sizes), backward_(backward) {
    const std::ptrdiff_t dk = Padded<T>(sizes.dim), dv = Padded<T>(sizes.value_dim);
    T* keys = backward ? nullptr : workspace.Take<T>(kBlock * dk);  // forward needs rows only on the way
    for (KeyBlock<T>& block : this->blocks_) {
      block.keys_t = workspace.Take<T>(kBlock * sizes.dim);
      block.values = workspace.Take<T>(kBlock * dv);
      block.keys = backward ? workspace.Take<T>(kBlock * dk) : keys;
      if (!backward) continue;
      block.values_t = workspace.Take<T>(kBlock * sizes.value_dim);
      block.grad_k = workspace.Take<T>(kBlockRows * dk);
      block.grad_v = workspace.Take<T>(kBlockRows * dv);
    }
  }

  void Pack(std::int64_t key, std::ptrdiff_t rows, KeyBlock<T>& block) {
    const KeySizes& sizes = this->sizes_;
    const std::ptrdiff_t packed = Padded<T>(rows);  // whole vectors of keys
    const auto dk = static_cast<std::size_t>(Padded<T>(sizes.dim)),
               dv = static_cast<std::size_t>(Padded<T>(sizes.value_dim));
    const auto pack = [&](const Rows<Stored>& from, std::ptrdiff_t dim, std::size_t padded, T* to) {
      const bool finite = simd::PackRows(from.data + key * from.time, from.time, rows,
                                         static_cast<std::size_t>(dim), padded, T(1), to);
      std::fill(to + rows * static_cast<std::ptrdiff_t>(padded),
                to + packed * static_cast<std::ptrdiff_t>(padded), T(0));
      return finite;
    };
    const bool finite_k = pack(this->k_, sizes.dim, dk, block.keys);
    const bool finite_v = pack(this->v_, sizes.value_dim, dv, block.values);
    block.finite = finite_k && finite_v;
    simd::PackPanels<kL<T>>(block.keys, packed, static_cast<std::ptrdiff_t>(dk), sizes.dim, block.keys_t);
    if (!backward_) return;
    simd::PackPanels<kL<T>>(block.values, packed, static_cast<std::ptrdiff_t>(dv), sizes.value_dim,
                            block.values_t);
    std::fill_n(block.grad_k, WholeStrips(rows) * static_cast<std::ptrdiff_t>(dk), T(0));
    std::fill_n(block.grad_v, WholeStrips(rows) * static_cast<std::ptrdiff_t>(dv), T(0));
  }

 private:
  bool backward_;
};

/// Calls each(mask, blocks, how many, first key) for the blocks of keys that queries row0 .. row0 + rows - 1
/// of a head see, up to N neighbours at a time: sinks first, then the window.
template <int N, class T, class Keys, class Each>
void ForKeyBlocks(const HeadRows<T>& head, std::int64_t row0, std::ptrdiff_t rows, Keys& keys,
                  const Each& each) {
  using Block = typename Keys::Block;
  BlockMask mask;
  const auto run = [&](auto part, auto block_of) {
    mask.Set(row0, rows, part);
    const Interval all = mask.All(rows);
    for (std::int64_t j = all.first / kBlock; j * kBlock < all.end; j += N) {
      const Block* blocks[N];
      int count = 0;
      for (; count < N && (j + count) * kBlock < all.end; ++count) blocks[count] = &block_of(j + count);
      each(mask, blocks, count, j * kBlock);
    }
  };
  if (head.mask.sinks > 0)
    run([&](std::int64_t i) { return head.mask.sink(i); },
        [&](std::int64_t j) -> const Block& { return keys.Sink(j); });
  run([&](std::int64_t i) { return head.mask.window(i); },
      [&](std::int64_t j) -> const Block& { return keys.Window(j); });
}

/// Writes a packed row of `dim` numbers times `factor`, and nothing beyond them.
template <class T>
HWY_INLINE void StoreScaled(const T* HWY_RESTRICT from, std::ptrdiff_t dim, T factor, T* HWY_RESTRICT to) {
  const simd::Tag<T> d;
  const auto by = hn::Set(d, factor);
  simd::ForEachVector<T>(static_cast<std::size_t>(dim), [&](std::size_t i, std::size_t n) HWY_ATTR {
    const auto x = hn::Mul(hn::Load(d, from + i), by);
    if (n == kLanes<T>)
      hn::StoreU(x, d, to + i);
    else
      simd::StoreFirst(d, x, to + i, n);
  });
}

/// Rows strip .. of a row-major block [kQueries][padded] as strips [kQueries / kTileRows][dim][kTileRows],
/// the layout of a product's left operand. Rows from `rows` on are zero.
template <class T>
void PackStrips(T* x, std::ptrdiff_t rows, std::ptrdiff_t padded, std::ptrdiff_t dim, T* strips) {
  const std::ptrdiff_t used = WholeStrips(rows);
  std::fill(x + rows * padded, x + used * padded, T(0));
  simd::PackPanels<kTileRows>(x, used, padded, dim, strips);
}

/// Scores of a strip, in powers of two: vectors first .. end - 1 of each of its rows, which are `row` numbers
/// apart.
template <class T>
HWY_INLINE void Scores(const T* strip, std::ptrdiff_t dim, const KeyBlock<T>& block, std::ptrdiff_t first,
                       std::ptrdiff_t end, T* HWY_RESTRICT scores, std::ptrdiff_t row) {
  simd::StripProduct<kTileRows, false>(dim, strip, simd::Left<1>{kTileRows},
                                       block.keys_t + first * dim * kL<T>, simd::Right{kL<T>, dim * kL<T>},
                                       end - first, scores + first * kL<T>, row);
}

/// Caps vectors first .. end - 1 of each row of a strip of scores. A pass of its own, so that uncapped scores
/// pay nothing.
template <class T>
void CapScores(const Cap<T>& cap, std::ptrdiff_t first, std::ptrdiff_t end, T* HWY_RESTRICT scores,
               std::ptrdiff_t row) {
  const simd::Tag<T> d;
  for (std::ptrdiff_t r = 0; r < kTileRows; ++r, scores += row)
    for (std::ptrdiff_t v = first; v < end; ++v)
      hn::Store(cap.Of(d, hn::Load(d, scores + v * kL<T>)), d, scores + v * kL<T>);
}

}  // namespace yore::mixers::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
