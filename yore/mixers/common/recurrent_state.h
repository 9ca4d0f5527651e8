// The state of a mechanism whose memory has one size for good: so many numbers a sequence, changed by every
// token. What it was some tokens ago is not in it, so rolling back goes to a copy made before and takes in
// again what came since, in the same pieces: the bits are those of a sequence that never went further.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "yore/mixers/state.h"

namespace yore::mixers {

struct RecurrentSetting {
  std::string kind;  ///< names mechanism and settings; a saved state fits only where this is the same
  std::int64_t batch = 1;
  std::int64_t size = 0;        ///< numbers of one sequence's state
  std::int64_t row = 0;         ///< numbers of what one token brings in: enough to bring the state forward
  std::int64_t rollback = 0;    ///< as StateSetting
  std::int64_t max_tokens = 0;  ///< as StateSetting
};

/// T is float or double.
template <class T>
class RecurrentState final : public State {
 public:
  /// Brings one sequence's numbers forward over `tokens` rows as one piece.
  using Replay = std::function<void(T* state, const T* rows, std::int64_t tokens)>;
  /// Calls compute(starts, states) for the tokens of some sequences: those of b are rows starts[b] ..
  /// starts[b + 1] - 1, and states [sequences, size] change.
  using Compute = std::function<void(std::int64_t batch, const std::int64_t* starts, T* states)>;
  /// Writes the row of token t of the call.
  using Row = std::function<void(std::int64_t t, T* row)>;

  /// Every sequence begins with `initial` (size numbers), or with zeros if it is empty.
  RecurrentState(RecurrentSetting setting, Replay replay, std::vector<T> initial = {});

  /// Takes in the tokens of rows starts[b] .. starts[b + 1] - 1 (perhaps none) of each sequence b. Throws
  /// std::length_error, changing nothing, past max_tokens.
  void advance(const std::int64_t* starts, const Compute& compute, const Row& row);

  const RecurrentSetting& setting() const { return setting_; }
  /// [batch, size]
  const T* numbers() const { return numbers_.data(); }

  std::unique_ptr<State> clone() const override { return std::make_unique<RecurrentState>(*this); }
  std::int64_t batch() const override { return setting_.batch; }
  std::int64_t length(std::int64_t b) const override;
  std::size_t bytes() const override;
  void check_roll_back(std::int64_t b, std::int64_t tokens) const override;
  void roll_back(std::int64_t b, std::int64_t tokens) override;
  std::vector<std::byte> save() const override;
  void restore(std::span<const std::byte> saved) override;

 private:
  /// What one sequence can go back to.
  struct Past {
    struct Mark {
      std::int64_t position;
      std::vector<T> numbers;
    };
    std::int64_t longest = 0;
    std::vector<Mark> marks;  ///< by position; the last `rollback` tokens lie behind the first one
    std::vector<std::int64_t> piece_ends;  ///< of the pieces since the first mark
    std::vector<T> rows;                   ///< of the tokens since the first mark
  };

  T* numbers_of(std::int64_t b) { return numbers_.data() + b * setting_.size; }
  std::int64_t& length_of(std::int64_t b) { return lengths_[static_cast<std::size_t>(b)]; }
  void mark(std::int64_t b);
  void note(std::int64_t b, std::int64_t first, std::int64_t end, const Row& row);
  const typename Past::Mark* mark_before(std::int64_t b, std::int64_t position) const;

  RecurrentSetting setting_;
  Replay replay_;
  std::vector<T> numbers_;             ///< [batch, size]
  std::vector<std::int64_t> lengths_;  ///< [batch]
  std::vector<Past> pasts_;            ///< [batch], none without roll-back
};

/// A state that takes in several tokens of its own, its steps, for each token of the layer. What it refuses
/// it counts in tokens of the layer.
class SteppedState final : public State {
 public:
  /// Rollback and max_tokens as StateSetting: those of `inner` are `steps` times as many.
  SteppedState(std::unique_ptr<State> inner, int steps, std::int64_t rollback, std::int64_t max_tokens)
      : inner_(std::move(inner)), steps_(steps), rollback_(rollback), max_tokens_(max_tokens) {}
  SteppedState(const SteppedState& other)
      : State(other),
        inner_(other.inner_->clone()),
        steps_(other.steps_),
        rollback_(other.rollback_),
        max_tokens_(other.max_tokens_) {}
  SteppedState& operator=(const SteppedState&) = delete;

  /// What takes in the steps of rows starts[b] .. starts[b + 1] - 1 of the layer. Throws std::length_error,
  /// as RecurrentState::advance, if these are too many.
  State& inner_for(const std::vector<std::int64_t>& starts);

  std::unique_ptr<State> clone() const override { return std::make_unique<SteppedState>(*this); }
  std::int64_t batch() const override { return inner_->batch(); }
  std::int64_t length(std::int64_t b) const override { return inner_->length(b) / steps_; }
  std::size_t bytes() const override { return inner_->bytes(); }
  void check_roll_back(std::int64_t b, std::int64_t tokens) const override;
  void roll_back(std::int64_t b, std::int64_t tokens) override;
  std::vector<std::byte> save() const override { return inner_->save(); }
  void restore(std::span<const std::byte> saved) override;

 private:
  std::unique_ptr<State> inner_;
  std::int64_t steps_, rollback_, max_tokens_;
};

/// Several states that go on together: a layer's parts. They count the same tokens.
class StateList final : public State {
 public:
  explicit StateList(std::vector<std::unique_ptr<State>> parts) : parts_(std::move(parts)) {}
  StateList(const StateList& other);
  StateList& operator=(const StateList&) = delete;

  State& part(std::size_t i) { return *parts_.at(i); }
  std::size_t parts() const { return parts_.size(); }

  std::unique_ptr<State> clone() const override { return std::make_unique<StateList>(*this); }
  std::int64_t batch() const override { return parts_.front()->batch(); }
  std::int64_t length(std::int64_t b) const override { return parts_.front()->length(b); }
  std::size_t bytes() const override;
  void reserve(std::int64_t tokens) override {
    for (const auto& part : parts_) part->reserve(tokens);
  }
  void check_roll_back(std::int64_t b, std::int64_t tokens) const override;
  void roll_back(std::int64_t b, std::int64_t tokens) override;
  std::vector<std::byte> save() const override;
  void restore(std::span<const std::byte> saved) override;

 private:
  std::vector<std::unique_ptr<State>> parts_;
};

}  // namespace yore::mixers
