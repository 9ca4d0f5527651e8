#include "yore/mixers/gsa/options.h"

#include "yore/mixers/common/layer_options.h"

namespace yore::mixers {

std::vector<base::OptionSpec> gsa_option_specs() {
  std::vector<base::OptionSpec> specs =
      slot_option_specs({.feature_map = "silu", .value_map = "silu", .output_map = "silu"});
  specs.push_back({"gate_divisor", 8.0,
                   "A slot fades by sigmoid(..)^(1/gate_divisor): the larger, the longer it remembers"});
  return specs;
}

base::Json complete_gsa_options(std::int64_t width, const base::Json& given) {
  LayerOptions o("gsa", given, gsa_option_specs());
  complete_slot_options(width, o);
  o.number("gate_divisor", "at least 1e-3", [](double x) { return x >= 1e-3; });
  if (o.json["scale"] == 0) o.json["scale"] = 1.0;
  return o.json;
}

GsaOptions read_gsa_options(const MixerSetting& setting) {
  LayerOptions o("gsa", complete_gsa_options(setting.width, setting.options), gsa_option_specs());
  return {read_slot_options(setting.width, o), o.json["gate_divisor"].get<double>()};
}

}  // namespace yore::mixers
