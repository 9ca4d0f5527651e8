#include "yore/mixers/abc/options.h"

#include <cmath>

namespace yore::mixers {

std::vector<base::OptionSpec> abc_option_specs() {
  std::vector<base::OptionSpec> specs = slot_option_specs({});
  for (base::OptionSpec& spec : specs) {
    if (spec.name == "expand_k") spec.fallback = 0.5;
    if (spec.name == "norm") spec.fallback = "head";
    if (spec.name == "output_gate") spec.fallback = true;
  }
  specs.push_back({"positions", "rotary", "none or rotary (queries and keys turned)"});
  specs.push_back({"rotary_base", 10000.0, "Pair c of n turned dims turns by base^(-2c/n) a position"});
  specs.push_back(
      {"clamp", 32.0, "Logits by which tokens are written into slots stay within this, either way"});
  return specs;
}

base::Json complete_abc_options(std::int64_t width, const base::Json& given) {
  LayerOptions o("abc", given, abc_option_specs());
  complete_slot_options(width, o);
  // Rotary positions turn pairs.
  const bool rotary = o.word("positions", {"none", "rotary"}) == "rotary";
  const std::int64_t key = o.head_width(width, "heads", "expand_k", rotary ? 2 : 1);
  if (o.json["scale"] == 0) o.json["scale"] = 1 / std::sqrt(static_cast<double>(key));
  const double base = o.number("rotary_base", "more than 1", [](double x) { return x > 1; });
  o.require(rotary || base == Rotary{}.base, "rotary_base",
            "positions=rotary beside it, without which it does nothing");
  o.number("clamp", "more than 0 and at most 40", [](double x) { return x > 0 && x <= 40; });
  return o.json;
}

AbcOptions read_abc_options(const MixerSetting& setting) {
  LayerOptions o("abc", complete_abc_options(setting.width, setting.options), abc_option_specs());
  AbcOptions read;
  read.layer = read_slot_options(setting.width, o);
  read.rotary = o.json["positions"] == "rotary";
  read.turns.dims = read.layer.slots.key_dim;
  read.turns.base = o.json["rotary_base"].get<double>();
  read.clamp = o.json["clamp"].get<double>();
  return read;
}

}  // namespace yore::mixers
