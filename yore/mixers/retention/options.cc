#include "yore/mixers/retention/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "yore/mixers/common/layer_options.h"

namespace yore::mixers {
namespace {

/// The published decays: 1 - 2^(-5 - h) for head h. From head 49 on that is 1 in double.
base::Json published_decays(std::int64_t heads) {
  base::Json decays = base::Json::array();
  for (std::int64_t h = 0; h < heads; ++h) decays.push_back(1 - std::exp2(-5 - static_cast<double>(h)));
  return decays;
}

}  // namespace

std::vector<base::OptionSpec> retention_option_specs() {
  return {
      {"heads", 8, "Heads; each has a state of its own"},
      {"expand_k", 1.0, "Queries and keys of all heads, as a share of the width"},
      {"expand_v", 2.0, "Values of all heads, as a share of the width"},
      {"decays", base::Json::array(),
       "What each head's state is multiplied by at a token, one a head; [] = 1 - 2^(-5-h) for head h"},
      {"rotary", true, "Queries and keys turn with their positions"},
      {"rotary_base", 10000.0, "Rotary frequencies fall from 1 to 1 / rotary_base"},
      {"output_gate", true, "The outputs pass a gate: times SiLU of another linear map of the row"},
      {"norm_epsilon", 1e-5, "Added to the mean square of each head's output as it is normed"},
      {"conv", 0, "Width of a causal convolution and a SiLU over queries, keys and values; 0 = none"},
      {"scale", 0.0, "Factor on the queries; 0 = 1 / sqrt(key width of a head)"},
  };
}

base::Json complete_retention_options(std::int64_t width, const base::Json& given) {
  LayerOptions o("retention", given, retention_option_specs());
  const std::int64_t heads = o.whole("heads", 1, 4096);
  const std::int64_t key = o.head_width(width, "heads", "expand_k"),
                     value = o.head_width(width, "heads", "expand_v");
  o.require(key <= scan::kMaxDim, "expand_k", fmt::format("heads of at most {} keys", scan::kMaxDim));
  o.require(value <= scan::kMaxDim, "expand_v", fmt::format("heads of at most {} values", scan::kMaxDim));
  base::Json& decays = o.json["decays"];
  if (decays.empty()) decays = published_decays(heads);
  const bool fine = decays.size() == static_cast<std::size_t>(heads) &&
                    std::all_of(decays.begin(), decays.end(), [](const base::Json& x) {
                      return x.is_number() && x.get<double>() > 0 && x.get<double>() <= 1;
                    });
  o.require(
      fine, "decays",
      fmt::format("{} numbers, one a head, more than 0 and at most 1, or [] for the published ones", heads));
  for (base::Json& x : decays) x = x.get<double>();
  if (o.flag("rotary") && key % 2 != 0)
    o.refuse(uneven_heads(width, "expand_k", o.json["expand_k"].get<double>(), heads, 2) +
             ", or rotary=false: rotary positions turn pairs");
  const double base = o.number("rotary_base", "more than 1", [](double x) { return x > 1; });
  o.require(o.flag("rotary") || base == 10000, "rotary_base",
            "10000 with rotary=false, which has no use for it");
  o.number("norm_epsilon", "more than 0", [](double x) { return x > 0; });
  o.whole("conv", 0, 64);
  o.require(o.json["conv"] != 1, "conv", "0 (none) or at least 2 tokens");
  o.key_scale(key);
  return o.json;
}

RetentionOptions read_retention_options(const MixerSetting& setting) {
  LayerOptions o("retention", complete_retention_options(setting.width, setting.options),
                 retention_option_specs());
  RetentionOptions read;
  read.scan.heads = read.scan.key_heads = o.json["heads"].get<int>();
  read.scan.key_dim = static_cast<int>(o.head_width(setting.width, "heads", "expand_k"));
  read.scan.value_dim = static_cast<int>(o.head_width(setting.width, "heads", "expand_v"));
  read.scan.decay = scan::Decay::Head;
  read.scan.scale = o.json["scale"].get<double>();
  read.decays = o.json["decays"].get<std::vector<double>>();
  read.rotary = o.flag("rotary");
  read.turns.dims = read.scan.key_dim;
  read.turns.base = o.json["rotary_base"].get<double>();
  read.output_gate = o.flag("output_gate");
  read.norm_epsilon = o.json["norm_epsilon"].get<double>();
  read.conv = o.json["conv"].get<std::int64_t>();
  return read;
}

}  // namespace yore::mixers
