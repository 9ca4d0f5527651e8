// Gated linear attention's description: see spec.h.
#include "yore/mixers/common/scan_cost.h"
#include "yore/mixers/gla/options.h"

namespace yore::mixers {
namespace {

class GlaSpec final : public Spec {
 public:
  std::string name() const override { return "gla"; }
  std::string summary() const override {
    return "gated linear attention; a state a head in which every channel decays by itself";
  }
  std::string source() const override { return "Yang et al. 2024, arXiv 2312.06635"; }
  std::vector<base::OptionSpec> options() const override { return gla_option_specs(); }
  base::Json complete(std::int64_t width, const base::Json& given) const override {
    return complete_gla_options(width, given);
  }

  /// The order is that of layer.cc's Places.
  std::vector<ParameterSpec> parameters(const MixerSetting& setting) const override {
    const GlaOptions o = read_gla_options(setting);
    const std::int64_t width = setting.width;
    std::vector<ParameterSpec> list = {{"qkv.weight", {o.channels(), width}, Start::FanIn, true}};
    if (o.conv > 0) list.push_back({"conv.weight", {o.channels(), o.conv}, Start::FanIn});
    list.push_back({"decay_in.weight", {o.gate_rank, width}, Start::FanIn, true});
    list.push_back({"decay_out.weight", {o.keys(), o.gate_rank}, Start::FanIn, true});
    list.push_back({"decay_out.bias", {o.keys()}, Start::Zero});
    if (o.output_gate) list.push_back({"gate.weight", {o.values(), width}, Start::FanIn, true});
    if (o.out_norm) list.push_back({"out_norm.weight", {o.scan.value_dim}, Start::One});
    list.push_back({"out.weight", {width, o.values()}, Start::FanIn, true});
    return list;
  }

  std::int64_t state_bytes(const MixerSetting& setting, std::int64_t) const override {
    const GlaOptions o = read_gla_options(setting);
    return scan_state_bytes(o.scan) + access_state_bytes(o.scan, o.access) +
           conv_state_bytes(o.channels(), o.conv);
  }
  double flops(const MixerSetting& setting, std::int64_t) const override {
    const GlaOptions o = read_gla_options(setting);
    return matrix_flops(parameters(setting)) + scan_flops(o.scan);
  }
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
const Spec& gla_spec() {
  static const GlaSpec spec;
  return spec;
}

}  // namespace yore::mixers
