#include "yore/mixers/blurry_window/options.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "yore/mixers/common/alibi.h"

namespace yore::mixers {
namespace {

using base::Json;

constexpr std::int64_t kLargestStretch = 1 << 20;

/// "3/2" or 1.5 or 4 as a fraction in lowest terms; denominator 0 where it is none of at least 1.
blurry::Head stretch_of(const Json& given) {
  blurry::Head head{0, 0, 0};
  if (given.is_number_integer()) {
    head = {given.get<std::int64_t>(), 1, 0};
  } else if (given.is_number()) {
    // A decimal fraction of up to four places.
    const double x = given.get<double>() * 10000;
    if (std::isfinite(x) && std::abs(x) < 1e12 && std::abs(x - std::round(x)) < 1e-6)
      head = {std::llround(x), 10000, 0};
  } else if (given.is_string()) {
    const auto text = given.get<std::string>();
    const char *first = text.data(), *end = first + text.size();
    const auto top = std::from_chars(first, end, head.numerator);
    head.denominator = 1;
    if (top.ec != std::errc() || top.ptr == end || *top.ptr != '/') {
      if (top.ec != std::errc() || top.ptr != end) head.denominator = 0;
    } else {
      const auto bottom = std::from_chars(top.ptr + 1, end, head.denominator);
      if (bottom.ec != std::errc() || bottom.ptr != end) head.denominator = 0;
    }
  }
  if (head.denominator < 1 || head.numerator < head.denominator ||
      head.numerator / head.denominator > kLargestStretch)
    return {0, 0, 0};
  const std::int64_t common = std::gcd(head.numerator, head.denominator);
  return {head.numerator / common, head.denominator / common, 0};
}

std::string spelt(const blurry::Head& head) {
  return head.denominator == 1 ? std::to_string(head.numerator)
                               : fmt::format("{}/{}", head.numerator, head.denominator);
}

/// One value a head, from one for all or a list.
std::vector<Json> one_a_head(const LayerOptions& o, const std::string& option, const std::string& expected) {
  const auto heads = o.json["heads"].get<std::size_t>();
  const Json& given = o.json[option];
  if (!given.is_array()) return std::vector<Json>(heads, given);
  o.require(given.size() == heads, option, expected);
  return given.get<std::vector<Json>>();
}

}  // namespace

std::vector<base::OptionSpec> blurry_window_option_specs() {
  std::vector<base::OptionSpec> specs = slot_option_specs({});
  // Norming each head by itself is what lets heads of different phases be told apart (docs/results.md).
  for (base::OptionSpec& spec : specs)
    if (spec.name == "norm") spec.fallback = "head";
  specs.push_back({"stretch", nullptr,
                   "Tokens a slot, at least 1: 4, 1.5, or a list, one a head, in which fractions may stand "
                   "([4/3,2]); 1 is a "
                   "window of `slots` keys; default 4"});
  specs.push_back(
      {"phase", nullptr,
       "How many slots a head's coordinate is moved by: spread (h / heads for head h), none, or a "
       "list; default spread"});
  specs.push_back({"kernel", "main_lobe", "How a token spreads over slots: main_lobe, signed or squared"});
  specs.push_back({"gain", "one", "Weight of a token at a slot's centre: one, or stretch (1 / stretch)"});
  specs.push_back({"erase", "decay",
                   "How a token makes room: decay (slots fade by what is written) or delta (the delta rule: "
                   "what slots give for the token's weights is taken off)"});
  specs.push_back({"age_bias", nullptr,
                   "How much a slot's logit is lowered for each token of the mean age of what it holds: a "
                   "number, alibi (slopes of Press et al. 2022, one a head) or a list, one a head; with "
                   "stretch 1 exactly ALiBi; default 0"});
  return specs;
}

namespace {

void complete_age_bias(LayerOptions& o) {
  const std::string expected =
      "a number from 0 to 1e6, alibi, or a list of such numbers, one a head (0 beside kernel=signed, whose "
      "weights below 0 leave no mean age)";
  Json& given = o.json["age_bias"];
  if (given.is_null()) given = 0.0;
  bool none = true;
  for (const Json& one : one_a_head(o, "age_bias", expected)) {
    if (given == "alibi") {
      none = false;
      continue;
    }
    o.require(one.is_number() && one.get<double>() >= 0 && one.get<double>() <= 1e6, "age_bias", expected);
    none = none && one == 0;
  }
  o.require(none || o.json["kernel"] != "signed", "age_bias", expected);
  if (given.is_number()) given = given.get<double>();
  if (given.is_array())
    for (Json& one : given) one = one.get<double>();
}

}  // namespace

Json complete_blurry_window_options(std::int64_t width, const Json& given) {
  LayerOptions o("blurry_window", given, blurry_window_option_specs());
  complete_slot_options(width, o);
  if (o.json["scale"] == 0)
    o.json["scale"] = 1 / std::sqrt(static_cast<double>(o.head_width(width, "heads", "expand_k")));
  if (o.json["stretch"].is_null()) o.json["stretch"] = 4;
  const std::string stretch =
      "a number of at least 1 with at most four decimals, a fraction such as 3/2, or a list, one a head";
  Json stretches = Json::array();
  for (const Json& one : one_a_head(o, "stretch", stretch)) {
    const blurry::Head head = stretch_of(one);
    o.require(head.denominator > 0, "stretch", stretch);
    stretches.push_back(spelt(head));
  }
  o.json["stretch"] = stretches;
  if (o.json["phase"].is_null()) o.json["phase"] = "spread";
  const std::string phase = "spread, none or a list of numbers, one a head";
  if (o.json["phase"].is_string()) {
    o.require(o.json["phase"] == "spread" || o.json["phase"] == "none", "phase", phase);
  } else {
    o.require(o.json["phase"].is_array(), "phase", phase);
    for (Json& one : o.json["phase"]) {
      o.require(one.is_number() && std::isfinite(one.get<double>()), "phase", phase);
      one = one.get<double>();
    }
    one_a_head(o, "phase", phase);
  }
  o.word("kernel", {"main_lobe", "signed", "squared"});
  o.word("gain", {"one", "stretch"});
  o.word("erase", {"decay", "delta"});
  complete_age_bias(o);
  const BlurryOptions read = read_blurry_window_options({width, o.json});
  o.require(blurry::period(read.blur) > 0, "stretch",
            "stretches whose slots come round again within reach: smaller ones, with smaller denominators");
  try {
    blurry::table_of(read.blur);
  } catch (const std::invalid_argument& e) {
    o.require(read.blur.erase != slots::Erase::Delta, "erase",
              "decay, or fewer heads and slots and smaller stretches beside delta");
    o.require(false, "stretch", fmt::format("smaller ones, or fewer heads and slots ({})", e.what()));
  }
  return o.json;
}

BlurryOptions read_blurry_window_options(const MixerSetting& setting) {
  LayerOptions o("blurry_window", setting.options, blurry_window_option_specs());
  BlurryOptions read{read_slot_options(setting.width, o), {}};
  blurry::Setting& blur = read.blur;
  blur.slots = read.layer.slots.slots;
  const auto kernel = o.json["kernel"].get<std::string>();
  blur.kernel = kernel == "signed"    ? blurry::Kernel::Signed
                : kernel == "squared" ? blurry::Kernel::Squared
                                      : blurry::Kernel::MainLobe;
  blur.gain_over_stretch = o.json["gain"] == "stretch";
  blur.erase = o.json["erase"] == "delta" ? slots::Erase::Delta : slots::Erase::Decay;
  const int heads = read.layer.slots.heads;
  const bool alibi = o.json["age_bias"] == "alibi";
  const std::vector<double> slopes = alibi_slopes(heads);
  const std::vector<Json> biases = one_a_head(o, "age_bias", "a number a head");
  for (int h = 0; h < heads; ++h) {
    const auto i = static_cast<std::size_t>(h);
    blurry::Head head = stretch_of(o.json["stretch"].at(i));
    if (o.json["phase"].is_array())
      head.phase = o.json["phase"].at(i).get<double>();
    else if (o.json["phase"] == "spread")
      head.phase = static_cast<double>(h) / heads;
    head.age_bias = alibi ? slopes[i] : biases[i].get<double>();
    blur.heads.push_back(head);
  }
  read.layer.slots.erase = blur.erase;
  read.layer.slots.grows = blur.kernel == blurry::Kernel::Signed && blur.erase == slots::Erase::Decay;
  return read;
}

}  // namespace yore::mixers
