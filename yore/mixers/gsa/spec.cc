// Gated slot attention's description: see spec.h.
#include "yore/mixers/common/slot_spec.h"
#include "yore/mixers/gsa/options.h"

namespace yore::mixers {
namespace {

class GsaSpec final : public SlotSpec {
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

 private:
  SlotLayer layer_of(const MixerSetting& setting) const override { return read_gsa_options(setting).layer; }
  std::vector<ParameterSpec> own_parameters(std::int64_t width, const SlotLayer& layer) const override {
    return {slot_map("fade.weight", width, layer)};
  }
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
const Spec& gsa_spec() {
  static const GsaSpec spec;
  return spec;
}

}  // namespace yore::mixers
