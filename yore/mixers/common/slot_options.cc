#include "yore/mixers/common/slot_options.h"

#include <cmath>

#include "yore/mixers/common/scan_cost.h"

namespace yore::mixers {

std::vector<base::OptionSpec> slot_option_specs(const SlotDefaults& defaults) {
  return {
      {"heads", 4, "Heads; each has slots of its own"},
      {"slots", 64, "Keys and values that a head keeps"},
      {"expand_k", 1.0, "Queries and keys of all heads, as a share of the width"},
      {"expand_v", 1.0, "Values of all heads, as a share of the width"},
      {"feature_map", defaults.feature_map, "What queries and keys pass: none or silu"},
      {"value_map", defaults.value_map, "What values pass: none or silu"},
      {"output_map", defaults.output_map, "What outputs pass before the norm: none or silu"},
      {"norm", "layer",
       "Outputs divided by their root mean square: none, head (each head's) or layer (all heads')"},
      {"norm_epsilon", 1e-5, "Added to the mean square of the norm"},
      {"output_gate", false, "The outputs pass a gate: times SiLU of another linear map of the row"},
      {"conv", 0, "Width of a causal convolution and a SiLU over queries, keys and values; 0 = none"},
      {"scale", 0.0, "Factor on the product of query and key; 0 = what is published"},
  };
}

void complete_slot_options(std::int64_t width, LayerOptions& o) {
  o.whole("heads", 1, 4096);
  o.whole("slots", 1, scan::kMaxDim);
  o.require(o.head_width(width, "heads", "expand_k") <= scan::kMaxDim, "expand_k",
            "heads of at most 1024 keys");
  o.require(o.head_width(width, "heads", "expand_v") <= scan::kMaxDim, "expand_v",
            "heads of at most 1024 values");
  for (const char* map : {"feature_map", "value_map", "output_map"}) o.word(map, {"none", "silu"});
  const std::string norm = o.word("norm", {"none", "head", "layer"});
  const double epsilon = o.number("norm_epsilon", "more than 0", [](double x) { return x > 0; });
  o.require(norm != "none" || epsilon == SlotLayer{}.norm_epsilon, "norm_epsilon",
            "a norm beside it, without which it does nothing");
  o.whole("conv", 0, 64);
  o.require(o.json["conv"] != 1, "conv", "0 (none) or at least 2 tokens");
  o.scale("what is published");
}

SlotLayer read_slot_options(std::int64_t width, LayerOptions& o) {
  SlotLayer layer;
  layer.slots.heads = layer.slots.key_heads = o.json["heads"].get<int>();
  layer.slots.key_dim = static_cast<int>(o.head_width(width, "heads", "expand_k"));
  layer.slots.value_dim = static_cast<int>(o.head_width(width, "heads", "expand_v"));
  layer.slots.slots = o.json["slots"].get<int>();
  layer.slots.scale = o.json["scale"].get<double>();
  layer.feature_map = o.json["feature_map"].get<std::string>();
  layer.value_map = o.json["value_map"].get<std::string>();
  layer.output_map = o.json["output_map"].get<std::string>();
  layer.norm = o.json["norm"].get<std::string>();
  layer.norm_epsilon = o.json["norm_epsilon"].get<double>();
  layer.output_gate = o.flag("output_gate");
  layer.conv = o.json["conv"].get<std::int64_t>();
  return layer;
}

std::vector<ParameterSpec> slot_parameters_before(std::int64_t width, const SlotLayer& layer) {
  std::vector<ParameterSpec> list = {{"qkv.weight", {layer.channels(), width}, Start::FanIn, true}};
  if (layer.conv > 0) list.push_back({"conv.weight", {layer.channels(), layer.conv}, Start::FanIn});
  return list;
}

std::vector<ParameterSpec> slot_parameters_after(std::int64_t width, const SlotLayer& layer) {
  std::vector<ParameterSpec> list;
  if (layer.output_gate) list.push_back({"gate.weight", {layer.values(), width}, Start::FanIn, true});
  if (layer.norm != "none")
    list.push_back({"out_norm.weight",
                    {layer.norm == "head" ? std::int64_t{layer.slots.value_dim} : layer.values()},
                    Start::One});
  list.push_back({"out.weight", {width, layer.values()}, Start::FanIn, true});
  return list;
}

std::int64_t slot_state_bytes(const SlotLayer& layer) {
  return scan_state_bytes(layer.slots.keys()) + scan_state_bytes(layer.slots.values()) +
         conv_state_bytes(layer.channels(), layer.conv);
}

double slot_flops(const SlotLayer& layer) {
  const double both = scan_flops(layer.slots.keys()) + scan_flops(layer.slots.values());
  return layer.slots.erase == slots::Erase::Delta ? both + scan_flops(layer.slots.erased()) : both;
}

}  // namespace yore::mixers
