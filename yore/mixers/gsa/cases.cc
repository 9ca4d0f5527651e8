// Gated slot attention in the settings that the conformance suite checks. Weights and decays are inputs of
// their own here; the layer makes one of the other.
#include <cmath>

#include "yore/mixers/conformance/slots_mechanism.h"
#include "yore/mixers/gsa/ref.h"

namespace yore::mixers {
namespace {

using conformance::Complex;
using conformance::SlotCase;

std::vector<Complex> gsa_reference(const SlotCase& c, conformance::SlotHead& h) {
  return ref::gsa(static_cast<std::size_t>(c.setting.slots), static_cast<std::size_t>(c.setting.key_dim),
                  static_cast<std::size_t>(c.setting.value_dim), c.setting.scale, h.q, h.k, h.v, h.write,
                  h.log_decay, h.keys, h.values);
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::vector<std::unique_ptr<conformance::Mechanism>> gsa_cases() {
  std::vector<std::unique_ptr<conformance::Mechanism>> list;
  const auto add = [&](const std::string& name, const slots::Setting& setting, double least, bool initial,
                       double range) {
    SlotCase c;
    c.name = name;
    c.setting = setting;
    c.least_log = least;
    c.initial = initial;
    c.range = range;
    c.extreme = range > 100 || least < -100;
    list.push_back(std::make_unique<conformance::SlotsMechanism>(std::move(c), &gsa_reference));
  };
  add("one head", {1, 1, 8, 8, 8, 0.3}, -1, true, 1);
  add("several heads", {3, 3, 4, 8, 5, 0.5}, -1, true, 1);
  add("shared keys", {4, 2, 4, 8, 5, 0.5}, -1, true, 1);
  add("odd dimensions", {2, 2, 5, 19, 7, 0.3}, -1, true, 1);
  add("slots past a block", {1, 1, 3, 3, 33, 0.3}, -1, true, 1);
  add("slow decay", {2, 2, 8, 8, 8, 0.1}, -0.02, true, 1);
  add("empty slots to begin with", {2, 2, 8, 8, 8, 0.3}, -1, false, 1);
  add("total decay", {2, 2, 8, 8, 8, 0.3}, -500, true, 1);
  add("extreme logits", {2, 2, 8, 8, 8, 0.3}, -1, true, 1e4);
  return list;
}

}  // namespace yore::mixers
