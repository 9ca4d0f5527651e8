// Mamba-2's description: see spec.h.
#include "yore/mixers/common/scan_cost.h"
#include "yore/mixers/mamba2/options.h"

namespace yore::mixers {
namespace {

class Mamba2Spec final : public Spec {
 public:
  std::string name() const override { return "mamba2"; }
  std::string summary() const override {
    return "Mamba-2 (SSD); a state a head that decays by a factor of the token's step";
  }
  std::string source() const override { return "Dao and Gu 2024, arXiv 2405.21060"; }
  std::vector<base::OptionSpec> options() const override { return mamba2_option_specs(); }
  base::Json complete(std::int64_t width, const base::Json& given) const override {
    return complete_mamba2_options(width, given);
  }

  /// The order is that of layer.cc's Mamba2Places.
  std::vector<ParameterSpec> parameters(const MixerSetting& setting) const override {
    const Mamba2Options o = read_mamba2_options(setting);
    const std::int64_t width = setting.width, heads = o.scan.heads;
    const std::int64_t in = o.inner() + o.channels() + heads;
    std::vector<ParameterSpec> list = {{"in.weight", {in, width}, Start::FanIn, true}};
    if (o.bias) list.push_back({"in.bias", {in}, Start::Zero});
    if (o.conv > 0) list.push_back({"conv.weight", {o.channels(), o.conv}, Start::FanIn});
    if (o.conv_bias) list.push_back({"conv.bias", {o.channels()}, Start::Zero});
    list.push_back({"dt.bias", {heads}, Start::SoftplusLogUniform, false, o.dt_min, o.dt_max});
    list.push_back({"a_log", {heads}, Start::LogUniform, false, o.a_min, o.a_max});
    list.push_back({"skip", {o.skip_per_channel ? o.inner() : heads}, Start::One});
    if (o.norm != Mamba2Options::Norm::None) list.push_back({"out_norm.weight", {o.inner()}, Start::One});
    list.push_back({"out.weight", {width, o.inner()}, Start::FanIn, true});
    if (o.bias) list.push_back({"out.bias", {width}, Start::Zero});
    return list;
  }

  std::int64_t state_bytes(const MixerSetting& setting, std::int64_t) const override {
    const Mamba2Options o = read_mamba2_options(setting);
    return scan_state_bytes(o.scan) + access_state_bytes(o.scan, o.access) +
           conv_state_bytes(o.channels(), o.conv);
  }
  double flops(const MixerSetting& setting, std::int64_t) const override {
    const Mamba2Options o = read_mamba2_options(setting);
    return matrix_flops(parameters(setting)) + scan_flops(o.scan);
  }
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
const Spec& mamba2_spec() {
  static const Mamba2Spec spec;
  return spec;
}

}  // namespace yore::mixers
