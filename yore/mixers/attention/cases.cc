// Attention in the settings that the conformance suite checks: each feature alone and the mixtures that share
// code.
#include <cmath>

#include "yore/mixers/attention/decode.h"
#include "yore/mixers/attention/kernel.h"
#include "yore/mixers/attention/ref.h"
#include "yore/mixers/conformance/mechanism.h"

namespace yore::mixers {
namespace {

using conformance::Complex;
using conformance::Each;
using conformance::InputSpec;
using conformance::Mechanism;
using conformance::Packed;

struct Case {
  std::string name;
  std::vector<int> lookback;
  bool strict = false;
  int kv_heads = 0;  ///< 0 = as many as heads
  int dim = 8, value_dim = 8;
  int sinks = 0;
  bool sink_logits = false, alibi = false;
  double range = 1;     ///< of queries and keys
  double soft_cap = 0;  ///< of scores
};

/// The kernel in T.
template <class T>
class AttentionPasses final : public conformance::Passes<T> {
 public:
  AttentionPasses(const Case& c, const AttentionParams& params) : c_(c), params_(params) {}
  void forward(const Packed& sequences, const std::vector<const T*>& in, T* out, std::vector<T>& saved,
               int threads) const override {
    saved.resize(static_cast<std::size_t>(sequences.tokens() * heads()));
    kernel::forward<T>(problem(sequences, in, threads), params_, rows(out, heads(), c_.value_dim),
                       saved.data());
  }
  void backward(const Packed& sequences, const std::vector<const T*>& in, const T* out,
                const std::vector<T>& saved, const T* grad_out, const std::vector<T*>& grads,
                int threads) const override {
    const kernel::Gradients<T> g{rows(grads[0], heads(), c_.dim), rows(grads[1], c_.kv_heads, c_.dim),
                                 rows(grads[2], c_.kv_heads, c_.value_dim),
                                 c_.sink_logits ? grads[3] : nullptr};
    kernel::backward<T>(problem(sequences, in, threads), params_, rows(out, heads(), c_.value_dim),
                        saved.data(), rows(grad_out, heads(), c_.value_dim), g);
  }
  template <class X>
  static kernel::View<X> rows(X* data, int heads, int dim) {
    return {data, 0, std::int64_t{heads} * dim, dim};
  }

 private:
  int heads() const { return static_cast<int>(c_.lookback.size()); }
  kernel::Problem<T> problem(const Packed& s, const std::vector<const T*>& in, int threads) const {
    kernel::Problem<T> p;
    p.sequences = {s.batch(), 0, 0, s.starts.data(), s.starts.data()};
    p.heads = heads();
    p.kv_heads = c_.kv_heads;
    p.dim = c_.dim;
    p.value_dim = c_.value_dim;
    p.q = rows(in[0], heads(), c_.dim);
    p.k = {in[1], 0, std::int64_t{c_.kv_heads} * c_.dim, c_.dim};
    p.v = {in[2], 0, std::int64_t{c_.kv_heads} * c_.value_dim, c_.value_dim};
    p.sink_logits = c_.sink_logits ? in[3] : nullptr;
    p.threads = threads;
    return p;
  }
  const Case& c_;
  const AttentionParams& params_;
};

class AttentionMechanism final : public Mechanism {
 public:
  explicit AttentionMechanism(Case c) : c_(std::move(c)) {
    if (c_.kv_heads == 0) c_.kv_heads = heads();
    params_.lookback = c_.lookback;
    params_.strict = c_.strict;
    params_.scale = 1 / std::sqrt(static_cast<double>(c_.dim));
    params_.sinks = c_.sinks;
    params_.soft_cap = c_.soft_cap;
    if (c_.alibi)
      for (int h = 0; h < heads(); ++h) params_.alibi_slopes.push_back(0.05 * (h + 1));
  }

