// Layers of attention with bounded-memory control that the conformance suite checks, and what each must give.
#include "yore/mixers/abc/ref.h"
#include "yore/mixers/conformance/slot_reference.h"

namespace yore::mixers {
namespace {

using base::Json;
using conformance::Complex;
using namespace conformance::parts;

Numbers abc_reference(const MixerSetting& setting, const conformance::LayerInput& input) {
  Options o(setting.options);
  const bool rotary = o.take<std::string>("positions") == "rotary";
  const auto base = o.take<double>("rotary_base"), clamp = o.take<double>("clamp");
  const SlotReference layer(setting, o);
  o.done("abc");
  Numbers logits = linear(input.x, input.parameters.at("slots.weight"), nullptr, layer.tokens(input),
                          layer.width, layer.heads * layer.slots);
  for (Complex& s : logits)
    if (std::abs(s.real()) > clamp) s = s.real() > 0 ? clamp : -clamp;
  return layer.rows(input, [&](std::size_t h, const Numbers& q, const Numbers& k, const Numbers& v) {
    const Numbers s =
        columns(logits, layer.tokens(input), layer.heads * layer.slots, h * layer.slots, layer.slots);
    return ref::abc(layer.slots, layer.key, layer.value, layer.scale, rotary ? turned(q, layer.key, base) : q,
                    rotary ? turned(k, layer.key, base) : k, v, s);
  });
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
conformance::LayerCases abc_layer_cases() {
  conformance::LayerCases list{{}, &abc_reference};
  const auto add = [&](const std::string& name, std::int64_t width, Json options) {
    if (!options.contains("slots")) options["slots"] = 5;
    list.cases.push_back({name, {width, std::move(options)}});
  };
  add("as published", 8, {{"heads", 2}});
  add("no positions", 6, {{"heads", 1}, {"slots", 3}, {"positions", "none"}});
  add("convolution", 8, {{"heads", 2}, {"conv", 4}});
  add("logits that are clamped", 8, {{"heads", 2}, {"clamp", 0.5}});
  add("no gate, norm of the layer", 8,
      {{"heads", 2}, {"norm", "layer"}, {"output_gate", false}, {"rotary_base", 50.0}});
  add("maps", 8,
      {{"heads", 2}, {"feature_map", "silu"}, {"value_map", "silu"}, {"output_map", "silu"}, {"scale", 0.4}});
  return list;
}

}  // namespace yore::mixers
