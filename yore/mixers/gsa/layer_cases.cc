// Layers of gated slot attention that the conformance suite checks, and what each must give.
#include "yore/mixers/conformance/slot_reference.h"
#include "yore/mixers/gsa/ref.h"

namespace yore::mixers {
namespace {

using base::Json;
using conformance::Complex;
using namespace conformance::parts;

Numbers gsa_reference(const MixerSetting& setting, const conformance::LayerInput& input) {
  Options o(setting.options);
  const auto divisor = o.take<double>("gate_divisor");
  const SlotReference layer(setting, o);
  o.done("gsa");
  const Numbers fade = linear(input.x, input.parameters.at("fade.weight"), nullptr, layer.tokens(input),
                              layer.width, layer.heads * layer.slots);
  return layer.rows(input, [&](std::size_t h, const Numbers& q, const Numbers& k, const Numbers& v) {
    Numbers write, log_decay;
    for (const Complex& x :
         columns(fade, layer.tokens(input), layer.heads * layer.slots, h * layer.slots, layer.slots)) {
      log_decay.push_back(-std::log(1.0 + std::exp(-x)) / divisor);
      write.push_back(1.0 - std::exp(log_decay.back()));
    }
    Numbers keys(layer.slots * layer.key), values(layer.slots * layer.value);
    return ref::gsa(layer.slots, layer.key, layer.value, layer.scale, q, k, v, write, log_decay, keys,
                    values);
  });
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
conformance::LayerCases gsa_layer_cases() {
  conformance::LayerCases list{{}, &gsa_reference};
  const auto add = [&](const std::string& name, std::int64_t width, Json options) {
    if (!options.contains("slots")) options["slots"] = 5;
    list.cases.push_back({name, {width, std::move(options)}});
  };
  add("as published", 8, {{"heads", 2}});
  add("one head", 6, {{"heads", 1}, {"slots", 3}});
  add("convolution", 8, {{"heads", 2}, {"conv", 4}});
  add("gate, norm of heads", 8, {{"heads", 2}, {"norm", "head"}, {"output_gate", true}});
  add("no maps, no norm", 8,
      {{"heads", 4},
       {"feature_map", "none"},
       {"value_map", "none"},
       {"output_map", "none"},
       {"norm", "none"}});
  add("wide values", 4, {{"heads", 2}, {"expand_k", 0.5}, {"expand_v", 2.0}});
  add("other constants", 8, {{"heads", 2}, {"gate_divisor", 2.0}, {"norm_epsilon", 0.01}, {"scale", 0.4}});
  return list;
}

}  // namespace yore::mixers
