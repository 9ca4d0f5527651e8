// What every mechanism offers, without torch: its definition, a forward and a backward pass over packed
// sequences, and a state to go on from token by token. The conformance suite (conformance/) holds every
// mechanism of the registry to it; programs that know their mechanism call its kernel directly.
#pragma once
#include <complex>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace yore::mixers {

/// What a mechanism remembers of the sequences of a batch. Copying makes a snapshot.
class State {
 public:
  State() = default;
  State(const State&) = default;
  State& operator=(const State&) = default;
  virtual ~State() = default;

  virtual std::unique_ptr<State> clone() const = 0;
  /// Tokens that sequence b has taken in.
  virtual std::int64_t length(std::int64_t b) const = 0;
  /// Memory of everything remembered: what is allocated, not what is used.
  virtual std::size_t bytes() const = 0;
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

/// One input of a mechanism: [tokens, heads, dim] numbers, or one [heads, dim] for all tokens.
struct InputSpec {
  std::string name;
  int heads = 1, dim = 1;
  bool per_token = true;
  double low = -1, high = 1;  ///< range of the numbers that tests draw
};

/// Sequences one after another: b owns tokens starts[b] .. starts[b+1]-1 of every input and of the output.
struct Packed {
  std::vector<std::int64_t> starts{0};
  std::int64_t batch() const { return static_cast<std::int64_t>(starts.size()) - 1; }
  std::int64_t tokens() const { return starts.back(); }
  std::int64_t length(std::int64_t b) const {
    return starts[static_cast<std::size_t>(b) + 1] - starts[static_cast<std::size_t>(b)];
  }
};

/// A mechanism with all its settings fixed, in float.
class Mechanism {
 public:
  using Complex = std::complex<double>;
  virtual ~Mechanism() = default;

  virtual std::string name() const = 0;
  virtual std::vector<InputSpec> inputs() const = 0;
  virtual int heads() const = 0;      ///< of the output [tokens, heads, value_dim]
  virtual int value_dim() const = 0;  ///< of the output
  /// Whether the inputs are so large that only finite results are asked for.
  virtual bool extreme() const { return false; }
  /// Bound on the rounding error of an output of a sequence of `tokens` tokens, given inputs in their ranges.
  virtual double value_error(std::int64_t tokens) const = 0;

  /// The definition, for one sequence. Analytic, so that complex steps give derivatives.
  virtual std::vector<Complex> reference(std::int64_t tokens,
                                         const std::vector<std::vector<Complex>>& in) const = 0;

  /// Writes out, and into `saved` what backward wants.
  virtual void forward(const Packed& sequences, const std::vector<const float*>& in, float* out,
                       std::vector<float>& saved, int threads) const = 0;
  /// Writes the gradient of every input.
  virtual void backward(const Packed& sequences, const std::vector<const float*>& in, const float* out,
                        const std::vector<float>& saved, const float* grad_out,
                        const std::vector<float*>& grads, int threads) const = 0;

  /// The state before the first token. The last `rollback` tokens can always be taken back, counted from the
  /// longest that the sequence has been: what was taken back once does not come on top.
  virtual std::unique_ptr<State> start(std::int64_t batch, std::int64_t rollback) const = 0;
  /// Takes in the sequences' next tokens (their numbers may differ and be 0) and writes their outputs.
  virtual void advance(State& state, const Packed& tokens, const std::vector<const float*>& in, float* out,
                       int threads) const = 0;
};

/// Every mechanism of the build in the settings its cases.cc lists. Made from the list in CMakeLists.txt.
std::vector<std::unique_ptr<Mechanism>> all_mechanisms();

}  // namespace yore::mixers
