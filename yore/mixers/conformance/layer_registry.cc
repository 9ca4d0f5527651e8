#include <fmt/format.h>

#include <stdexcept>

#include "yore/base/error.h"
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
      for (const LayerCases::Named& c : its.cases) try {
          // {5, {}} makes null of the empty braces.
          const base::Json given = c.setting.options.is_null() ? base::Json::object() : c.setting.options;
          cases.push_back(
              {mechanism, c.name, {c.setting.width, spec.complete(c.setting.width, given)}, its.reference});
        } catch (const base::InputError& e) {
          throw std::logic_error(
              fmt::format("layer_cases.cc of {}, \"{}\": {}", mechanism, c.name, e.what()));
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
