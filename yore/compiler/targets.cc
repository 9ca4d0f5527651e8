#include "yore/compiler/targets.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/base/near_names.h"
#include "yore/mixers/spec.h"

namespace yore::compiler {
namespace {

/// Why nothing is compiled for the mixers that are no targets.
struct Unfit {
  const char* mixer;
  const char* reason;
};
constexpr const char* kNoGate =
    "its decays do not depend on the token, so that no letter can clear what it remembers: "
    "time-invariant decays cannot express \"since\" (arXiv 2601.19467)";
constexpr const char* kSlots =
    "a softmax stands between its state and what it hands on, which is exact for no length";
constexpr Unfit kUnfit[] = {
    {"retention", kNoGate},
    {"linear_attention", kNoGate},
    {"short_conv",
     "it sees the last few tokens only: compile for attention, whose heads of lookback 1 do the same"},
    {"abc", kSlots},
    {"gsa", kSlots},
    {"blurry_window", kSlots},
};

bool is_delta(const std::string& mixer) {
  return mixer == "delta_net" || mixer == "gated_delta_net" || mixer == "kda";
}

constexpr const char* kPlainDelta =
    "conv=0,qk_activation=none,qk_norm=none,v_activation=none,output_gate=false,out_norm=false,scale=1";

}  // namespace

const std::vector<Target>& recurrent_targets() {
  static const std::vector<Target> list = {
      {"gla", false}, {"mamba2", false}, {"delta_net", true}, {"gated_delta_net", true}, {"kda", true}};
  return list;
}

std::vector<std::string> target_names() {
  std::vector<std::string> names = {kAutoMixer, kAttentionMixer};
  for (const Target& target : recurrent_targets()) names.emplace_back(target.mixer);
  return names;
}

const Target* find_target(const std::string& mixer) {
  for (const Target& target : recurrent_targets())
    if (target.mixer == mixer) return &target;
  return nullptr;
}

void check_target(const std::string& mixer) {
  const std::vector<std::string> names = target_names();
  if (std::find(names.begin(), names.end(), mixer) != names.end()) return;
  for (const Unfit& unfit : kUnfit)
    if (mixer == unfit.mixer)
      throw base::InputError("--mixer", fmt::format("nothing is compiled for {}: {}; expected one of {}",
                                                    mixer, unfit.reason, fmt::join(names, ", ")));
  throw base::InputError("--mixer", fmt::format("expected one of {}; found \"{}\"{}", fmt::join(names, ", "),
                                                mixer, base::did_you_mean(mixer, names)));
}

std::string latch_mixer(const std::string& mixer, int width, int heads) {
  const double share = static_cast<double>(heads) / width;
  if (mixer == "gla")
    return fmt::format(
        "gla:heads={0},expand_k={1},expand_v={1},gate_rank={0},gate_divisor=1,output_gate=false,out_norm="
        "false,"
        "conv=0,scale=1,strict_read=true",
        heads, share);
  if (mixer == "mamba2")
    return fmt::format(
        "mamba2:heads={},expand={},head_width=1,state=1,conv=0,bias=true,norm=none,dt_most=256,strict_read="
        "true",
        heads, share);
  if (mixer == "delta_net")
    return fmt::format("delta_net:heads={0},expand_k={1},expand_v={1},{2},strict_read=true", heads, share,
                       kPlainDelta);
  return fmt::format("{}:heads={},head_dim=1,expand_v=1,{},strict_read=true", mixer, heads, kPlainDelta);
}

std::string stepped_mixer(const std::string& mixer, int width, int dim, int steps) {
  const std::string rest = fmt::format("{},steps={}", kPlainDelta, steps);
  if (mixer == "delta_net")
    return fmt::format("delta_net:heads=1,expand_k={},expand_v={},beta=false,{}",
                       static_cast<double>(dim) / width, 1.0 / width, rest);
  return fmt::format("{}:heads=1,head_dim={},expand_v={},{}", mixer, dim, 1.0 / dim, rest);
}

std::string exactness_lost(const std::string& mixer, const base::Json& o, bool steps) {
  const auto is = [&](const char* option, const base::Json& fallback, const base::Json& wanted) {
    return o.value(option, fallback) == wanted;
  };
  const auto lost = [&](const char* option, const base::Json& fallback, const char* why) {
    return fmt::format("{}={}: {}", option, o.value(option, fallback).dump(), why);
  };
  if (!is("conv", 4, 0)) return lost("conv", 4, "a convolution with its activation stands before the state");
  if (!steps && !is("strict_read", false, true))
    return lost("strict_read", false, "a token would read its own write, and the past is strict");
  if (mixer == "mamba2")
    return is("norm", "group", "none") ? "" : lost("norm", "group", "the channels are divided by their size");
  if (!is("out_norm", true, false))
    return lost("out_norm", true, "each head's output is divided by its size");
  if (!is("output_gate", true, false))
    return lost("output_gate", true, "the outputs are multiplied by an activation");
  if (!is_delta(mixer)) return "";
  if (!is("qk_norm", "l2", "none")) return lost("qk_norm", "l2", "keys are divided by their size");
  if (!is("qk_activation", "silu", "none"))
    return lost("qk_activation", "silu", "queries and keys pass an activation");
  if (!is("v_activation", "silu", "none")) return lost("v_activation", "silu", "values pass an activation");
  return "";
}

}  // namespace yore::compiler
