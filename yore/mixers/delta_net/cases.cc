// DeltaNet in the settings that the conformance suite checks.
#include "yore/mixers/conformance/delta_cases.h"
#include "yore/mixers/delta_net/ref.h"

namespace yore::mixers {
namespace {

using conformance::Complex;
using conformance::ScanCase;

std::vector<Complex> delta_net_reference(const ScanCase& c, conformance::ScanHead& head) {
  return ref::delta_net(static_cast<std::size_t>(c.setting.key_dim),
                        static_cast<std::size_t>(c.setting.value_dim), c.setting.scale, head.q, head.k,
                        head.v, head.beta, head.state);
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::vector<std::unique_ptr<conformance::Mechanism>> delta_net_cases() {
  return conformance::delta_cases(scan::Decay::None, &delta_net_reference);
}

}  // namespace yore::mixers