  std::string name() const override { return c_.name; }
  int heads() const override { return static_cast<int>(c_.lookback.size()); }
  int value_dim() const override { return c_.value_dim; }
  bool extreme() const override { return c_.range > 100; }
  std::vector<InputSpec> inputs() const override {
    std::vector<InputSpec> specs = {{"q", heads(), c_.dim, Each::Token, -c_.range, c_.range},
                                    {"k", c_.kv_heads, c_.dim, Each::Token, -c_.range, c_.range},
                                    {"v", c_.kv_heads, c_.value_dim}};
    if (c_.sink_logits) specs.push_back({"sink_logits", heads(), 1, Each::Call, -2, 2});
    return specs;
  }
  std::vector<Complex> reference(std::int64_t tokens,
                                 const std::vector<std::vector<Complex>>& in) const override {
    const int n = static_cast<int>(tokens), group = heads() / c_.kv_heads;
    const auto place = [](int t, int count, int h, int dim, int d) {
      const auto z = [](int x) { return static_cast<std::size_t>(x); };
      return (z(t) * z(count) + z(h)) * z(dim) + z(d);
    };
    std::vector<Complex> out(place(n, heads(), 0, c_.value_dim, 0));
    const auto head_of = [&](const std::vector<Complex>& x, int count, int h, int dim) {
      std::vector<Complex> rows;
      for (int t = 0; t < n; ++t)
        for (int d = 0; d < dim; ++d) rows.push_back(x[place(t, count, h, dim, d)]);
      return rows;
    };
    for (int h = 0; h < heads(); ++h) {
      const auto i = static_cast<std::size_t>(h);
      const ref::Head head{n,
                           n,
                           c_.dim,
                           c_.value_dim,
                           c_.lookback[i],
                           c_.strict,
                           c_.sinks,
                           params_.scale,
                           params_.alibi_slopes.empty() ? 0.0 : params_.alibi_slopes[i],
                           c_.soft_cap};
      const auto y = ref::attention(
          head_of(in[0], heads(), h, c_.dim), head_of(in[1], c_.kv_heads, h / group, c_.dim),
          head_of(in[2], c_.kv_heads, h / group, c_.value_dim), head, c_.sink_logits ? &in[3][i] : nullptr);
      for (int t = 0; t < n; ++t)
        for (int d = 0; d < c_.value_dim; ++d)
          out[place(t, heads(), h, c_.value_dim, d)] = y[place(t, 1, 0, c_.value_dim, d)];
    }
    return out;
  }

  const conformance::Passes<float>& in_float() const override { return float_; }
  const conformance::Passes<double>* in_double() const override { return &double_; }

  std::unique_ptr<State> start(std::int64_t batch, std::int64_t rollback) const override {
    DecodeSetting s;
    s.batch = batch;
    s.heads = heads();
    s.kv_heads = c_.kv_heads;
    s.dim = c_.dim;
    s.value_dim = c_.value_dim;
    s.params = params_;
    s.rollback = rollback;
    return std::make_unique<AttentionState>(s);
  }
  void advance(State& state, const Packed& tokens, const std::vector<const float*>& in, float* out,
               int threads) const override {
    const auto untyped = [](kernel::View<const float> x) {
      return kernel::View<const void>{x.data, x.batch, x.time, x.head};
    };
    dynamic_cast<AttentionState&>(state).advance<float>(
        tokens.starts.data(), rows(in[0], heads(), c_.dim), untyped(rows(in[1], c_.kv_heads, c_.dim)),
        untyped(rows(in[2], c_.kv_heads, c_.value_dim)), rows(out, heads(), c_.value_dim),
        c_.sink_logits ? in[3] : nullptr, threads);
  }

 private:
  template <class X>
  static kernel::View<X> rows(X* data, int heads, int dim) {
    return AttentionPasses<float>::rows(data, heads, dim);
  }

  Case c_;
  AttentionParams params_;
  AttentionPasses<float> float_{c_, params_};
  AttentionPasses<double> double_{c_, params_};
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::vector<std::unique_ptr<Mechanism>> attention_cases() {
  std::vector<std::unique_ptr<Mechanism>> list;
  const auto add = [&](Case c) { list.push_back(std::make_unique<AttentionMechanism>(std::move(c))); };
  for (bool strict : {false, true}) {
    const std::string s = strict ? ", strict" : "";
    add({"global" + s, {-1}, strict});
    add({"1-local" + s, {1}, strict});
    add({"hybrid" + s, {-1, 1, 5, 0}, strict});
    add({"window of a block" + s, {63, 64, 65, 20}, strict});
    add({"grouped heads" + s, {-1, 3, 9, 70}, strict, 2});
    add({"sinks" + s, {2, 10, 66, -1}, strict, 0, 8, 8, 5});
    add({"sinks and biases" + s, {2, 10, 66}, strict, 0, 8, 8, 5, false, true});
    add({"sink logits" + s, {2, 30, -1}, strict, 1, 8, 8, 0, true});
    add({"ALiBi" + s, {2, 30, -1}, strict, 0, 8, 8, 0, false, true});
    add({"odd dimensions" + s, {-1, 2, 40}, strict, 0, 5, 19});
  }
  // Scores are up to 25 here: a cap of 30 bends them, one of 2 leaves most of them saturated.
  for (const double cap : {30.0, 2.0}) {
    const std::string s = cap < 10 ? " that bites" : "";
    add({"soft cap" + s, {-1, 1, 5, 66}, false, 2, 8, 8, 0, false, false, 3, cap});
    add({"soft cap" + s + ", ALiBi, sinks, strict", {-1, 2, 7, 66}, true, 0, 7, 8, 3, true, true, 3, cap});
  }
  add({"extreme scores under a soft cap", {-1, 2, 40}, false, 0, 8, 8, 0, false, false, 1e4, 50});
  add({"extreme scores", {-1, 2, 40}, false, 0, 8, 8, 0, false, false, 1e4});
  return list;
}

}  // namespace yore::mixers
