// The short convolution's description: see spec.h.
#include "yore/mixers/common/scan_cost.h"
#include "yore/mixers/short_conv/options.h"

namespace yore::mixers {
namespace {

class ShortConvSpec final : public Spec {
 public:
  std::string name() const override { return "short_conv"; }
  std::string summary() const override {
    return "gated short convolution; each channel sees its last few tokens, with fixed weights";
  }
  std::string source() const override {
    return "Arora et al. 2023, arXiv 2312.04927 (BaseConv of HazyResearch/zoology)";
  }
  std::vector<base::OptionSpec> options() const override { return short_conv_option_specs(); }
  base::Json complete(std::int64_t, const base::Json& given) const override {
    return complete_short_conv_options(given);
  }

  /// The order is that of layer.cc's places.
  std::vector<ParameterSpec> parameters(const MixerSetting& setting) const override {
    const ShortConvOptions o = read_short_conv_options(setting.options);
    const std::int64_t width = setting.width;
    std::vector<ParameterSpec> list = {{"conv.weight", {width, o.width}, Start::FanIn}};
    if (o.conv_bias) list.push_back({"conv.bias", {width}, Start::Zero});
    if (o.gate) list.push_back({"gate.weight", {width, width}, Start::FanIn, true});
    if (o.gate_bias) list.push_back({"gate.bias", {width}, Start::Zero});
    return list;
  }

  std::int64_t state_bytes(const MixerSetting& setting, std::int64_t) const override {
    return conv_state_bytes(setting.width, read_short_conv_options(setting.options).width);
  }
  double flops(const MixerSetting& setting, std::int64_t) const override {
    const ShortConvOptions o = read_short_conv_options(setting.options);
    const double each = (o.gate ? 1 : 0) + (o.skip ? 1 : 0);
    return matrix_flops(parameters(setting)) + each * static_cast<double>(setting.width);
  }
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
const Spec& short_conv_spec() {
  static const ShortConvSpec spec;
  return spec;
}

}  // namespace yore::mixers
