// Short convolutions as layers that the conformance suite checks, and what each must give: math.md, one
// scalar at a time, reading the options by their names alone.
#include <stdexcept>

#include "yore/mixers/conformance/layer_cases.h"
#include "yore/mixers/conformance/reference_parts.h"

namespace yore::mixers {
namespace {

using base::Json;
using namespace conformance::parts;

Numbers short_conv_reference(const MixerSetting& setting, const conformance::LayerInput& input) {
  Options o(setting.options);
  const auto span = o.take<std::size_t>("width");
  const bool gate = o.take<bool>("gate"), skip = o.take<bool>("skip");
  const auto activation = o.take<std::string>("activation");
  const bool conv_bias = o.take<bool>("conv_bias"), gate_bias = o.take<bool>("gate_bias");
  o.done("short_conv");
  if (!input.head_gates.empty()) throw std::logic_error("short_conv has no heads");
  const auto width = static_cast<std::size_t>(setting.width), tokens = static_cast<std::size_t>(input.tokens);
  const auto parameter = [&](const char* name) { return &input.parameters.at(name); };
  const auto activated = [&](const Numbers& x) { return activation == "silu" ? each(x, silu) : x; };

  Numbers y = activated(causal_conv(input.x, *parameter("conv.weight"),
                                    conv_bias ? parameter("conv.bias") : nullptr, tokens, width, span));
  if (gate) {
    const Numbers factor =
        activated(linear(input.x, *parameter("gate.weight"), gate_bias ? parameter("gate.bias") : nullptr,
                         tokens, width, width));
    for (std::size_t i = 0; i < y.size(); ++i) y[i] *= factor[i];
  }
  for (std::size_t i = 0; skip && i < y.size(); ++i) y[i] += input.x[i];
  return y;
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
conformance::LayerCases short_conv_layer_cases() {
  conformance::LayerCases list{{}, &short_conv_reference};
  const auto add = [&](const std::string& name, std::int64_t width, Json options) {
    list.cases.push_back({name, {width, std::move(options)}});
  };
  add("as published", 6, Json::object());
  add("published activation", 6, {{"activation", "silu"}});
  add("no biases", 5, {{"conv_bias", false}, {"gate_bias", false}});
  add("no bias of the convolution", 5, {{"conv_bias", false}});
  add("no gate", 6, {{"gate", false}, {"width", 2}});
  add("convolution alone", 6, {{"gate", false}, {"skip", false}, {"width", 4}});
  add("convolution and silu", 6, {{"gate", false}, {"skip", false}, {"activation", "silu"}});
  add("no skip", 1, {{"skip", false}, {"width", 9}});
  return list;
}

}  // namespace yore::mixers
