// Blurry window attention's description: see spec.h.
#include "yore/mixers/blurry_window/options.h"
#include "yore/mixers/common/scan_cost.h"

namespace yore::mixers {
namespace {

class BlurryWindowSpec final : public Spec {
 public:
  std::string name() const override { return "blurry_window"; }
  std::string summary() const override {
    return "blurry window attention; a window of keys that is stretched over more tokens than it has slots";
  }
  std::string source() const override {
    return "arXiv 2606.09862; the definition is this project's (math.md)";
  }
  std::vector<base::OptionSpec> options() const override { return blurry_window_option_specs(); }
  base::Json complete(std::int64_t width, const base::Json& given) const override {
    return complete_blurry_window_options(width, given);
  }
  std::vector<ParameterSpec> parameters(const MixerSetting& setting) const override {
    const SlotLayer layer = read_blurry_window_options(setting).layer;
    std::vector<ParameterSpec> list = slot_parameters_before(setting.width, layer);
    for (ParameterSpec& p : slot_parameters_after(setting.width, layer)) list.push_back(std::move(p));
    return list;
  }
  std::int64_t state_bytes(const MixerSetting& setting, std::int64_t) const override {
    return slot_state_bytes(read_blurry_window_options(setting).layer);
  }
  double flops(const MixerSetting& setting, std::int64_t) const override {
    return matrix_flops(parameters(setting)) + slot_flops(read_blurry_window_options(setting).layer);
  }
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
const Spec& blurry_window_spec() {
  static const BlurryWindowSpec spec;
  return spec;
}

}  // namespace yore::mixers
