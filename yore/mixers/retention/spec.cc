// Retention's description: see spec.h.
#include "yore/mixers/common/scan_cost.h"
#include "yore/mixers/retention/options.h"

namespace yore::mixers {
namespace {

class RetentionSpec final : public Spec {
 public:
  std::string name() const override { return "retention"; }
  std::string summary() const override {
    return "retention (RetNet); a state a head that decays by the same factor at every token";
  }
  std::string source() const override { return "Sun et al. 2023, arXiv 2307.08621"; }
  std::vector<base::OptionSpec> options() const override { return retention_option_specs(); }
  base::Json complete(std::int64_t width, const base::Json& given) const override {
    return complete_retention_options(width, given);
  }

  /// The order is that of layer.cc's places.
  std::vector<ParameterSpec> parameters(const MixerSetting& setting) const override {
    const RetentionOptions o = read_retention_options(setting);
    const std::int64_t width = setting.width;
    std::vector<ParameterSpec> list = {{"qkv.weight", {o.channels(), width}, Start::FanIn, true}};
    if (o.conv > 0) list.push_back({"conv.weight", {o.channels(), o.conv}, Start::FanIn});
    if (o.output_gate) list.push_back({"gate.weight", {o.values(), width}, Start::FanIn, true});
    list.push_back({"out_norm.weight", {o.scan.value_dim}, Start::One});
    list.push_back({"out.weight", {width, o.values()}, Start::FanIn, true});
    return list;
  }

  std::int64_t state_bytes(const MixerSetting& setting, std::int64_t) const override {
    const RetentionOptions o = read_retention_options(setting);
    return scan_state_bytes(o.scan) + conv_state_bytes(o.channels(), o.conv);
  }
  double flops(const MixerSetting& setting, std::int64_t) const override {
    const RetentionOptions o = read_retention_options(setting);
    return matrix_flops(parameters(setting)) + scan_flops(o.scan);
  }
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
const Spec& retention_spec() {
  static const RetentionSpec spec;
  return spec;
}

}  // namespace yore::mixers
