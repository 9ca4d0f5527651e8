// DeltaNet layers that the conformance suite checks, and what each must give: math.md, one scalar at a time,
// reading the options by their names alone.
#include "yore/mixers/conformance/layer_cases.h"
#include "yore/mixers/conformance/delta_reference.h"
#include "yore/mixers/delta_net/ref.h"

namespace yore::mixers {
namespace {

using base::Json;
using namespace conformance::parts;

Numbers delta_net_reference(const MixerSetting& setting, const conformance::LayerInput& input) {
  DeltaReference r(setting, input);
  const auto width = static_cast<std::size_t>(setting.width);
  r.heads = r.key_heads = r.options.take<std::size_t>("heads");
  r.key = per_head(width, r.options.take<double>("expand_k"), r.heads);
  r.value = per_head(width, r.options.take<double>("expand_v"), r.heads);
  r.activation = r.options.take<std::string>("qk_activation");
  r.norm = r.options.take<std::string>("qk_norm");
  r.beta = r.options.take<bool>("beta");
  if (r.options.take<bool>("output_gate")) r.gate = silu;
  return r.run("delta_net", [](const DeltaHead& h) {
    Numbers state(h.key * h.value);
    return ref::delta_net(h.key, h.value, h.scale, h.q, h.k, h.v, h.beta, state);
  });
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
conformance::LayerCases delta_net_layer_cases() {
  conformance::LayerCases list{{}, &delta_net_reference};
  const auto add = [&](const std::string& name, std::int64_t width, Json options) {
    list.cases.push_back({name, {width, std::move(options)}});
  };
  add("as published", 8, Json::object());
  add("one head, gate", 6, {{"heads", 1}, {"output_gate", true}});
  add("no convolution", 8, {{"heads", 2}, {"conv", 0}});
  add("convolution with a bias", 8, {{"heads", 2}, {"conv", 2}, {"conv_bias", true}});
  add("negative eigenvalues", 8, {{"heads", 2}, {"negative_eigenvalues", true}});
  add("writes of strength 1", 8, {{"heads", 2}, {"beta", false}});
  add("writes of strength 2", 8, {{"heads", 2}, {"beta", false}, {"negative_eigenvalues", true}});
  add("wide values", 4, {{"heads", 2}, {"expand_k", 1.5}, {"expand_v", 2.0}});
  add("relu", 8, {{"heads", 2}, {"qk_activation", "relu"}, {"conv", 0}});
  add("elu, sum", 8, {{"heads", 2}, {"qk_activation", "elu"}, {"qk_norm", "sum"}});
  add("keys as they are", 8, {{"heads", 2}, {"qk_activation", "none"}});
  add("other constants", 8, {{"heads", 2}, {"norm_epsilon", 0.01}, {"scale", 0.9}});
  add("strict read", 8, {{"heads", 2}, {"strict_read", true}});
  add("strict read, writes of strength 1", 8, {{"heads", 2}, {"strict_read", true}, {"beta", false}});
  add("three steps", 8, {{"heads", 2}, {"steps", 3}, {"negative_eigenvalues", true}});
  add("two steps, strict read, writes of strength 2", 8,
      {{"heads", 2}, {"steps", 2}, {"strict_read", true}, {"beta", false}, {"negative_eigenvalues", true}});
  add("no norms, no activations", 8,
      {{"heads", 2},
       {"qk_activation", "none"},
       {"qk_norm", "none"},
       {"v_activation", "none"},
       {"out_norm", false},
       {"conv", 0}});
  return list;
}

}  // namespace yore::mixers
