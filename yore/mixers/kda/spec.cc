// The description of Kimi delta attention: see spec.h.
#include "yore/mixers/kda/options.h"

namespace yore::mixers {
namespace {

class KdaSpec final : public DeltaSpec {
 public:
  std::string name() const override { return "kda"; }
  std::string summary() const override {
    return "Kimi delta attention; the gated delta rule with a decay of its own for every channel of the keys";
  }
  std::string source() const override { return "Kimi Team 2025, arXiv 2510.26692"; }
  std::vector<base::OptionSpec> options() const override { return kda_option_specs(); }
  base::Json complete(std::int64_t, const base::Json& given) const override {
    return complete_kda_options(given);
  }

 protected:
  DeltaOptions read(const MixerSetting& setting) const override { return read_kda_options(setting); }
  std::vector<ParameterSpec> decay_parameters(const MixerSetting& setting) const override {
    const KdaOptions o = read_kda_options(setting);
    const std::int64_t heads = o.scan.heads, decays = heads * o.scan.key_dim;
    return {{"decay_in.weight", {o.decay_rank, setting.width}, Start::FanIn, true},
            {"decay_out.weight", {decays, o.decay_rank}, Start::FanIn, true},
            decay_bias("decay_out.bias", {decays}, o.start),
            decay_log_rate(heads, o.start)};
  }
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
const Spec& kda_spec() {
  static const KdaSpec spec;
  return spec;
}

}  // namespace yore::mixers
