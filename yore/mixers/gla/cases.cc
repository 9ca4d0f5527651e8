// Gated linear attention in the settings that the conformance suite checks.
#include "yore/mixers/conformance/scan_mechanism.h"
#include "yore/mixers/gla/ref.h"

namespace yore::mixers {
namespace {

using conformance::Complex;
using conformance::ScanCase;

std::vector<Complex> gla_reference(const ScanCase& c, conformance::ScanHead& head) {
  return ref::gla(static_cast<std::size_t>(c.setting.key_dim), static_cast<std::size_t>(c.setting.value_dim),
                  c.setting.scale, head.q, head.k, head.v, head.log_decay, head.state);
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::vector<std::unique_ptr<conformance::Mechanism>> gla_cases() {
  std::vector<std::unique_ptr<conformance::Mechanism>> list;
  const auto add = [&](const std::string& name, int heads, int keys, int values, double least, double most,
                       const auto& change) {
    ScanCase c;
    c.name = name;
    c.setting = {heads,
                 heads,
                 keys,
                 values,
                 scan::Decay::Key,
                 scan::Rule::Add,
                 1 / std::sqrt(static_cast<double>(keys))};
    c.least_log = least;
    c.most_log = most;
    change(c);
    list.push_back(std::make_unique<conformance::ScanMechanism>(std::move(c), &gla_reference));
  };
  const auto as_it_is = [](ScanCase&) {};
  add("one head", 1, 8, 8, -1, 0, as_it_is);
  add("several heads", 3, 4, 8, -1, 0, as_it_is);
  add("odd dimensions", 2, 5, 19, -1, 0, as_it_is);
  add("keys past a block", 1, 33, 3, -1, 0, as_it_is);
  add("slow decay", 2, 8, 8, -0.02, 0, as_it_is);
  add("fast decay", 2, 8, 8, -30, 0, as_it_is);
  add("no state of its own", 2, 8, 8, -1, 0, [](ScanCase& c) { c.initial = false; });
  // Most tokens forget everything, some next to nothing.
  add("total decay", 2, 8, 8, -500, 0, [](ScanCase& c) { c.extreme = true; });
  add("large keys", 2, 8, 8, -1, 0, [](ScanCase& c) {
    c.keys = 1e4;
    c.extreme = true;
  });
  return list;
}

}  // namespace yore::mixers
