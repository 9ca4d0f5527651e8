// Layers of retention that the conformance suite checks, and what each must give: math.md, one scalar at a
// time, reading the options by their names alone.
#include <cmath>

#include "yore/mixers/conformance/layer_cases.h"
#include "yore/mixers/conformance/reference_parts.h"
#include "yore/mixers/retention/ref.h"

namespace yore::mixers {
namespace {

using base::Json;
using conformance::Complex;
using namespace conformance::parts;

Numbers retention_reference(const MixerSetting& setting, const conformance::LayerInput& input) {
  Options o(setting.options);
  const auto heads = o.take<std::size_t>("heads");
  const auto width = static_cast<std::size_t>(setting.width), tokens = static_cast<std::size_t>(input.tokens);
  const std::size_t key = per_head(width, o.take<double>("expand_k"), heads);
  const std::size_t value = per_head(width, o.take<double>("expand_v"), heads);
  const auto decays = o.take<std::vector<double>>("decays");
  const bool rotary = o.take<bool>("rotary"), gated = o.take<bool>("output_gate");
  const auto base = o.take<double>("rotary_base"), epsilon = o.take<double>("norm_epsilon");
  const auto scale = o.take<double>("scale");
  const auto conv = o.take<std::size_t>("conv");
  o.done("retention");
  const auto& parameters = input.parameters;

  const std::size_t keys = heads * key, values = heads * value, channels = 2 * keys + values;
  Numbers qkv = linear(input.x, parameters.at("qkv.weight"), nullptr, tokens, width, channels);
  if (conv > 0)
    qkv = each(causal_conv(qkv, parameters.at("conv.weight"), nullptr, tokens, channels, conv), silu);
  const Numbers gate =
      gated ? linear(input.x, parameters.at("gate.weight"), nullptr, tokens, width, values) : Numbers();

  Numbers handed(tokens * values);
  for (std::size_t h = 0; h < heads; ++h) {
    Numbers q = columns(qkv, tokens, channels, h * key, key),
            k = columns(qkv, tokens, channels, keys + h * key, key), state(key * value);
    if (rotary) q = turned(q, key, base), k = turned(k, key, base);
    const Numbers y =
        ref::retention(key, value, scale, q, k, columns(qkv, tokens, channels, 2 * keys + h * value, value),
                       Numbers(tokens, std::log(decays[h])), state);
    const Numbers normed = rms_norm(y, parameters.at("out_norm.weight"), epsilon);
    for (std::size_t t = 0; t < tokens; ++t)
      for (std::size_t j = 0; j < value; ++j) {
        Complex& to = handed[t * values + h * value + j];
        to = normed[t * value + j] * (input.head_gates.empty() ? 1.0 : input.head_gates[h]);
        if (gated) to *= silu(gate[t * values + h * value + j]);
      }
  }
  return linear(handed, parameters.at("out.weight"), nullptr, tokens, values, width);
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
conformance::LayerCases retention_layer_cases() {
  conformance::LayerCases list{{}, &retention_reference};
  const auto add = [&](const std::string& name, std::int64_t width, Json options) {
    list.cases.push_back({name, {width, std::move(options)}});
  };
  add("as published", 8, {{"heads", 2}});
  add("one head", 6, {{"heads", 1}});
  add("no positions", 6, {{"heads", 2}, {"rotary", false}});
  add("convolution", 8, {{"heads", 2}, {"conv", 4}});
  add("no gate", 8, {{"heads", 4}, {"output_gate", false}, {"conv", 2}});
  add("decays of its own", 8, {{"heads", 2}, {"decays", {0.5, 1}}});
  add("other constants", 8,
      {{"heads", 2},
       {"expand_k", 0.5},
       {"expand_v", 0.75},
       {"rotary_base", 3.0},
       {"norm_epsilon", 0.01},
       {"scale", 0.9}});
  return list;
}

}  // namespace yore::mixers
