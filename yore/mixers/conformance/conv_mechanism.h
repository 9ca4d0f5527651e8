// The short convolution (common/short_conv.h) as the conformance suite sees it. Its inputs: x, the weight,
// the bias and the history, the latter two if the case has them. The final histories follow the outputs.
#pragma once
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "yore/mixers/common/short_conv.h"
#include "yore/mixers/conformance/mechanism.h"

namespace yore::mixers::conformance {

struct ConvCase {
  std::string name;
  int channels = 1, width = 2;
  bool bias = true;
  bool history = true;   ///< whether sequences begin with a history of their own
  double rows = 1;       ///< x and histories are drawn from -rows to rows
  bool extreme = false;  ///< as Mechanism::extreme
};

/// One sequence, as a definition takes it: x [tokens, channels], weight [width, channels] whose last row
/// meets the token itself, bias [channels] or empty, history [width - 1, channels], which the definition
/// brings to the end.
struct ConvSequence {
  std::size_t tokens = 0;
  std::vector<Complex> x, weight, bias, history;
};

class ConvMechanism final : public Mechanism {
 public:
  /// Outputs [tokens, channels].
  using Reference = std::vector<Complex> (*)(const ConvCase& c, ConvSequence& sequence);

  ConvMechanism(ConvCase c, Reference definition) : c_(std::move(c)), reference_(definition) {}

  std::string name() const override { return c_.name; }
  int heads() const override { return 1; }
  int value_dim() const override { return c_.channels; }
  std::size_t final_width() const override { return static_cast<std::size_t>((c_.width - 1) * c_.channels); }
  bool extreme() const override { return c_.extreme; }
  std::vector<InputSpec> inputs() const override {
    std::vector<InputSpec> all = {{"x", 1, c_.channels, Each::Token, -c_.rows, c_.rows},
                                  {"weight", c_.width, c_.channels, Each::Call}};
    if (c_.bias) all.push_back({"bias", 1, c_.channels, Each::Call});
    if (c_.history) all.push_back({"history", c_.width - 1, c_.channels, Each::Sequence, -c_.rows, c_.rows});
    return all;
  }
  std::vector<Complex> reference(std::int64_t tokens,
                                 const std::vector<std::vector<Complex>>& in) const override {
    ConvSequence sequence{static_cast<std::size_t>(tokens), in[0], in[1], {}, {}};
    if (c_.bias) sequence.bias = in[2];
    if (c_.history) sequence.history = in.back();
    sequence.history.resize(final_width());
    std::vector<Complex> all = reference_(c_, sequence);
    all.insert(all.end(), sequence.history.begin(), sequence.history.end());
    return all;
  }
  const Passes<float>& in_float() const override { return float_; }
  const Passes<double>* in_double() const override { return &double_; }
  std::unique_ptr<State> start(std::int64_t batch, std::int64_t rollback) const override {
    return conv::start<float>(c_.channels, c_.width, name(), batch, rollback, 0);
  }
  void advance(State& state, const Packed& tokens, const std::vector<const float*>& in, float* out,
               int threads) const override {
    conv::advance<float>(dynamic_cast<RecurrentState<float>&>(state), float_.problem(tokens, in, threads),
                         out, c_.channels);
  }

 private:
  template <class T>
  class ConvPasses final : public Passes<T> {
   public:
    explicit ConvPasses(const ConvMechanism& m) : m_(m) {}
    void forward(const Packed& sequences, const std::vector<const T*>& in, T* out, std::vector<T>&,
                 int threads) const override {
      conv::forward<T>(problem(sequences, in, threads), out, m_.c_.channels, out + finals(sequences));
    }
    void backward(const Packed& sequences, const std::vector<const T*>& in, const T*, const std::vector<T>&,
                  const T* grad_out, const std::vector<T*>& grads, int threads) const override {
      const conv::Gradients<T> to{grads[0], m_.c_.channels, grads[1], m_.c_.bias ? grads[2] : nullptr,
                                  m_.c_.history ? grads.back() : nullptr};
      conv::backward<T>(problem(sequences, in, threads), grad_out, m_.c_.channels,
                        grad_out + finals(sequences), to);
    }
    conv::Problem<T> problem(const Packed& sequences, const std::vector<const T*>& in, int threads) const {
      conv::Problem<T> p;
      p.batch = sequences.batch();
      p.starts = sequences.starts.data();
      p.channels = m_.c_.channels;
      p.width = m_.c_.width;
      p.x = in[0];
      p.x_row = m_.c_.channels;
      p.weight = in[1];
      if (m_.c_.bias) p.bias = in[2];
      if (m_.c_.history) p.history = in.back();
      p.threads = threads;
      return p;
    }

   private:
    std::size_t finals(const Packed& sequences) const {
      return sequences.count(Each::Token) * m_.output_width();
    }
    const ConvMechanism& m_;
  };

  ConvCase c_;
  Reference reference_;
  ConvPasses<float> float_{*this};
  ConvPasses<double> double_{*this};
};

}  // namespace yore::mixers::conformance
