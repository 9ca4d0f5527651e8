#include "yore/mixers/gla/options.h"

#include "yore/mixers/common/layer_options.h"

namespace yore::mixers {

std::vector<base::OptionSpec> gla_option_specs() {
  return {
      {"heads", 4, "Heads; each has a state of its own"},
      {"expand_k", 0.5, "Queries and keys of all heads, as a share of the width"},
      {"expand_v", 1.0, "Values of all heads, as a share of the width"},
      {"gate_rank", 16, "The decays come out of this many numbers a token"},
      {"gate_divisor", 16.0,
       "The decay is sigmoid(..)^(1/gate_divisor): the larger, the longer it remembers"},
      {"output_gate", true, "The outputs pass a gate: times SiLU of another linear map of the row"},
      {"norm_epsilon", 1e-5, "Added to the mean square of each head's output as it is normed"},
      {"conv", 0, "Width of a causal convolution and a SiLU over queries, keys and values; 0 = none"},
      {"scale", 0.0, "Factor on the queries; 0 = 1 / sqrt(key width of a head)"},
      {"out_norm", true, "Each head's output is normed"},
      strict_read_spec(),
  };
}

base::Json complete_gla_options(std::int64_t width, const base::Json& given) {
  LayerOptions o("gla", given, gla_option_specs());
  o.whole("heads", 1, 4096);
  const std::int64_t key = o.head_width(width, "heads", "expand_k"),
                     value = o.head_width(width, "heads", "expand_v");
  o.require(key <= scan::kMaxDim, "expand_k", "heads of at most 1024 keys");
  o.require(value <= scan::kMaxDim, "expand_v", "heads of at most 1024 values");
  o.whole("gate_rank", 1, 1 << 20);
  o.number("gate_divisor", "at least 1e-3", [](double x) { return x >= 1e-3; });
  o.number("norm_epsilon", "more than 0", [](double x) { return x > 0; });
  o.whole("conv", 0, 64);
  o.require(o.json["conv"] != 1, "conv", "0 (none) or at least 2 tokens");
  o.key_scale(key);
  o.require(o.flag("out_norm") || o.json["norm_epsilon"] == 1e-5, "norm_epsilon",
            "1e-5 with out_norm=false, which has no use for it");
  o.leave_out({{"out_norm", true}, {"strict_read", false}});
  return o.json;
}

GlaOptions read_gla_options(const MixerSetting& setting) {
  LayerOptions o("gla", complete_gla_options(setting.width, setting.options), gla_option_specs());
  GlaOptions read;
  read.scan.heads = read.scan.key_heads = o.json["heads"].get<int>();
  read.scan.key_dim = static_cast<int>(o.head_width(setting.width, "heads", "expand_k"));
  read.scan.value_dim = static_cast<int>(o.head_width(setting.width, "heads", "expand_v"));
  read.scan.decay = scan::Decay::Key;
  read.scan.scale = o.json["scale"].get<double>();
  read.gate_rank = o.json["gate_rank"].get<std::int64_t>();
  read.gate_divisor = o.json["gate_divisor"].get<double>();
  read.output_gate = o.flag("output_gate");
  read.out_norm = o.flag("out_norm");
  read.access.strict_read = o.flag("strict_read");
  read.norm_epsilon = o.json["norm_epsilon"].get<double>();
  read.conv = o.json["conv"].get<std::int64_t>();
  return read;
}

}  // namespace yore::mixers
