// The description of the gated delta rule: see spec.h.
#include "yore/mixers/gated_delta_net/options.h"

namespace yore::mixers {
namespace {

class GatedDeltaNetSpec final : public DeltaSpec {
 public:
  std::string name() const override { return "gated_delta_net"; }
  std::string summary() const override {
    return "the gated delta rule; the state of a head decays as a whole, then a write replaces what it gives "
           "for its key";
  }
  std::string source() const override { return "Yang et al. 2024, arXiv 2412.06464"; }
  std::vector<base::OptionSpec> options() const override { return gated_delta_net_option_specs(); }
  base::Json complete(std::int64_t, const base::Json& given) const override {
    return complete_gated_delta_net_options(given);
  }

 protected:
  DeltaOptions read(const MixerSetting& setting) const override {
    return read_gated_delta_net_options(setting);
  }
  std::vector<ParameterSpec> decay_parameters(const MixerSetting& setting) const override {
    const GatedDeltaNetOptions o = read_gated_delta_net_options(setting);
    const std::int64_t heads = o.scan.heads;
    return {{"decay.weight", {heads, setting.width}, Start::FanIn, true},
            decay_bias("decay.bias", {heads}, o.start),
            decay_log_rate(heads, o.start)};
  }
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
const Spec& gated_delta_net_spec() {
  static const GatedDeltaNetSpec spec;
  return spec;
}

}  // namespace yore::mixers
