// Kimi delta attention in the settings that the conformance suite checks.
#include "yore/mixers/conformance/delta_cases.h"
#include "yore/mixers/kda/ref.h"

namespace yore::mixers {
namespace {

using conformance::Complex;
using conformance::ScanCase;

std::vector<Complex> kda_reference(const ScanCase& c, conformance::ScanHead& head) {
  return ref::kda(static_cast<std::size_t>(c.setting.key_dim), static_cast<std::size_t>(c.setting.value_dim),
                  c.setting.scale, head.q, head.k, head.v, head.log_decay, head.beta, head.state);
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::vector<std::unique_ptr<conformance::Mechanism>> kda_cases() {
  return conformance::delta_cases(scan::Decay::Key, &kda_reference);
}

}  // namespace yore::mixers
