// Attention token by token, or chunk by chunk: a ring of the last keys and values of every key head. Cost and
// memory of a step depend on the lookback, not on how much came before.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "yore/mixers/attention/kernel.h"
#include "yore/mixers/state.h"

namespace yore::mixers {

/// Shapes and masks of the sequences to be decoded.
struct DecodeSetting {
  std::int64_t batch = 1;
  int heads = 1, kv_heads = 1, dim = 1, value_dim = 1;  ///< as kernel::Problem
  AttentionParams params;                               ///< the state's setting() has them complete
  kernel::Storage storage =
      kernel::Storage::Float32;  ///< of keys and values, in the state and as they come in
  /// Tokens that can always be taken back, counted from the longest that the sequence has been: a ring holds
  /// lookback + rollback entries.
  std::int64_t rollback = 0;
  /// Most tokens of a sequence; 0 = no bound. Rings reserve this many entries at once, or what they need at
  /// most where that is less. Without a bound global heads grow by doubling from what reserve() was told, and
  /// long lookbacks from 4,096 entries on.
  std::int64_t max_tokens = 0;
};

/// Keys and values of a batch of sequences. Key head g keeps the largest finite lookback of its query heads
/// (plus rollback) entries a sequence, and the first `sinks` ones for good; all of them if one of its heads
/// is global.
class AttentionState final : public State {
 public:
  /// Throws std::invalid_argument for a setting that does not fit together.
  explicit AttentionState(DecodeSetting setting);

  const DecodeSetting& setting() const { return setting_; }
  std::unique_ptr<State> clone() const override { return std::make_unique<AttentionState>(*this); }
  std::int64_t batch() const override { return setting_.batch; }
  std::int64_t length(std::int64_t b) const override;
  std::size_t bytes() const override;
  void reserve(std::int64_t tokens) override;
  void check_roll_back(std::int64_t b, std::int64_t tokens) const override;
  void roll_back(std::int64_t b, std::int64_t tokens) override;
  std::vector<std::byte> save() const override;
  void restore(std::span<const std::byte> saved) override;

  /// Entries that key head g has room for in each sequence.
  std::int64_t capacity(int g) const { return rings_[static_cast<std::size_t>(g)].capacity; }

  /// Sequence b takes in the tokens of rows starts[b] .. starts[b+1]-1 (perhaps none) of q [N, heads, dim]
  /// and of k and v [N, kv_heads, ..] (of setting().storage; View::batch is unused) and writes their rows of
  /// out [N, heads, value_dim]. T is float, or double for Float64. Throws std::length_error, changing
  /// nothing, past max_tokens.
  template <class T>
  void advance(const std::int64_t* starts, kernel::View<const T> q, kernel::View<const void> k,
               kernel::View<const void> v, kernel::View<T> out, const T* sink_logits = nullptr,
               int threads = 0);

 private:
  /// One key head: position p of sequence b lies at row b * capacity + p % capacity. Sinks have rows of their
  /// own.
  struct Ring {
    std::int64_t reach;  ///< entries that a query needs; -1 = all
    std::int64_t most;   ///< rows a sequence at most
    std::int64_t
        capacity;  ///< rows a sequence now; fewer than `most` only as long as every position has its own
    std::int64_t sinks;  ///< rows kept for good
    std::vector<std::byte> k, v, sink_k, sink_v;
  };

  /// Working memory of advance(...), kept so that a step allocates nothing; nothing is remembered in it, and
  /// copies begin without.
  struct Scratch {
    std::vector<std::vector<std::byte>> threads;
    Scratch() = default;
    Scratch(const Scratch&) {}
    Scratch& operator=(const Scratch&) { return *this; }
  };

  std::vector<std::int64_t> fingerprint() const;
  std::size_t row_bytes(int dim) const;
  void append(std::int64_t b, int g, std::int64_t tokens, kernel::View<const void> k,
              kernel::View<const void> v, std::int64_t row);
  template <class T>
  void step(std::int64_t b, int g, std::int64_t row, std::int64_t place, kernel::View<const T> q,
            kernel::View<const void> k, kernel::View<const void> v, kernel::View<T> out, const T* sink_logits,
            std::vector<std::byte>& scratch) const;
  template <class T>
  void chunk(std::int64_t b, int g, std::int64_t row, std::int64_t tokens, kernel::View<const T> q,
             kernel::View<const void> k, kernel::View<const void> v, kernel::View<T> out,
             const T* sink_logits) const;

  DecodeSetting setting_;
  std::vector<Ring> rings_;           ///< [kv_heads]
  std::vector<std::int64_t> length_;  ///< [batch] tokens taken in
  Scratch scratch_;
  std::vector<std::int64_t> oldest_;  ///< [batch * kv_heads] first position still in the ring
};

}  // namespace yore::mixers
