#include "yore/mixers/attention/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "yore/base/error.h"
#include "yore/base/near_names.h"
#include "yore/mixers/attention/kinds.h"
#include "yore/mixers/common/alibi.h"
#include "yore/mixers/common/layer_options.h"

namespace yore::mixers {
namespace {

using base::InputError;
using base::Json;

constexpr const char* kSource = "mixer attention";
// Lists of heads are made before a file's weights are looked at, which must not fill the memory on a broken
// file's word.
constexpr int kMostHeads = 4096;
/// Largest lookback, window and number of sinks.
constexpr std::int64_t kLargest = 1'000'000'000;

void require(bool fine, const char* option, const std::string& expected, const Json& found) {
  if (!fine)
    throw InputError(kSource, fmt::format("{}: expected {}, found {}", option, expected, found.dump()));
}

// One number a head, from one number, a list, or a kind as in kinds.h.
Json lookbacks(const Json& given, int heads) {
  if (given.is_string()) return parse_attention(given.get<std::string>(), 1, heads).front().lookback;
  if (given.is_number_integer()) return Json(std::vector<Json>(static_cast<std::size_t>(heads), given));
  require(given.is_array() && given.size() == static_cast<std::size_t>(heads), "lookback",
          fmt::format("a number, a kind such as hybrid:1, or a list of {} numbers, one a head", heads),
          given);
  return given;
}

/// A whole number of `least` to kLargest, before it is converted: larger ones would turn negative.
bool in_range(const Json& x, std::int64_t least) {
  return x.is_number_integer() &&
         (!x.is_number_unsigned() || x.get<std::uint64_t>() <= std::uint64_t{kLargest}) &&
         x.get<std::int64_t>() >= least && x.get<std::int64_t>() <= kLargest;
}

/// The option is one of these words.
std::string word(const Json& o, const char* option, const std::vector<std::string>& words) {
  const auto found = o[option].get<std::string>();
  require(std::find(words.begin(), words.end(), found) != words.end(), option,
          fmt::format("one of {}{}", fmt::join(words, ", "), base::did_you_mean(found, words)), o[option]);
  return found;
}

/// The option as a double, which must fulfil `fine`.
double number(Json& o, const char* option, const std::string& expected, const auto& fine) {
  const auto x = o[option].get<double>();
  require(std::isfinite(x) && fine(x), option, expected, o[option]);
  o[option] = x;
  return x;
}

void complete_heads(std::int64_t width, Json& o) {
  const auto heads = o["heads"].get<std::int64_t>();
  require(heads >= 1 && heads <= kMostHeads, "heads", fmt::format("1 to {}", kMostHeads), o["heads"]);
  if (o["kv_heads"] == 0) o["kv_heads"] = heads;
  const auto kv_heads = o["kv_heads"].get<std::int64_t>();
  require(kv_heads >= 1 && heads % kv_heads == 0, "kv_heads", fmt::format("a divisor of the {} heads", heads),
          o["kv_heads"]);
  if (o["head_width"] == 0) {
    if (width % heads != 0)
      throw InputError(kSource, uneven_heads(width, "", 1, heads) + ", or a head_width");
    if (width / heads > kMaxDim)
      throw InputError(kSource, fmt::format("width {} in {} heads: head_width: expected 1 to {}, found {}",
                                            width, heads, kMaxDim, width / heads));
    o["head_width"] = width / heads;
  }
  const auto head_width = o["head_width"].get<std::int64_t>();
  require(head_width >= 1 && head_width <= kMaxDim, "head_width", fmt::format("1 to {}", kMaxDim),
          o["head_width"]);
}

/// Lookbacks, one a head, and sinks.
void complete_mask(Json& o) {
  require(in_range(o["window"], 0), "window", fmt::format("1 to {}", kLargest), o["window"]);
  const auto window = o["window"].get<std::int64_t>();
  if (window > 0) {
    require(o["lookback"].is_null(), "window", "window or lookback, not both", o["lookback"]);
    require(o["strict"] == false, "window",
            "strict=false (a window counts the position itself, which a strict mask hides; say lookback)",
            o["window"]);
    o["lookback"] = window - 1;
  }
  o.erase("window");
  o["lookback"] = lookbacks(o["lookback"].is_null() ? Json(kGlobal) : o["lookback"], o["heads"].get<int>());
  bool local = false;
  for (const Json& k : o["lookback"]) {
    require(in_range(k, kGlobal), "lookback", fmt::format("whole numbers of -1 (global) to {}", kLargest),
            o["lookback"]);
    local = local || k.get<std::int64_t>() >= 0;
  }
  require(in_range(o["sinks"], 0), "sinks", fmt::format("0 to {}", kLargest), o["sinks"]);
  const auto sinks = o["sinks"].get<std::int64_t>();
  require(sinks == 0 || local, "sinks", "0 where every head is global and sees the first keys anyway",
          o["sinks"]);
}

// `derived`: the head_width is the width's share of a head, and nobody gave it.
void complete_positions(std::int64_t width, bool derived, Json& o) {
  const std::string positions = word(o, "positions", {"none", "rotary", "alibi"});
  if (positions != "rotary")
    for (const base::OptionSpec& option : attention_option_specs())
      if (option.name.rfind("rotary_", 0) == 0)
        require(o[option.name] == option.fallback, option.name.c_str(),
                fmt::format("positions=rotary beside it, without which it does nothing (positions are {})",
                            positions),
                o[option.name]);
  number(o, "rotary_base", "more than 1", [](double x) { return x > 1; });
  word(o, "rotary_style", {"half", "adjacent"});
  o["rotary_scaling"] =
      rotary_scaling_text(parse_rotary_scaling(o["rotary_scaling"].get<std::string>(), kSource));
  const auto head_width = o["head_width"].get<double>();
  const double fraction =
      number(o, "rotary_fraction", "more than 0 and at most 1", [](double x) { return x > 0 && x <= 1; });
  if (positions != "rotary") return;
  const double dims = std::round(fraction * head_width);
  if (fraction == 1 && std::fmod(dims, 2) != 0)
    throw InputError(kSource, derived ? uneven_heads(width, "", 1, o["heads"].get<std::int64_t>(), 2) +
                                            ", or an even head_width: rotary positions turn pairs"
                                      : fmt::format("head_width: expected an even number for rotary "
                                                    "positions, found {}",
                                                    head_width));
  require(std::abs(dims - fraction * head_width) < 1e-6 && dims >= 2 && std::fmod(dims, 2) == 0,
          "rotary_fraction",
          fmt::format("a share of the head_width {} that is an even number of dims", head_width),
          o["rotary_fraction"]);
  o["rotary_fraction"] = dims / head_width;
}

/// A layer with a causal mask and a softmax names neither: its description is that of versions that had
/// nothing else.
void complete_encoder(Json& o) {
  const bool encoder = word(o, "mask", {"causal", "none"}) == "none";
  const bool hard = word(o, "weights", {"softmax", "hard"}) == "hard";
  require(!hard || encoder, "weights", "softmax, or hard together with mask=none", o["weights"]);
  if (!encoder) {
    o.erase("mask");
    o.erase("weights");
    return;
  }
  for (const Json& k : o["lookback"])
    require(k == kGlobal, "lookback", "global beside mask=none, which hides nothing", o["lookback"]);
  require(o["strict"] == false, "strict", "false beside mask=none, which hides nothing", o["strict"]);
  require(o["positions"] == "none", "positions", "none beside mask=none", o["positions"]);
  require(o["sink_logits"] == false, "sink_logits", "false beside mask=none", o["sink_logits"]);
  require(o["soft_cap"] == 0, "soft_cap", "0 beside mask=none", o["soft_cap"]);
}

/// A layer without V-scale does not name it: its description is that of versions that had none.
void complete_value_scale(std::int64_t width, Json& o) {
  const std::string kind = word(o, "value_scale", {"off", "on", "backward_only"});
  const double sigma = number(o, "value_scale_sigma", "0 or 1e-15 to 1e15",
                              [](double x) { return x == 0 || (x >= 1e-15 && x <= 1e15); });
  if (kind == "off") {
    require(sigma == 0, "value_scale_sigma", "a value_scale beside it, without which it does nothing",
            o["value_scale_sigma"]);
    o.erase("value_scale");
    o.erase("value_scale_sigma");
  } else if (sigma == 0) {
    o["value_scale_sigma"] = 1 / std::sqrt(3.0 * static_cast<double>(width));  // of Start::FanIn
  }
}

}  // namespace

std::vector<base::OptionSpec> attention_option_specs() {
  return {
      {"heads", 4, "Heads, of queries"},
      {"kv_heads", 0,
       "Heads of keys and values, a divisor of heads: each is read by heads / kv_heads neighbours; 0 = "
       "heads"},
      {"head_width", 0, "Width of a head; 0 = width / heads"},
      {"lookback", nullptr,
       "Strictly earlier positions in reach: -1 or global = all, K, a kind such as hybrid:1, or a list, one "
       "a "
       "head; default global"},
      {"window", 0,
       "Instead of lookback: keys in reach including self, so a lookback of window - 1 (needs strict=false)"},
      {"strict", false, "Position i sees only j < i; false: itself too"},
      {"mask", "causal",
       "causal, or none: every position sees all of its sequence (an encoder, which cannot generate)"},
      {"weights", "softmax",
       "softmax, or hard: the mean of the values whose scores are the largest, ties alike (needs mask=none)"},
      {"positions", "none",
       "none, rotary (queries and keys turned) or alibi (scores lowered by distance, slopes of Press et "
       "al.)"},
      {"rotary_base", 10000.0, "Pair c of n turned dims turns by base^(-2c/n) a position"},
      {"rotary_fraction", 1.0, "Share of a head's dims that turn, the first ones"},
      {"rotary_style", "half", "Pairs of turned dims: half (c and c + n/2) or adjacent (2c and 2c + 1)"},
      {"rotary_scaling", "none",
       "Frequencies for texts longer than trained on: none, linear:FACTOR, llama3:FACTOR,LOW,HIGH,ORIGINAL "
       "or "
       "yarn:FACTOR,ORIGINAL,FAST,SLOW; on a command line the numbers stand in brackets"},
      {"bias", true, "Queries, keys and values have a bias"},
      {"out_bias", nullptr, "The output has a bias; default as bias"},
      {"qk_norm", "none",
       "Each head's queries and keys divided by their root mean square: none, rms (times a weight) "
       "or rms+1 (times 1 + weight)"},
      {"qk_norm_epsilon", 1e-6, "Added to the mean square of qk_norm"},
      {"scale", 0.0, "Factor on the product of query and key; 0 = 1 / sqrt(head_width)"},
      {"soft_cap", 0.0, "c: scores s become c tanh(s / c); 0 = they stay"},
      {"sinks", 0, "The first keys of a sequence that stay visible beyond the lookback"},
      {"sink_logits", false, "A learnt logit a head takes part in the softmax and gives no value"},
      {"value_scale", "off",
       "V-scale: values v times r / (r + C) with r = |v|^2 and C = width head_width sigma^2 e^theta, theta "
       "learnt a key head from 0: off, on, or backward_only (only gradients are scaled, theta stays 0)"},
      {"value_scale_sigma", 0.0,
       "The sigma of value_scale; 0 = standard deviation with which the values' weights begin, 1 / sqrt(3 "
       "width)"},
  };
}

Json complete_attention_options(std::int64_t width, const Json& given) {
  Json o = base::complete_options(given, attention_option_specs(), kSource);
  const bool derived = o["head_width"] == 0;
  complete_heads(width, o);
  complete_mask(o);
  complete_positions(width, derived, o);
  if (o["out_bias"].is_null()) o["out_bias"] = o["bias"];
  require(o["out_bias"].is_boolean(), "out_bias", "true or false", o["out_bias"]);
  const std::string norm = word(o, "qk_norm", {"none", "rms", "rms+1"});
  const double epsilon = number(o, "qk_norm_epsilon", "at least 0", [](double x) { return x >= 0; });
  require(norm != "none" || epsilon == AttentionOptions{}.qk_norm_epsilon, "qk_norm_epsilon",
          "a qk_norm beside it, without which it does nothing", o["qk_norm_epsilon"]);
  if (number(o, "scale", "more than 0 and at most 1e30, or 0 for 1 / sqrt(head_width)",
             [](double x) { return x >= 0 && x <= 1e30; }) == 0)
    o["scale"] = 1.0 / std::sqrt(o["head_width"].get<double>());
  number(o, "soft_cap", "0 (none) or 1e-30 to 1e30",
         [](double x) { return x == 0 || (x >= 1e-30 && x <= 1e30); });
  complete_value_scale(width, o);
  complete_encoder(o);
  return o;
}

AttentionOptions read_attention_options(const MixerSetting& setting) {
  const Json o = complete_attention_options(setting.width, setting.options);
  AttentionOptions read;
  read.heads = o["heads"].get<int>();
  read.kv_heads = o["kv_heads"].get<int>();
  read.head_width = o["head_width"].get<int>();
  read.bias = o["bias"].get<bool>();
  read.out_bias = o["out_bias"].get<bool>();
  read.qk_norm = o["qk_norm"] == "none"  ? QkNorm::None
                 : o["qk_norm"] == "rms" ? QkNorm::Rms
                                         : QkNorm::RmsPlusOne;
  read.qk_norm_epsilon = o["qk_norm_epsilon"].get<double>();
  read.sink_logits = o["sink_logits"].get<bool>();
  read.encoder = o.contains("mask");
  read.hard = read.encoder && o["weights"] == "hard";
  if (o.contains("value_scale")) {
    const double sigma = o["value_scale_sigma"].get<double>();
    read.value_scale = o["value_scale"] == "on" ? ValueScale::On : ValueScale::BackwardOnly;
    read.value_scale_constant = static_cast<double>(setting.width) * read.head_width * sigma * sigma;
  }
  read.params.lookback = o["lookback"].get<std::vector<int>>();
  read.params.strict = o["strict"].get<bool>();
  read.params.scale = o["scale"].get<double>();
  read.params.soft_cap = o["soft_cap"].get<double>();
  read.params.sinks = o["sinks"].get<int>();
  if (o["positions"] == "alibi") {
    read.positions = AttentionPositions::Alibi;
    read.params.alibi_slopes = alibi_slopes(read.heads);
  } else if (o["positions"] == "rotary") {
    read.positions = AttentionPositions::Rotary;
    read.rotary.dims = std::llround(o["rotary_fraction"].get<double>() * read.head_width);
    read.rotary.base = o["rotary_base"].get<double>();
    read.rotary.adjacent = o["rotary_style"] == "adjacent";
    read.rotary.scaling = parse_rotary_scaling(o["rotary_scaling"].get<std::string>(), kSource);
  }
  return read;
}

}  // namespace yore::mixers
