// The layer around a memory that follows the delta rule (common/math.md), one scalar at a time: what
// layer_cases.cc of such mechanisms write their definitions with. Shares nothing with any layer.
#pragma once
#include <functional>
#include <string>
#include <utility>

#include "yore/mixers/conformance/reference_parts.h"

namespace yore::mixers::conformance::parts {

/// One head of one sequence, as a definition takes it: q, k [writes, key], v [writes, value], beta [writes].
/// A token has `steps` writes; the head answers at the last.
struct DeltaHead {
  std::size_t index = 0, key = 0, value = 0, steps = 1;
  bool strict = false;
  double scale = 1;
  Numbers q, k, v, beta;

  /// Logarithms of decays [tokens, each] as the writes have them: before a token's first write, and with
  /// strict_read a token later.
  Numbers decays(Numbers x, std::size_t each) const {
    if (strict) x = a_row_later(std::move(x), each);
    Numbers y;
    for (std::size_t t = 0; t < x.size() / each; ++t)
      for (std::size_t s = 0; s < steps; ++s)
        for (std::size_t i = 0; i < each; ++i) y.push_back(s == 0 ? x[t * each + i] : 0);
    return y;
  }
};

class DeltaReference {
 public:
  DeltaReference(const MixerSetting& setting, const LayerInput& input)
      : options(setting.options),
        input_(input),
        width_(static_cast<std::size_t>(setting.width)),
        tokens_(static_cast<std::size_t>(input.tokens)) {}

  /// What the mechanism fills in from its own options, before run().
  Options options;
  std::size_t heads = 1, key_heads = 1, key = 1, value = 1;
  std::string activation = "silu", norm = "l2";
  bool beta = true;
  std::function<Complex(Complex)> gate;  ///< none = no gate
  std::size_t gate_rank = 0;             ///< 0 = no map in between

  std::size_t tokens() const { return tokens_; }
  const Numbers& parameter(const char* name) const { return input_.parameters.at(name); }
  /// The rows times a weight [to, width].
  Numbers rows_times(const char* weight, std::size_t to) const {
    return linear(input_.x, parameter(weight), nullptr, tokens_, width_, to);
  }
  /// The same times a second weight [to, rank], plus a bias.
  Numbers low_rank(const std::string& in, const std::string& out, std::size_t rank, std::size_t to) const {
    return linear(rows_times((in + ".weight").c_str(), rank), parameter((out + ".weight").c_str()),
                  &parameter((out + ".bias").c_str()), tokens_, rank, to);
  }
  /// The options heads, key_heads, head_dim and expand_v.
  void take_heads() {
    heads = options.take<std::size_t>("heads");
    key_heads = options.take<std::size_t>("key_heads");
    key = options.take<std::size_t>("head_dim");
    value =
        static_cast<std::size_t>(std::llround(options.take<double>("expand_v") * static_cast<double>(key)));
  }
  /// Those of what queries and keys pass, where layers as published do not name them.
  void take_keys() {
    activation = options.take_or<std::string>("qk_activation", activation);
    norm = options.take_or<std::string>("qk_norm", norm);
  }
  /// Those that say how decays start, which layers with parameters have behind them.
  void take_decay_start() {
    for (const char* name : {"least_rate", "most_rate", "least_step", "most_step"})
      options.take<double>(name);
  }

