#include "yore/mixers/gated_delta_net/options.h"

namespace yore::mixers {

std::vector<base::OptionSpec> gated_delta_net_option_specs() {
  std::vector<base::OptionSpec> list = head_option_specs(6, 256, 2.0);
  list.push_back(
      {"output_gate", true, "The outputs pass a gate: times SiLU of another linear map of the row"});
  for (base::OptionSpec& option : decay_option_specs({0, 16, 1e-3, 0.1})) list.push_back(std::move(option));
  for (base::OptionSpec& option : key_option_specs()) list.push_back(std::move(option));
  return delta_option_specs(std::move(list));
}

base::Json complete_gated_delta_net_options(const base::Json& given) {
  LayerOptions o("gated_delta_net", given, gated_delta_net_option_specs());
  complete_head_options(o);
  complete_decay_options(o);
  complete_key_options(o);
  o.leave_out({{"qk_activation", "silu"}, {"qk_norm", "l2"}});
  complete_delta_options(o, o.json["head_dim"].get<std::int64_t>());
  return o.json;
}

GatedDeltaNetOptions read_gated_delta_net_options(const MixerSetting& setting) {
  const LayerOptions o("gated_delta_net", complete_gated_delta_net_options(setting.options),
                       gated_delta_net_option_specs());
  GatedDeltaNetOptions read;
  read_delta_options(o, read);
  read_key_options(o, read);
  read_head_options(o, read);
  read.scan.decay = scan::Decay::Head;
  read.gate = o.flag("output_gate") ? OutputGate::Silu : OutputGate::None;
  read.start = read_decay_options(o);
  return read;
}

}  // namespace yore::mixers
