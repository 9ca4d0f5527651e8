#include "yore/mixers/kda/options.h"

namespace yore::mixers {

std::vector<base::OptionSpec> kda_option_specs() {
  std::vector<base::OptionSpec> list = head_option_specs(16, 128, 1.0);
  const std::vector<base::OptionSpec> own = {
      {"decay_rank", 0, "The decays come out of this many numbers a token; 0 = the value width of a head"},
      {"lower_bound", 0.0,
       "Least logarithm of a decay, say -5: the decay is then a sigmoid between; 0 = none"},
      {"output_gate", true, "The outputs pass a gate: times a sigmoid of a low-rank map of the row"},
      {"gate_rank", 0, "The gate comes out of this many numbers a token; 0 = the value width of a head"},
  };
  list.insert(list.end(), own.begin(), own.end());
  for (base::OptionSpec& option : decay_option_specs({1, 16, 1e-3, 0.1})) list.push_back(std::move(option));
  for (base::OptionSpec& option : key_option_specs()) list.push_back(std::move(option));
  return delta_option_specs(std::move(list));
}

base::Json complete_kda_options(const base::Json& given) {
  LayerOptions o("kda", given, kda_option_specs());
  complete_head_options(o);
  DeltaOptions heads;
  read_head_options(o, heads);
  if (o.whole("decay_rank", 0, 1 << 20) == 0) o.json["decay_rank"] = heads.scan.value_dim;
  const bool gate = o.flag("output_gate");
  o.require(o.whole("gate_rank", 0, 1 << 20) == 0 || gate, "gate_rank", "0 where there is no output_gate");
  if (gate && o.json["gate_rank"] == 0) o.json["gate_rank"] = heads.scan.value_dim;
  o.number("lower_bound", "less than 0, or 0 for none", [](double x) { return x <= 0; });
  complete_decay_options(o);
  complete_key_options(o);
  o.leave_out({{"qk_activation", "silu"}, {"qk_norm", "l2"}});
  complete_delta_options(o, heads.scan.key_dim);
  return o.json;
}

KdaOptions read_kda_options(const MixerSetting& setting) {
  const LayerOptions o("kda", complete_kda_options(setting.options), kda_option_specs());
  KdaOptions read;
  read_delta_options(o, read);
  read_key_options(o, read);
  read_head_options(o, read);
  read.scan.decay = scan::Decay::Key;
  read.decay_rank = o.json["decay_rank"].get<std::int64_t>();
  read.lower_bound = o.json["lower_bound"].get<double>();
  read.gate = o.flag("output_gate") ? OutputGate::Sigmoid : OutputGate::None;
  read.gate_rank = o.json["gate_rank"].get<std::int64_t>();
  read.start = read_decay_options(o);
  return read;
}

}  // namespace yore::mixers
