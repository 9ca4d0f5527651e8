// Layers of Kimi delta attention that the conformance suite checks, and what each must give: math.md, one
// scalar at a time, reading the options by their names alone.
#include "yore/mixers/conformance/layer_cases.h"
#include "yore/mixers/conformance/delta_reference.h"
#include "yore/mixers/kda/ref.h"

namespace yore::mixers {
namespace {

using base::Json;
using conformance::Complex;
using namespace conformance::parts;

Numbers kda_reference(const MixerSetting& setting, const conformance::LayerInput& input) {
  DeltaReference r(setting, input);
  r.take_heads();
  r.take_keys();
  r.take_decay_start();
  if (r.options.take<bool>("output_gate")) r.gate = sigmoid;
  r.gate_rank = r.options.take<std::size_t>("gate_rank");
  const auto rank = r.options.take<std::size_t>("decay_rank");
  const auto bound = r.options.take<double>("lower_bound");
  const std::size_t decays = r.heads * r.key;
  const Numbers step = r.low_rank("decay_in", "decay_out", rank, decays);
  return r.run("kda", [&](const DeltaHead& h) {
    const Complex rate = std::exp(r.parameter("log_rate")[h.index]);
    const Numbers log_decay = each(columns(step, r.tokens(), decays, h.index * h.key, h.key), [&](Complex x) {
      return bound == 0 ? -rate * std::log(1.0 + std::exp(x)) : bound * sigmoid(rate * x);
    });
    Numbers state(h.key * h.value);
    return ref::kda(h.key, h.value, h.scale, h.q, h.k, h.v, h.decays(log_decay, h.key), h.beta, state);
  });
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
conformance::LayerCases kda_layer_cases() {
  conformance::LayerCases list{{}, &kda_reference};
  const auto add = [&](const std::string& name, std::int64_t width, Json options) {
    list.cases.push_back({name, {width, std::move(options)}});
  };
  add("as published but for its size", 8, {{"heads", 2}, {"head_dim", 4}});
  add("bounded decay", 6, {{"heads", 2}, {"head_dim", 3}, {"lower_bound", -5.0}});
  add("no gate", 6, {{"heads", 1}, {"head_dim", 4}, {"output_gate", false}});
  add("ranks of their own", 6, {{"heads", 2}, {"head_dim", 3}, {"decay_rank", 2}, {"gate_rank", 1}});
  add("key heads shared", 6, {{"heads", 4}, {"key_heads", 2}, {"head_dim", 3}, {"expand_v", 2.0}});
  add("no convolution", 6, {{"heads", 2}, {"head_dim", 3}, {"conv", 0}});
  add("convolution with a bias", 6, {{"heads", 2}, {"head_dim", 3}, {"conv", 2}, {"conv_bias", true}});
  add("negative eigenvalues", 6, {{"heads", 2}, {"head_dim", 3}, {"negative_eigenvalues", true}});
  add("other constants", 6, {{"heads", 2}, {"head_dim", 3}, {"norm_epsilon", 0.01}, {"scale", 0.9}});
  add("two steps, strict read", 6, {{"heads", 2}, {"head_dim", 3}, {"steps", 2}, {"strict_read", true}});
  add("no norms, elu", 6,
      {{"heads", 2}, {"head_dim", 3}, {"qk_activation", "elu"}, {"qk_norm", "sum"}, {"out_norm", false}});
  return list;
}

}  // namespace yore::mixers
