#include <utility>

#include "yore/mixers/conformance/mechanism.h"

namespace yore::mixers {

#define YORE_MECHANISM(name) std::vector<std::unique_ptr<conformance::Mechanism>> name##_cases();
#include "yore/mixers/mechanisms.inc"
#undef YORE_MECHANISM

namespace conformance {

const std::vector<KernelCase>& all_kernel_cases() {
  static const std::vector<KernelCase> all = [] {
    std::vector<KernelCase> cases;
    const auto add = [&](const char* mechanism, std::vector<std::unique_ptr<Mechanism>> its) {
      for (auto& kernel : its) cases.push_back({mechanism, std::move(kernel)});
    };
#define YORE_MECHANISM(name) add(#name, name##_cases());
#include "yore/mixers/mechanisms.inc"
#undef YORE_MECHANISM
    return cases;
  }();
  return all;
}

}  // namespace conformance
}  // namespace yore::mixers
