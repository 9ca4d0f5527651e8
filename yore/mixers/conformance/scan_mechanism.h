// A mechanism that is a scan (common/scan.h), as the conformance suite sees it: cases.cc says the setting and
// the ranges of what goes in, and gives the definition.
#pragma once
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "yore/mixers/common/scan_state.h"
#include "yore/mixers/conformance/mechanism.h"

namespace yore::mixers::conformance {

struct ScanCase {
  std::string name;
  scan::Setting setting;
  double keys = 1;        ///< keys are drawn from -keys to keys
  double least_log = -1;  ///< log_decay from here to most_log
  double most_log = 0;
  bool beta = false;  ///< whether writes have a strength of their own, from least_beta to most_beta
  double least_beta = 0, most_beta = 1;
  bool initial = true;   ///< whether sequences begin with a state of their own
  bool extreme = false;  ///< as Mechanism::extreme
};

/// One head of one sequence, as a definition takes it: q, k [tokens, key_dim], v [tokens, value_dim],
/// log_decay [tokens, 1 or key_dim or value_dim] or empty, beta [tokens] or empty; and the state [key_dim,
/// value_dim], which the definition brings to the end.
struct ScanHead {
  std::size_t tokens = 0;
  std::vector<Complex> q, k, v, log_decay, beta, state;
};

/// The inputs in order: q, k, v, log_decay unless there is none, beta and initial if the case has them. The
/// final states [heads, key_dim, value_dim] follow the outputs.
class ScanMechanism final : public Mechanism {
 public:
  /// What the mechanism says of one head: its outputs [tokens, value_dim].
  using Reference = std::vector<Complex> (*)(const ScanCase& c, ScanHead& head);

  ScanMechanism(ScanCase c, Reference definition) : c_(std::move(c)), reference_(definition) {}

  std::string name() const override { return c_.name; }
  int heads() const override { return c_.setting.heads; }
  int value_dim() const override { return c_.setting.value_dim; }
  std::size_t final_width() const override {
    return static_cast<std::size_t>(c_.setting.heads * c_.setting.state_size());
  }
  bool extreme() const override { return c_.extreme; }
  std::vector<InputSpec> inputs() const override {
    const scan::Setting& s = c_.setting;
    std::vector<InputSpec> all = {{"q", s.key_heads, s.key_dim},
                                  {"k", s.key_heads, s.key_dim, Each::Token, -c_.keys, c_.keys},
                                  {"v", s.heads, s.value_dim}};
    if (decays() > 0) all.push_back({"log_decay", s.heads, decays(), Each::Token, c_.least_log, c_.most_log});
    if (c_.beta) all.push_back({"beta", s.heads, 1, Each::Token, c_.least_beta, c_.most_beta});
    if (c_.initial) all.push_back({"initial", s.heads, s.key_dim * s.value_dim, Each::Sequence});
    return all;
  }
  std::vector<Complex> reference(std::int64_t tokens,
                                 const std::vector<std::vector<Complex>>& in) const override {
    const scan::Setting& s = c_.setting;
    const auto n = static_cast<std::size_t>(tokens), heads = static_cast<std::size_t>(s.heads),
               values = static_cast<std::size_t>(s.value_dim),
               state = static_cast<std::size_t>(s.state_size());
    std::vector<Complex> all(n * heads * values), last;
    for (int h = 0; h < s.heads; ++h) {
      std::size_t next = 0;
      const auto take = [&](int count, int index, int dim) {
        return head_of(in[next++], n, count, index, dim);
      };
      const int key_head = h / (s.heads / s.key_heads);
      ScanHead head;
      head.tokens = n;
      head.q = take(s.key_heads, key_head, s.key_dim);
      head.k = take(s.key_heads, key_head, s.key_dim);
      head.v = take(s.heads, h, s.value_dim);
      if (decays() > 0) head.log_decay = take(s.heads, h, decays());
      if (c_.beta) head.beta = take(s.heads, h, 1);
      head.state.resize(state);
      if (c_.initial)
        std::copy_n(in[next].begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(h) * state),
                    state, head.state.begin());
      const std::vector<Complex> out = reference_(c_, head);
      for (std::size_t t = 0; t < n; ++t)
        for (std::size_t j = 0; j < values; ++j)
          all[(t * heads + static_cast<std::size_t>(h)) * values + j] = out[t * values + j];
      last.insert(last.end(), head.state.begin(), head.state.end());
    }
    all.insert(all.end(), last.begin(), last.end());
    return all;
  }
  const Passes<float>& in_float() const override { return float_; }
  const Passes<double>* in_double() const override { return &double_; }
  std::unique_ptr<State> start(std::int64_t batch, std::int64_t rollback) const override {
    return scan::start<float>(c_.setting, name(), batch, rollback, 0);
  }
  void advance(State& state, const Packed& tokens, const std::vector<const float*>& in, float* out,
               int threads) const override {
    scan::Problem<float> p = float_.problem(tokens, in, threads);
    p.initial = nullptr;
    scan::advance<float>(dynamic_cast<RecurrentState<float>&>(state), p, float_.outputs(out));
  }

