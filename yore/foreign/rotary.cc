#include "yore/foreign/rotary.h"

#include <fmt/format.h>

#include <cmath>

namespace yore::foreign {

using mixers::RotaryScaling;

Json rotary_options_of(const Fields& rope, double base, std::int64_t fallback_length) {
  const std::string type = rope.text("rope_type", rope.text("type", "default"));
  const auto original = [&] {
    return fallback_length > 0 ? rope.whole("original_max_position_embeddings", 1, fallback_length)
                               : rope.whole("original_max_position_embeddings", 1);
  };
  RotaryScaling scaling;
  if (type != "default") scaling.factor = rope.number("factor");
  if (type == "linear") {
    scaling.kind = RotaryScaling::Kind::Linear;
  } else if (type == "llama3") {
    scaling.kind = RotaryScaling::Kind::Llama3;
    scaling.low = rope.number("low_freq_factor");
    scaling.high = rope.number("high_freq_factor");
    scaling.original = static_cast<double>(original());
  } else if (type == "yarn") {
    scaling.kind = RotaryScaling::Kind::Yarn;
    scaling.high = rope.number("beta_fast", 32);
    scaling.low = rope.number("beta_slow", 1);
    scaling.original = static_cast<double>(original());
    const double factor = 0.1 * std::log(scaling.factor) + 1;
    rope.require(std::abs(rope.number("attention_factor", factor) - factor) < 1e-6, "attention_factor",
                 fmt::format("0.1 ln(factor) + 1 = {}", factor));
    for (const char* name : {"mscale", "mscale_all_dim"})
      rope.require(!rope.has(name) || rope.number(name) == 0, name, "none");
    rope.require(rope.flag("truncate", true), "truncate", "true");
  } else if (type != "default") {
    rope.refuse(rope.has("rope_type") ? "rope_type" : "type", "one of default, linear, llama3, yarn");
  }
  rope.require(rope.number("partial_rotary_factor", 1) == 1, "partial_rotary_factor", "1");
  return {{"positions", "rotary"},
          {"rotary_base", rope.number("rope_theta", base)},
          {"rotary_scaling", mixers::rotary_scaling_text(scaling)}};
}

Json rotary_options(const Fields& config, double base) {
  const double theta = config.number("rope_theta", base);
  const std::int64_t length = config.whole("max_position_embeddings", 1, 0);
  const Fields rope = config.inner(config.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
  for (const char* kind : {"full_attention", "sliding_attention"})
    rope.require(!rope.has(kind), kind, "none: all layers of this family have the same positions");
  Json options = rotary_options_of(rope, theta, length);
  if (config.has("rope_parameters") && config.has("rope_scaling"))  // of which transformers reads this one
    config.require(
        rotary_options_of(config.inner("rope_scaling"), rope.number("rope_theta", theta), length) == options,
        "rope_scaling", "the same as rope_parameters, or only one of the two");
  return options;
}

Json rope_parameters(const mixers::Rotary& rotary) {
  const RotaryScaling& s = rotary.scaling;
  Json json = {{"rope_type", "default"}, {"rope_theta", rotary.base}};
  if (s.kind == RotaryScaling::Kind::None) return json;
  json["factor"] = s.factor;
  if (s.kind == RotaryScaling::Kind::Linear) {
    json["rope_type"] = "linear";
    return json;
  }
  json["original_max_position_embeddings"] = static_cast<std::int64_t>(s.original);
  if (s.kind == RotaryScaling::Kind::Llama3) {
    json["rope_type"] = "llama3";
    json["low_freq_factor"] = s.low;
    json["high_freq_factor"] = s.high;
  } else {
    json["rope_type"] = "yarn";
    json["beta_fast"] = s.high;
    json["beta_slow"] = s.low;
  }
  return json;
}

}  // namespace yore::foreign
