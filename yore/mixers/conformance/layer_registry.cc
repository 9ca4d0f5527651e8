#include "yore/mixers/conformance/layer_cases.h"

namespace yore::mixers {

#define YORE_MECHANISM(name) conformance::LayerCases name##_layer_cases();
#include "yore/mixers/mechanisms.inc"
#undef YORE_MECHANISM

namespace conformance {

const std::vector<LayerCase>& all_layer_cases() {
  static const std::vector<LayerCase> all = [] {
    std::vector<LayerCase> cases;
    const auto add = [&](const char* mechanism, const LayerCases& its) {
      const Spec& spec = find_spec(mechanism);
      for (const LayerCases::Named& c : its.cases) {
        const MixerSetting full{c.setting.width, spec.complete(c.setting.width, c.setting.options)};
        cases.push_back({mechanism, c.name, full, its.reference});
      }
    };
#define YORE_MECHANISM(name) add(#name, name##_layer_cases());
#include "yore/mixers/mechanisms.inc"
#undef YORE_MECHANISM
    return cases;
  }();
  return all;
}

}  // namespace conformance
}  // namespace yore::mixers