  /// The layer's rows. `memory` gives the outputs [tokens, value] of one head.
  Numbers run(const std::string& mechanism, const std::function<Numbers(const DeltaHead&)>& memory) {
    const bool negative = options.take<bool>("negative_eigenvalues");
    const auto conv = options.take<std::size_t>("conv");
    const bool conv_bias = options.take<bool>("conv_bias");
    const auto epsilon = options.take<double>("norm_epsilon"), scale = options.take<double>("scale");
    const bool plain = options.take_or<std::string>("v_activation", "silu") == "none";
    const bool out_norm = options.take_or("out_norm", true), strict = options.take_or("strict_read", false);
    const auto steps = options.take_or<std::size_t>("steps", 1);
    options.done(mechanism);

    const std::size_t keys = key_heads * key, values = heads * value,
                      channels = keys + steps * (keys + values);
    Numbers qkv = rows_times("qkv.weight", channels);
    if (conv > 0)
      qkv = causal_conv(qkv, parameter("conv.weight"), conv_bias ? &parameter("conv.bias") : nullptr, tokens_,
                        channels, conv);
    const Numbers strengths = beta ? rows_times("beta.weight", steps * heads) : Numbers();
    Numbers gates;
    if (gate)
      gates = gate_rank == 0 ? rows_times("gate.weight", values)
                             : low_rank("gate_in", "gate_out", gate_rank, values);

    Numbers handed(tokens_ * values);
    for (std::size_t h = 0; h < heads; ++h) {
      DeltaHead head{h, key, value, steps, strict, scale, {}, {}, {}, {}};
      const std::size_t key_head = h * key_heads / heads;
      const Numbers asked = normed(each(columns(qkv, tokens_, channels, key_head * key, key), feature()));
      const auto add = [](Numbers& to, const Numbers& from, std::size_t t, std::size_t width) {
        for (std::size_t i = 0; i < width; ++i) to.push_back(from[t * width + i]);
      };
      for (std::size_t t = 0; t < tokens_; ++t)
        for (std::size_t s = 0; s < steps; ++s) {
          const Numbers all_keys =
              normed(each(columns(qkv, tokens_, channels, keys + s * keys + key_head * key, key), feature()));
          const Numbers all_values =
              columns(qkv, tokens_, channels, keys + steps * keys + s * values + h * value, value);
          add(head.q, asked, t, key);
          add(head.k, all_keys, t, key);
          add(head.v, plain ? all_values : each(all_values, silu), t, value);
          head.beta.push_back((beta ? sigmoid(strengths[(t * steps + s) * heads + h]) : 1.0) *
                              (negative ? 2.0 : 1.0));
        }
      if (strict) {
        head.k = a_row_later(head.k, steps * key);
        head.v = a_row_later(head.v, steps * value);
        head.beta = a_row_later(head.beta, steps);
      }
      const Numbers every = memory(head);
      Numbers read;
      for (std::size_t t = 0; t < tokens_; ++t) add(read, every, t * steps + steps - 1, value);
      const Numbers y = out_norm ? rms_norm(read, parameter("out_norm.weight"), epsilon) : read;
      for (std::size_t t = 0; t < tokens_; ++t)
        for (std::size_t j = 0; j < value; ++j) {
          const std::size_t to = t * values + h * value + j;
          handed[to] = y[t * value + j] * (input_.head_gates.empty() ? 1.0 : input_.head_gates[h]);
          if (gate) handed[to] *= gate(gates[to]);
        }
    }
    return linear(handed, parameter("out.weight"), nullptr, tokens_, values, width_);
  }

 private:
  std::function<Complex(Complex)> feature() const {
    if (activation == "silu") return silu;
    if (activation == "relu") return [](Complex x) { return x.real() > 0 ? x : Complex(0); };
    if (activation == "elu") return [](Complex x) { return x.real() > 0 ? x + 1.0 : std::exp(x); };
    if (activation == "none") return [](Complex x) { return x; };
    throw std::logic_error("the reference does not know the activation " + activation);
  }
  Numbers normed(Numbers x) const {
    if (norm == "none") return x;
    for (std::size_t t = 0; t < tokens_; ++t) {
      Complex sum = 1e-6;
      for (std::size_t i = 0; i < key; ++i)
        sum += norm == "l2" ? x[t * key + i] * x[t * key + i] : x[t * key + i];
      for (std::size_t i = 0; i < key; ++i) x[t * key + i] /= norm == "l2" ? std::sqrt(sum) : sum;
    }
    return x;
  }

  const LayerInput& input_;
  std::size_t width_, tokens_;
};

}  // namespace yore::mixers::conformance::parts
