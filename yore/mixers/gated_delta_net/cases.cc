// The gated delta rule in the settings that the conformance suite checks.
#include "yore/mixers/conformance/delta_cases.h"
#include "yore/mixers/gated_delta_net/ref.h"

namespace yore::mixers {
namespace {

using conformance::Complex;
using conformance::ScanCase;

std::vector<Complex> gated_delta_net_reference(const ScanCase& c, conformance::ScanHead& head) {
  return ref::gated_delta_net(static_cast<std::size_t>(c.setting.key_dim),
                              static_cast<std::size_t>(c.setting.value_dim), c.setting.scale, head.q, head.k,
                              head.v, head.log_decay, head.beta, head.state);
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::vector<std::unique_ptr<conformance::Mechanism>> gated_delta_net_cases() {
  return conformance::delta_cases(scan::Decay::Head, &gated_delta_net_reference);
}

}  // namespace yore::mixers
