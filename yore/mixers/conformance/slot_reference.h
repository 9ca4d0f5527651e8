// What layers of slots say around the slots, as a definition: for layer_cases.cc. Shares nothing with
// common/slot_layer.cc.
#pragma once
#include "yore/mixers/conformance/reference_parts.h"

namespace yore::mixers::conformance::parts {

struct SlotReference {
  std::size_t width, heads, slots, key, value, conv;
  double scale, epsilon;
  std::string feature_map, value_map, output_map, norm;
  bool gate;

  SlotReference(const MixerSetting& setting, Options& o) : width(static_cast<std::size_t>(setting.width)) {
    heads = o.take<std::size_t>("heads");
    slots = o.take<std::size_t>("slots");
    key = per_head(width, o.take<double>("expand_k"), heads);
    value = per_head(width, o.take<double>("expand_v"), heads);
    conv = o.take<std::size_t>("conv");
    scale = o.take<double>("scale");
    epsilon = o.take<double>("norm_epsilon");
    feature_map = o.take<std::string>("feature_map");
    value_map = o.take<std::string>("value_map");
    output_map = o.take<std::string>("output_map");
    norm = o.take<std::string>("norm");
    gate = o.take<bool>("output_gate");
  }
  static std::size_t tokens(const LayerInput& input) { return static_cast<std::size_t>(input.tokens); }

  /// mix(h, q, k, v) gives the outputs [tokens, value] of one head.
  template <class Mix>
  Numbers rows(const LayerInput& input, const Mix& mix) const {
    const std::size_t n = tokens(input), keys = heads * key, values = heads * value,
                      channels = 2 * keys + values;
    const auto& p = input.parameters;
    Numbers qkv = linear(input.x, p.at("qkv.weight"), nullptr, n, width, channels);
    if (conv > 0) qkv = each(causal_conv(qkv, p.at("conv.weight"), nullptr, n, channels, conv), silu);
    const auto mapped = [](const Numbers& x, const std::string& map) {
      return map == "silu" ? each(x, silu) : x;
    };
    Numbers mixed(n * values);
    for (std::size_t h = 0; h < heads; ++h) {
      const Numbers y = mapped(mix(h, mapped(columns(qkv, n, channels, h * key, key), feature_map),
                                   mapped(columns(qkv, n, channels, keys + h * key, key), feature_map),
                                   mapped(columns(qkv, n, channels, 2 * keys + h * value, value), value_map)),
                               output_map);
      for (std::size_t t = 0; t < n; ++t)
        for (std::size_t j = 0; j < value; ++j) mixed[t * values + h * value + j] = y[t * value + j];
    }
    // A head's norm has as many weights as a head has values: rms_norm takes rows that long.
    if (norm != "none") mixed = rms_norm(mixed, p.at("out_norm.weight"), epsilon);
    if (gate) {
      const Numbers g = linear(input.x, p.at("gate.weight"), nullptr, n, width, values);
      for (std::size_t i = 0; i < mixed.size(); ++i) mixed[i] *= silu(g[i]);
    }
    if (!input.head_gates.empty())
      for (std::size_t i = 0; i < mixed.size(); ++i) mixed[i] *= input.head_gates[i % values / value];
    return linear(mixed, p.at("out.weight"), nullptr, n, values, width);
  }
};

}  // namespace yore::mixers::conformance::parts
