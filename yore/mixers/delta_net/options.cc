#include "yore/mixers/delta_net/options.h"

#include <cmath>

namespace yore::mixers {

std::vector<base::OptionSpec> delta_net_option_specs() {
  std::vector<base::OptionSpec> list = {
      {"heads", 4, "Heads; each has a state of its own"},
      {"expand_k", 1.0, "Queries and keys of all heads, as a share of the width"},
      {"expand_v", 1.0, "Values of all heads, as a share of the width"},
  };
  for (base::OptionSpec& option : key_option_specs()) list.push_back(std::move(option));
  list.push_back({"beta", true, "How strong a write is, 0 to 1, is computed from the row; false = always 1"});
  list.push_back(
      {"output_gate", false, "The outputs pass a gate: times SiLU of another linear map of the row"});
  return delta_option_specs(std::move(list));
}

base::Json complete_delta_net_options(std::int64_t width, const base::Json& given) {
  LayerOptions o("delta_net", given, delta_net_option_specs());
  o.whole("heads", 1, 4096);
  const std::int64_t key = o.head_width(width, "heads", "expand_k"),
                     value = o.head_width(width, "heads", "expand_v");
  o.require(key <= scan::kMaxDim, "expand_k", "heads of at most 1024 keys");
  o.require(value <= scan::kMaxDim, "expand_v", "heads of at most 1024 values");
  complete_key_options(o);
  complete_delta_options(o, key);
  return o.json;
}

DeltaOptions read_delta_net_options(const MixerSetting& setting) {
  LayerOptions o("delta_net", complete_delta_net_options(setting.width, setting.options),
                 delta_net_option_specs());
  DeltaOptions read;
  read.beta = o.flag("beta");
  read_delta_options(o, read);
  read_key_options(o, read);
  read.scan.heads = read.scan.key_heads = o.json["heads"].get<int>();
  read.scan.key_dim = static_cast<int>(o.head_width(setting.width, "heads", "expand_k"));
  read.scan.value_dim = static_cast<int>(o.head_width(setting.width, "heads", "expand_v"));
  read.gate = o.flag("output_gate") ? OutputGate::Silu : OutputGate::None;
  return read;
}

}  // namespace yore::mixers
