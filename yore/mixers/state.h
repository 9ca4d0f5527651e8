// What runs on from token to token: the memory of a mechanism, without torch. Kernels and layers make states
// of their own kind; whoever holds one can copy, save, restore and roll it back without knowing which.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace yore::mixers {

/// The most tokens that a saved state's sequences may have: far more than memory holds, and few enough that
/// products with sizes of rows can be told from broken ones.
inline constexpr std::int64_t kMostSavedTokens = std::int64_t{1} << 46;

/// What a mechanism remembers of the sequences of a batch. Copying makes a snapshot.
class State {
 public:
  State() = default;
  State(const State&) = default;
  State& operator=(const State&) = default;
  virtual ~State() = default;

  virtual std::unique_ptr<State> clone() const = 0;
  /// Sequences, which are numbered from 0.
  virtual std::int64_t batch() const = 0;
  /// Tokens that sequence b has taken in.
  virtual std::int64_t length(std::int64_t b) const = 0;
  /// Memory of everything remembered: what is allocated, not what is used.
  virtual std::size_t bytes() const = 0;
  /// Makes room at once for sequences of so many tokens, where room grows with them; longer ones fit as well.
  virtual void reserve(std::int64_t /*tokens*/) {}
  /// Forgets the last `tokens` tokens of sequence b. Throws std::invalid_argument, changing nothing, if what
  /// came before them is no longer there.
  virtual void roll_back(std::int64_t b, std::int64_t tokens) = 0;
  /// Throws what roll_back would, and changes nothing.
  virtual void check_roll_back(std::int64_t b, std::int64_t tokens) const = 0;
  /// The state as bytes, in the byte order of the machine.
  virtual std::vector<std::byte> save() const = 0;
  /// Takes on a saved state of the same mechanism, settings and batch. Throws std::invalid_argument, changing
  /// nothing, for other bytes.
  virtual void restore(std::span<const std::byte> saved) = 0;
};

}  // namespace yore::mixers
