// Layers of gated linear attention that the conformance suite checks, and what each must give: math.md, one
// scalar at a time, reading the options by their names alone.
#include <cmath>
#include <stdexcept>

#include "yore/mixers/conformance/layer_cases.h"
#include "yore/mixers/conformance/reference_parts.h"
#include "yore/mixers/gla/ref.h"

namespace yore::mixers {
namespace {

using base::Json;
using conformance::Complex;
using namespace conformance::parts;

Numbers gla_reference(const MixerSetting& setting, const conformance::LayerInput& input) {
  Options o(setting.options);
  const auto heads = o.take<std::size_t>("heads");
  const auto width = static_cast<std::size_t>(setting.width), tokens = static_cast<std::size_t>(input.tokens);
  const std::size_t key = per_head(width, o.take<double>("expand_k"), heads);
  const std::size_t value = per_head(width, o.take<double>("expand_v"), heads);
  const auto rank = o.take<std::size_t>("gate_rank");
  const auto divisor = o.take<double>("gate_divisor"), epsilon = o.take<double>("norm_epsilon");
  const auto scale = o.take<double>("scale");
  const bool gated = o.take<bool>("output_gate");
  const auto conv = o.take<std::size_t>("conv");
  const bool out_norm = o.take_or("out_norm", true), strict = o.take_or("strict_read", false);
  o.done("gla");
  const auto& parameters = input.parameters;

  const std::size_t keys = heads * key, values = heads * value, channels = 2 * keys + values;
  Numbers qkv = linear(input.x, parameters.at("qkv.weight"), nullptr, tokens, width, channels);
  if (conv > 0)
    qkv = each(causal_conv(qkv, parameters.at("conv.weight"), nullptr, tokens, channels, conv), silu);
  const Numbers low = linear(input.x, parameters.at("decay_in.weight"), nullptr, tokens, width, rank);
  Numbers decay =
      linear(low, parameters.at("decay_out.weight"), &parameters.at("decay_out.bias"), tokens, rank, keys);
  for (Complex& g : decay) g = -std::log(1.0 + std::exp(-g)) / divisor;
  const Numbers gate =
      gated ? linear(input.x, parameters.at("gate.weight"), nullptr, tokens, width, values) : Numbers();

  Numbers handed(tokens * values);
  for (std::size_t h = 0; h < heads; ++h) {
    Numbers state(key * value);
    const auto written = [&](Numbers x, std::size_t each) {
      return strict ? a_row_later(std::move(x), each) : x;
    };
    const Numbers y = ref::gla(key, value, scale, columns(qkv, tokens, channels, h * key, key),
                               written(columns(qkv, tokens, channels, keys + h * key, key), key),
                               written(columns(qkv, tokens, channels, 2 * keys + h * value, value), value),
                               written(columns(decay, tokens, keys, h * key, key), key), state);
    const Numbers normed = out_norm ? rms_norm(y, parameters.at("out_norm.weight"), epsilon) : y;
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
conformance::LayerCases gla_layer_cases() {
  conformance::LayerCases list{{}, &gla_reference};
  const auto add = [&](const std::string& name, std::int64_t width, Json options) {
    list.cases.push_back({name, {width, std::move(options)}});
  };
  add("as published", 8, {{"heads", 2}});
  add("one head", 6, {{"heads", 1}, {"gate_rank", 2}});
  add("convolution", 8, {{"heads", 2}, {"conv", 4}});
  add("no gate", 8, {{"heads", 2}, {"output_gate", false}});
  add("no gate, convolution", 8, {{"heads", 4}, {"output_gate", false}, {"conv", 2}});
  add("wide keys", 4, {{"heads", 2}, {"expand_k", 1.5}, {"expand_v", 2.0}, {"gate_rank", 3}});
  add("other constants", 8, {{"heads", 2}, {"gate_divisor", 2.0}, {"norm_epsilon", 0.01}, {"scale", 0.9}});
  add("no norm", 8, {{"heads", 2}, {"out_norm", false}});
  add("strict read", 8, {{"heads", 2}, {"strict_read", true}});
  add("strict read, convolution, no norm", 6,
      {{"heads", 1}, {"strict_read", true}, {"conv", 2}, {"out_norm", false}});
  return list;
}

}  // namespace yore::mixers
