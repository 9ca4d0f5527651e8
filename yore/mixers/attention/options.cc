#include "yore/mixers/attention/options.h"

#include <fmt/format.h>

#include <cmath>

#include "yore/base/error.h"
#include "yore/base/near_names.h"
#include "yore/mixers/attention/kinds.h"

namespace yore::mixers {
namespace {

using base::InputError;
using base::Json;

constexpr const char* kSource = "mixer attention";
// Lists of heads are made before a file's weights are looked at, which must not fill the memory on a broken
// file's word.
constexpr int kMostHeads = 4096;

void require(bool fine, const char* option, const std::string& expected, const Json& found) {
  if (!fine) throw InputError(kSource, fmt::format("{}: expected {}, found {}", option, expected, found.dump()));
}

// One number a head, from one number, a list, or a kind as in kinds.h.
Json lookbacks(const Json& given, int heads) {
  if (given.is_string()) return parse_attention(given.get<std::string>(), 1, heads).front().lookback;
  if (given.is_number_integer()) return Json(std::vector<Json>(static_cast<std::size_t>(heads), given));
  require(given.is_array() && given.size() == static_cast<std::size_t>(heads), "lookback",
          fmt::format("a number, a kind such as hybrid:1, or a list of {} numbers, one a head", heads), given);
  return given;
}

}  // namespace

std::vector<double> alibi_slopes(int heads) {
  std::vector<double> slopes;
  for (int h = 1; h <= heads; ++h) slopes.push_back(std::exp2(-8.0 * h / heads));
  return slopes;
}

std::vector<base::OptionSpec> attention_option_specs() {
  return {
      {"heads", 4, "Heads"},
      {"head_width", 0, "Width of a head; 0 = width / heads"},
      {"lookback", nullptr,
       "Strictly earlier positions in reach: -1 or global = all, K, a kind such as hybrid:1, or a list, one a "
       "head; default global"},
      {"window", 0, "Instead of lookback: keys in reach including self, so a lookback of window - 1 (needs strict=false)"},
      {"strict", false, "Position i sees only j < i; false: itself too"},
      {"positions", "none", "none, rotary (queries and keys turned) or alibi (scores lowered by distance)"},
  };
}

Json complete_attention_options(std::int64_t width, const Json& given) {
  Json o = base::complete_options(given, attention_option_specs(), kSource);
  const auto heads = o["heads"].get<std::int64_t>();
  require(heads >= 1 && heads <= kMostHeads, "heads", fmt::format("1 to {}", kMostHeads), o["heads"]);
  if (o["head_width"] == 0) {
    require(width % heads == 0, "heads", fmt::format("a divisor of the width {}, or a head_width", width),
            o["heads"]);
    o["head_width"] = width / heads;
  }
  const auto head_width = o["head_width"].get<std::int64_t>();
  require(head_width >= 1 && head_width <= kMaxDim, "head_width", fmt::format("1 to {}", kMaxDim), o["head_width"]);
  const auto window = o["window"].get<std::int64_t>();
  require(window >= 0 && window <= 1'000'000'000, "window", "at least 1", o["window"]);
  if (window > 0) {
    require(o["lookback"].is_null(), "window", "window or lookback, not both", o["lookback"]);
    require(o["strict"] == false, "window",
            "strict=false (a window counts the position itself, which a strict mask hides; say lookback)",
            o["window"]);
    o["lookback"] = window - 1;
  }
  o.erase("window");
  o["lookback"] = lookbacks(o["lookback"].is_null() ? Json(kGlobal) : o["lookback"], static_cast<int>(heads));
  for (const Json& k : o["lookback"])
    require(k.is_number_integer() && k.get<std::int64_t>() >= kGlobal &&
                k.get<std::int64_t>() <= 1'000'000'000,
            "lookback", "whole numbers of at least -1 (global)", o["lookback"]);
  const std::string positions = o["positions"].get<std::string>();
  require(positions == "none" || positions == "rotary" || positions == "alibi", "positions",
          "none, rotary or alibi" + base::did_you_mean(positions, {"none", "rotary", "alibi"}), o["positions"]);
  require(positions != "rotary" || head_width % 2 == 0, "head_width", "an even number for rotary positions",
          o["head_width"]);
  return o;
}

AttentionOptions read_attention_options(const MixerSetting& setting) {
  const Json o = complete_attention_options(setting.width, setting.options);
  AttentionOptions read;
  read.heads = o["heads"].get<int>();
  read.head_width = o["head_width"].get<int>();
  read.params.lookback = o["lookback"].get<std::vector<int>>();
  read.params.strict = o["strict"].get<bool>();
  read.params.scale = 1.0 / std::sqrt(static_cast<double>(read.head_width));
  if (o["positions"] == "alibi") {
    read.positions = AttentionPositions::Alibi;
    read.params.alibi_slopes = alibi_slopes(read.heads);
  } else if (o["positions"] == "rotary") {
    read.positions = AttentionPositions::Rotary;
  }
  return read;
}

}  // namespace yore::mixers