 private:
  int decays() const { return c_.setting.decays(); }

  template <class T>
  class ScanPasses final : public Passes<T> {
   public:
    explicit ScanPasses(const ScanMechanism& m) : m_(m) {}
    void forward(const Packed& sequences, const std::vector<const T*>& in, T* out, std::vector<T>& saved,
                 int threads) const override {
      const scan::Setting& s = m_.c_.setting;
      saved.resize(static_cast<std::size_t>(scan::kept_size(s, sequences.batch(), sequences.starts.data())));
      scan::forward<T>(problem(sequences, in, threads), outputs(out), out + finals(sequences), saved.data());
    }
    void backward(const Packed& sequences, const std::vector<const T*>& in, const T* out,
                  const std::vector<T>& saved, const T* grad_out, const std::vector<T*>& grads,
                  int threads) const override {
      scan::Gradients<T> g;
      std::size_t next = 0;
      const std::vector<InputSpec> specs = m_.inputs();
      const auto take = [&]() {
        const InputSpec& spec = specs[next];
        return scan::Rows<T>{grads[next++], static_cast<std::int64_t>(spec.width()), spec.dim};
      };
      g.q = take();
      g.k = take();
      g.v = take();
      if (m_.decays() > 0) g.log_decay = take();
      if (m_.c_.beta) g.beta = take();
      if (m_.c_.initial) g.initial = grads[next];
      scan::backward<T>(problem(sequences, in, threads), outputs(out), saved.data(), outputs(grad_out),
                        grad_out + finals(sequences), g);
    }
    scan::Problem<T> problem(const Packed& sequences, const std::vector<const T*>& in, int threads) const {
      scan::Problem<T> p;
      p.setting = m_.c_.setting;
      p.batch = sequences.batch();
      p.starts = sequences.starts.data();
      p.threads = threads;
      std::size_t next = 0;
      const std::vector<InputSpec> specs = m_.inputs();
      const auto take = [&]() {
        const InputSpec& spec = specs[next];
        return scan::Rows<const T>{in[next++], static_cast<std::int64_t>(spec.width()), spec.dim};
      };
      p.q = take();
      p.k = take();
      p.v = take();
      if (m_.decays() > 0) p.log_decay = take();
      if (m_.c_.beta) p.beta = take();
      if (m_.c_.initial) p.initial = in[next];
      return p;
    }
    template <class X>
    scan::Rows<X> outputs(X* out) const {
      const scan::Setting& s = m_.c_.setting;
      return {out, std::int64_t{s.heads} * s.value_dim, s.value_dim};
    }

   private:
    std::size_t finals(const Packed& sequences) const {
      return sequences.count(Each::Token) * m_.output_width();
    }
    const ScanMechanism& m_;
  };

  ScanCase c_;
  Reference reference_;
  ScanPasses<float> float_{*this};
  ScanPasses<double> double_{*this};
};

}  // namespace yore::mixers::conformance
