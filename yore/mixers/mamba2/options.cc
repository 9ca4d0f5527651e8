#include "yore/mixers/mamba2/options.h"

#include <fmt/format.h>

#include <cmath>

#include "yore/mixers/common/layer_options.h"

namespace yore::mixers {

std::vector<base::OptionSpec> mamba2_option_specs() {
  return {
      {"expand", 2.0, "Channels of all heads, as a multiple of the width"},
      {"head_width", 64, "Channels of a head; 0 = channels / heads"},
      {"heads", 0, "Heads; 0 = as many as the channels make, which is all that fits"},
      {"state", 128, "Numbers that a channel remembers: the length of B and C"},
      {"groups", 1, "Heads / groups heads in a row share B and C"},
      {"conv", 4, "Width of the causal convolution and SiLU over x, B and C; 0 = none"},
      {"conv_bias", true, "The convolution adds a learnt number to each channel"},
      {"bias", false, "The maps into and out of the layer add learnt numbers"},
      {"a_min", 1.0, "Decay rates start uniform from here .."},
      {"a_max", 16.0, ".. to here"},
      {"dt_min", 0.001, "Steps start, with their logarithms uniform, from here .."},
      {"dt_max", 0.1, ".. to here"},
      {"dt_least", 0.0, "No step is smaller"},
      {"dt_most", 0.0, "No step is larger; 0 = no bound"},
      {"skip_per_channel", false, "Each channel has a skip factor D of its own, not each head"},
      {"norm", "group",
       "What is divided by the root of its mean square, times learnt weights: group (each group's channels), "
       "whole (all channels), none"},
      {"norm_before_gate", false, "The norm comes before the gate SiLU(z), not after it"},
      {"norm_epsilon", 1e-5, "Added to that mean square"},
      strict_read_spec(),
  };
}

namespace {

// Settles heads and head_width, of which either follows from the other and the channels; returns the heads.
std::int64_t complete_mamba2_heads(std::int64_t width, LayerOptions& o) {
  const std::int64_t wanted = o.whole("heads", 0, 4096);
  const double expand =
      o.number("expand", "more than 0 and at most 64", [](double x) { return x > 0 && x <= 64; });
  const double inner = expand * static_cast<double>(width);
  if (o.whole("head_width", 0, scan::kMaxDim) == 0) {
    o.require(wanted > 0, "head_width", "1 or more, or heads beside it, which make it channels / heads");
    o.json["head_width"] = o.head_width(width, "heads", "expand");
    o.whole("head_width", 1, scan::kMaxDim);
    return wanted;
  }
  const auto head = o.json["head_width"].get<std::int64_t>();
  const double count = inner / static_cast<double>(head);
  const bool fits = count >= 1 && count <= 4096 && std::abs(count - std::round(count)) < 1e-9;
  if (!fits)
    o.refuse(
        fmt::format("width {}: expand = {:g} of it are {:g} channels, which do not make 1 to 4096 heads of "
                    "head_width {}{}; expected a head_width that divides the channels, or 0 with heads=N",
                    width, expand, inner, head, o.given("head_width") ? "" : " (the default)"));
  const std::int64_t heads = std::llround(count);
  if (wanted == 0) o.json["heads"] = heads;
  o.require(o.json["heads"] == heads, "heads",
            fmt::format("0 or {}: {:g} channels in heads of {}", heads, inner, head));
  return heads;
}

}  // namespace

base::Json complete_mamba2_options(std::int64_t width, const base::Json& given) {
  LayerOptions o("mamba2", given, mamba2_option_specs());
  const std::int64_t heads = complete_mamba2_heads(width, o);
  o.whole("state", 1, scan::kMaxDim);
  const std::int64_t groups = o.whole("groups", 1, 4096);
  o.require(heads % groups == 0, "groups", fmt::format("a divisor of the {} heads", heads));
  const std::int64_t conv = o.whole("conv", 0, 64);
  o.require(conv != 1, "conv", "0 (none) or at least 2 tokens");
  o.require(conv > 0 || o.flag("conv_bias"), "conv_bias", "true with conv=0, which has no use for it");
  const auto positive = [](double x) { return x > 0; };
  const double a_min = o.number("a_min", "at least 0", [](double x) { return x >= 0; });
  o.number("a_max", fmt::format("more than 0 and at least a_min = {:g}", a_min),
           [&](double x) { return x > 0 && x >= a_min; });
  const double dt_min = o.number("dt_min", "more than 0", positive);
  o.number("dt_max", fmt::format("at least dt_min = {:g}", dt_min), [&](double x) { return x >= dt_min; });
  const double least = o.number("dt_least", "at least 0", [](double x) { return x >= 0; });
  o.number("dt_most", fmt::format("0 (no bound) or more than dt_least = {:g}", least),
           [&](double x) { return x == 0 || x > least; });
  const std::string norm = o.word("norm", {"group", "whole", "none"});
  o.require(norm != "none" || !o.flag("norm_before_gate"), "norm_before_gate", "false with norm=none");
  const double epsilon = o.number("norm_epsilon", "more than 0", positive);
  o.require(norm != "none" || epsilon == 1e-5, "norm_epsilon",
            "1e-5 with norm=none, which has no use for it");
  o.leave_out({{"strict_read", false}});
  return o.json;
}

Mamba2Options read_mamba2_options(const MixerSetting& setting) {
  LayerOptions o("mamba2", complete_mamba2_options(setting.width, setting.options), mamba2_option_specs());
  const auto number = [&](const char* name) { return o.json[name].get<double>(); };
  Mamba2Options read;
  read.scan.heads = o.json["heads"].get<int>();
  read.scan.key_heads = o.json["groups"].get<int>();
  read.scan.key_dim = o.json["state"].get<int>();
  read.scan.value_dim = o.json["head_width"].get<int>();
  read.scan.decay = scan::Decay::Head;
  read.conv = o.json["conv"].get<std::int64_t>();
  read.conv_bias = read.conv > 0 && o.flag("conv_bias");
  read.bias = o.flag("bias");
  read.a_min = number("a_min"), read.a_max = number("a_max");
  read.dt_min = number("dt_min"), read.dt_max = number("dt_max");
  read.dt_least = number("dt_least"), read.dt_most = number("dt_most");
  read.skip_per_channel = o.flag("skip_per_channel");
  const auto norm = o.json["norm"].get<std::string>();
  read.norm = norm == "none"    ? Mamba2Options::Norm::None
              : norm == "whole" ? Mamba2Options::Norm::Whole
                                : Mamba2Options::Norm::Group;
  read.norm_before_gate = o.flag("norm_before_gate");
  read.access.strict_read = o.flag("strict_read");
  read.norm_epsilon = number("norm_epsilon");
  return read;
}

}  // namespace yore::mixers
