// A mechanism's kernel as its tests see it: settings fixed, inputs as plain arrays, the definition beside the
// passes. cases.cc of each mechanism adapts its kernel to this; the conformance suite, the fuzzer and nothing
// else use it (programs know their mechanism and call its kernel). Neither torch nor GoogleTest.
#pragma once
#include <complex>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "yore/mixers/state.h"

namespace yore::mixers::conformance {

using Complex = std::complex<double>;

/// What an input has numbers for: each token, each sequence (what a state holds before its first token), or
/// the whole call.
enum class Each { Token, Sequence, Call };

/// One input of a mechanism: [tokens, heads, dim] numbers, or [sequences, heads, dim], or [heads, dim].
struct InputSpec {
  std::string name;
  int heads = 1, dim = 1;
  Each each = Each::Token;
  double low = -1, high = 1;  ///< range of the numbers that tests draw

  /// Numbers for one token (or sequence, or call).
  std::size_t width() const { return static_cast<std::size_t>(heads) * static_cast<std::size_t>(dim); }
};

/// Sequences one after another: b owns tokens starts[b] .. starts[b+1]-1 of every input and of the outputs.
struct Packed {
  std::vector<std::int64_t> starts{0};
  std::int64_t batch() const { return static_cast<std::int64_t>(starts.size()) - 1; }
  std::int64_t tokens() const { return starts.back(); }
  std::int64_t length(std::int64_t b) const {
    return starts[static_cast<std::size_t>(b) + 1] - starts[static_cast<std::size_t>(b)];
  }
  /// How many times an input has its width().
  std::size_t count(Each each) const {
    return static_cast<std::size_t>(each == Each::Token ? tokens() : each == Each::Sequence ? batch() : 1);
  }
};

/// Numbers [tokens, dim] of one head of x [tokens, heads, dim].
inline std::vector<Complex> head_of(const std::vector<Complex>& x, std::size_t tokens, int heads, int head,
                                    int dim) {
  const auto width = static_cast<std::size_t>(dim);
  std::vector<Complex> rows;
  for (std::size_t t = 0; t < tokens; ++t) {
    const auto first =
        x.begin() + static_cast<std::ptrdiff_t>(
                        (t * static_cast<std::size_t>(heads) + static_cast<std::size_t>(head)) * width);
    rows.insert(rows.end(), first, first + static_cast<std::ptrdiff_t>(width));
  }
  return rows;
}

/// Forward and backward over packed sequences, in arithmetic of type T.
template <class T>
class Passes {
 public:
  virtual ~Passes() = default;
  /// Writes out [tokens, heads, value_dim] and, behind it, [sequences, final_width], and into `saved` what
  /// backward wants.
  virtual void forward(const Packed& sequences, const std::vector<const T*>& in, T* out,
                       std::vector<T>& saved, int threads) const = 0;
  /// Writes the gradient of every input. grad_out has as many numbers as out.
  virtual void backward(const Packed& sequences, const std::vector<const T*>& in, const T* out,
                        const std::vector<T>& saved, const T* grad_out, const std::vector<T*>& grads,
                        int threads) const = 0;
};

/// A mechanism with all its settings fixed: one case of the suite.
class Mechanism {
 public:
  virtual ~Mechanism() = default;
  virtual std::string name() const = 0;  ///< of the case, among those of its mechanism: "global, strict"
  virtual std::vector<InputSpec> inputs() const = 0;
  virtual int heads() const = 0;      ///< of the output
  virtual int value_dim() const = 0;  ///< of the output
  /// Numbers of what a sequence leaves behind (its final state), 0 where forward passes give none.
  virtual std::size_t final_width() const { return 0; }
  /// Whether the inputs are so large that only finite results are asked for.
  virtual bool extreme() const { return false; }

  /// The definition, for one sequence: its outputs, and its final state behind them. Analytic, so that
  /// complex steps give derivatives.
  virtual std::vector<Complex> reference(std::int64_t tokens,
                                         const std::vector<std::vector<Complex>>& in) const = 0;

  /// The kernel.
  virtual const Passes<float>& in_float() const = 0;
  /// The same in double, null if there is none. It is held to double's precision, which shows what
  /// float's rounding would hide.
  virtual const Passes<double>* in_double() const { return nullptr; }

  /// The state before the first token, inputs of sequences being 0. The last `rollback` tokens can always be
  /// taken back, counted from the longest that the sequence has been: what was taken back once does not come
  /// on top.
  virtual std::unique_ptr<State> start(std::int64_t batch, std::int64_t rollback) const = 0;
  /// Takes in the sequences' next tokens (their numbers may differ and be 0) and writes their outputs. Reads
  /// no input of sequences.
  virtual void advance(State& state, const Packed& tokens, const std::vector<const float*>& in, float* out,
                       int threads) const = 0;

  /// Numbers of the output for one token.
  std::size_t output_width() const {
    return static_cast<std::size_t>(heads()) * static_cast<std::size_t>(value_dim());
  }
  /// Numbers that a forward pass writes.
  std::size_t out_size(const Packed& sequences) const {
    return sequences.count(Each::Token) * output_width() + sequences.count(Each::Sequence) * final_width();
  }
};

/// Where the numbers of one sequence lie in an array of inputs or outputs.
struct Part {
  std::size_t first, count;
};
inline Part part_of(const InputSpec& spec, const Packed& sequences, std::int64_t b) {
  if (spec.each == Each::Call) return {0, spec.width()};
  if (spec.each == Each::Sequence) return {static_cast<std::size_t>(b) * spec.width(), spec.width()};
  return {static_cast<std::size_t>(sequences.starts[static_cast<std::size_t>(b)]) * spec.width(),
          static_cast<std::size_t>(sequences.length(b)) * spec.width()};
}
inline Part outputs_of(const Mechanism& m, const Packed& sequences, std::int64_t b) {
  return {static_cast<std::size_t>(sequences.starts[static_cast<std::size_t>(b)]) * m.output_width(),
          static_cast<std::size_t>(sequences.length(b)) * m.output_width()};
}
inline Part final_of(const Mechanism& m, const Packed& sequences, std::int64_t b) {
  return {sequences.count(Each::Token) * m.output_width() + static_cast<std::size_t>(b) * m.final_width(),
          m.final_width()};
}

/// One case and the mechanism it belongs to.
struct KernelCase {
  std::string mechanism;  ///< that of its folder
  std::shared_ptr<const Mechanism> kernel;
  std::string name() const { return mechanism + ", " + kernel->name(); }
};

/// Every mechanism of the build in the settings that its cases.cc lists, in the registry's order.
const std::vector<KernelCase>& all_kernel_cases();

}  // namespace yore::mixers::conformance
