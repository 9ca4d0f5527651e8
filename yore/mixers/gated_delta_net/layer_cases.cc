// Layers of the gated delta rule that the conformance suite checks, and what each must give: math.md, one
// scalar at a time, reading the options by their names alone.
#include "yore/mixers/conformance/layer_cases.h"
#include "yore/mixers/conformance/delta_reference.h"
#include "yore/mixers/gated_delta_net/ref.h"

namespace yore::mixers {
namespace {

using base::Json;
using namespace conformance::parts;

Numbers gated_delta_net_reference(const MixerSetting& setting, const conformance::LayerInput& input) {
  DeltaReference r(setting, input);
  r.take_heads();
  r.take_keys();
  r.take_decay_start();
  if (r.options.take<bool>("output_gate")) r.gate = silu;
  const Numbers step = linear(input.x, r.parameter("decay.weight"), &r.parameter("decay.bias"), r.tokens(),
                              static_cast<std::size_t>(setting.width), r.heads);
  return r.run("gated_delta_net", [&](const DeltaHead& h) {
    Numbers log_decay;
    for (std::size_t t = 0; t < r.tokens(); ++t)
      log_decay.push_back(-std::exp(r.parameter("log_rate")[h.index]) *
                          std::log(1.0 + std::exp(step[t * r.heads + h.index])));
    Numbers state(h.key * h.value);
    return ref::gated_delta_net(h.key, h.value, h.scale, h.q, h.k, h.v, h.decays(log_decay, 1), h.beta,
                                state);
  });
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
conformance::LayerCases gated_delta_net_layer_cases() {
  conformance::LayerCases list{{}, &gated_delta_net_reference};
  const auto add = [&](const std::string& name, std::int64_t width, Json options) {
    list.cases.push_back({name, {width, std::move(options)}});
  };
  add("as published but for its size", 8, {{"heads", 2}, {"head_dim", 3}});
  add("one head, no gate", 6, {{"heads", 1}, {"head_dim", 4}, {"output_gate", false}});
  add("key heads shared", 6, {{"heads", 4}, {"key_heads", 2}, {"head_dim", 3}, {"expand_v", 1.0}});
  add("one key head", 6, {{"heads", 3}, {"key_heads", 1}, {"head_dim", 4}, {"expand_v", 0.5}});
  add("no convolution", 8, {{"heads", 2}, {"head_dim", 4}, {"conv", 0}});
  add("convolution with a bias", 6, {{"heads", 2}, {"head_dim", 3}, {"conv", 2}, {"conv_bias", true}});
  add("negative eigenvalues", 6, {{"heads", 2}, {"head_dim", 3}, {"negative_eigenvalues", true}});
  add("other constants", 6, {{"heads", 2}, {"head_dim", 3}, {"norm_epsilon", 0.01}, {"scale", 0.9}});
  add("strict read", 6, {{"heads", 2}, {"head_dim", 3}, {"strict_read", true}});
  add("three steps", 6, {{"heads", 2}, {"head_dim", 3}, {"steps", 3}});
  add("two steps, strict read, key heads shared", 6,
      {{"heads", 4}, {"key_heads", 2}, {"head_dim", 3}, {"steps", 2}, {"strict_read", true}, {"conv", 0}});
  add("no norms, no activations", 6,
      {{"heads", 2},
       {"head_dim", 3},
       {"qk_activation", "none"},
       {"qk_norm", "none"},
       {"v_activation", "none"},
       {"out_norm", false}});
  return list;
}

}  // namespace yore::mixers
