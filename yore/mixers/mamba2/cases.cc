// Mamba-2's recurrence in the settings that the conformance suite checks: C are the queries, B the keys, the
// step is the strength of a write.
#include "yore/mixers/conformance/scan_mechanism.h"
#include "yore/mixers/mamba2/ref.h"

namespace yore::mixers {
namespace {

using conformance::Complex;
using conformance::ScanCase;

std::vector<Complex> mamba2_reference(const ScanCase& c, conformance::ScanHead& head) {
  return ref::mamba2(static_cast<std::size_t>(c.setting.key_dim),
                     static_cast<std::size_t>(c.setting.value_dim), head.q, head.k, head.v, head.beta,
                     head.log_decay, head.state);
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::vector<std::unique_ptr<conformance::Mechanism>> mamba2_cases() {
  std::vector<std::unique_ptr<conformance::Mechanism>> list;
  const auto add = [&](const std::string& name, int heads, int groups, int state, int width, double least,
                       const auto& change) {
    ScanCase c;
    c.name = name;
    c.setting = {heads, groups, state, width, scan::Decay::Head, scan::Rule::Add, 1};
    c.least_log = least;
    c.beta = true;
    change(c);
    list.push_back(std::make_unique<conformance::ScanMechanism>(std::move(c), &mamba2_reference));
  };
  const auto as_it_is = [](ScanCase&) {};
  add("one head", 1, 1, 16, 8, -1, as_it_is);
  add("heads of one group", 4, 1, 8, 4, -1, as_it_is);
  add("heads of two groups", 6, 2, 8, 4, -1, as_it_is);
  add("odd dimensions", 2, 1, 5, 19, -1, as_it_is);
  add("state past a block", 1, 1, 33, 3, -1, as_it_is);
  // Steps of 1e-3 to 0.1 at rates of 1 to 16, as layers begin.
  add("as at the start", 2, 1, 16, 8, -1.6, [](ScanCase& c) {
    c.most_log = -0.001;
    c.most_beta = 0.1;
  });
  add("no state of its own", 2, 1, 8, 8, -1, [](ScanCase& c) { c.initial = false; });
  add("total decay", 2, 1, 8, 8, -500, [](ScanCase& c) {
    c.most_beta = 100;
    c.extreme = true;
  });
  return list;
}

}  // namespace yore::mixers
