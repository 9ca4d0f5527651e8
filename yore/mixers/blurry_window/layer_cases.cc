// Layers of blurry window attention that the conformance suite checks, and what each must give.
#include <sstream>

#include "yore/mixers/blurry_window/ref.h"
#include "yore/mixers/conformance/slot_reference.h"

namespace yore::mixers {
namespace {

using base::Json;
using namespace conformance::parts;

Numbers blurry_window_reference(const MixerSetting& setting, const conformance::LayerInput& input) {
  Options o(setting.options);
  const SlotReference layer(setting, o);
  const auto stretches = o.take<std::vector<std::string>>("stretch");
  const Json phase = o.take<Json>("phase");
  const auto kernel = o.take<std::string>("kernel"), gain = o.take<std::string>("gain"),
             erase = o.take<std::string>("erase");
  const Json age_bias = o.take<Json>("age_bias");
  o.done("blurry_window");
  return layer.rows(input, [&](std::size_t h, const Numbers& q, const Numbers& k, const Numbers& v) {
    std::istringstream text(stretches.at(h));
    std::int64_t top = 1, bottom = 1;
    char slash = 0;
    text >> top >> slash >> bottom;
    const double moved = phase.is_array()    ? phase.at(h).get<double>()
                         : phase == "spread" ? static_cast<double>(h) / static_cast<double>(layer.heads)
                                             : 0.0;
    std::vector<double> weights, filled(layer.slots, 0);
    for (std::size_t t = 0; t < layer.tokens(input); ++t)
      for (std::size_t m = 0; m < layer.slots; ++m)
        weights.push_back(ref::blurry_weight(static_cast<std::int64_t>(t), static_cast<std::int64_t>(m),
                                             static_cast<std::int64_t>(layer.slots), top, bottom, moved,
                                             kernel, gain == "stretch"));
    // ALiBi's slopes of Press et al. for a power of two of heads.
    const double slope = age_bias == "alibi"
                             ? std::exp2(-8.0 * static_cast<double>(h + 1) / static_cast<double>(layer.heads))
                         : age_bias.is_array() ? age_bias.at(h).get<double>()
                                               : age_bias.get<double>();
    std::vector<double> bias;
    if (slope != 0)
      for (const double age : ref::blurry_ages(layer.slots, weights)) bias.push_back(-slope * age);
    Numbers keys(layer.slots * layer.key), values(layer.slots * layer.value);
    return ref::blurry(layer.slots, layer.key, layer.value, layer.scale, q, k, v, weights, erase == "delta",
                       bias, keys, values, filled);
  });
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
conformance::LayerCases blurry_window_layer_cases() {
  conformance::LayerCases list{{}, &blurry_window_reference};
  const auto add = [&](const std::string& name, std::int64_t width, Json options) {
    if (!options.contains("slots")) options["slots"] = 5;
    list.cases.push_back({name, {width, std::move(options)}});
  };
  add("defaults", 8, {{"heads", 2}});
  add("a window", 8, {{"heads", 2}, {"stretch", 1}, {"phase", "none"}});
  add("rational", 6, {{"heads", 1}, {"slots", 4}, {"stretch", 1.5}});
  add("a stretch a head", 8, {{"heads", 4}, {"stretch", {1, 2, "3/2", 8}}, {"phase", {0, 0.25, 0.5, 0.75}}});
  add("signed", 8, {{"heads", 2}, {"stretch", 2}, {"kernel", "signed"}});
  add("squared, gain", 8, {{"heads", 2}, {"stretch", 2}, {"kernel", "squared"}, {"gain", "stretch"}});
  add("convolution, gate", 8, {{"heads", 2}, {"conv", 3}, {"output_gate", true}, {"norm", "layer"}});
  add("no norm", 4, {{"heads", 2}, {"expand_k", 0.5}, {"expand_v", 2.0}, {"norm", "none"}, {"scale", 0.7}});
  add("delta", 8, {{"heads", 2}, {"stretch", {1, 2}}, {"erase", "delta"}});
  add("delta, squared, convolution", 8,
      {{"heads", 2}, {"stretch", 1.5}, {"kernel", "squared"}, {"conv", 3}, {"erase", "delta"}});
  add("age bias", 8, {{"heads", 2}, {"stretch", {1, 2}}, {"age_bias", 0.2}});
  add("alibi, delta", 8, {{"heads", 4}, {"stretch", 2}, {"erase", "delta"}, {"age_bias", "alibi"}});
  add("a bias a head", 8, {{"heads", 2}, {"stretch", 2}, {"gain", "stretch"}, {"age_bias", {0, 0.3}}});
  return list;
}

}  // namespace yore::mixers
