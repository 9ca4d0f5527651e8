// Blurry window attention's description: see spec.h.
#include "yore/mixers/blurry_window/options.h"
#include "yore/mixers/common/slot_spec.h"

namespace yore::mixers {
namespace {

class BlurryWindowSpec final : public SlotSpec {
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

 private:
  SlotLayer layer_of(const MixerSetting& setting) const override {
    return read_blurry_window_options(setting).layer;
  }
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
const Spec& blurry_window_spec() {
  static const BlurryWindowSpec spec;
  return spec;
}

}  // namespace yore::mixers
