// Gated slot attention's description: see spec.h.
#include "yore/mixers/common/scan_cost.h"
#include "yore/mixers/gsa/options.h"

namespace yore::mixers {
namespace {

class GsaSpec final : public Spec {
 public:
  std::string name() const override { return "gsa"; }
  std::string summary() const override {
    return "gated slot attention; softmax over slots that fade as the token says";
  }
  std::string source() const override { return "Zhang et al. 2024, arXiv 2409.07146"; }
  std::vector<base::OptionSpec> options() const override { return gsa_option_specs(); }
  base::Json complete(std::int64_t width, const base::Json& given) const override {
    return complete_gsa_options(width, given);
  }
  std::vector<ParameterSpec> parameters(const MixerSetting& setting) const override {
    const SlotLayer layer = read_gsa_options(setting).layer;
    std::vector<ParameterSpec> list = slot_parameters_before(setting.width, layer);
    list.push_back({"fade.weight",
                    {std::int64_t{layer.slots.heads} * layer.slots.slots, setting.width},
                    Start::FanIn,
                    true});
    for (ParameterSpec& p : slot_parameters_after(setting.width, layer)) list.push_back(std::move(p));
    return list;
  }
  std::int64_t state_bytes(const MixerSetting& setting, std::int64_t) const override {
    return slot_state_bytes(read_gsa_options(setting).layer);
  }
  double flops(const MixerSetting& setting, std::int64_t) const override {
    return matrix_flops(parameters(setting)) + slot_flops(read_gsa_options(setting).layer);
  }
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
const Spec& gsa_spec() {
  static const GsaSpec spec;
  return spec;
}

}  // namespace yore::mixers
