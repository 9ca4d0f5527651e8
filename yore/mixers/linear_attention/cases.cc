// Linear attention in the settings that the conformance suite checks. The normaliser is one value column
// more, so that the kernel knows nothing of it; layer_cases.cc checks it.
#include "yore/mixers/conformance/scan_mechanism.h"
#include "yore/mixers/linear_attention/ref.h"

namespace yore::mixers {
namespace {

using conformance::Complex;
using conformance::ScanCase;

std::vector<Complex> linear_attention_reference(const ScanCase& c, conformance::ScanHead& head) {
  return ref::linear_attention(static_cast<std::size_t>(c.setting.key_dim),
                               static_cast<std::size_t>(c.setting.value_dim), c.setting.scale, head.q, head.k,
                               head.v, head.state);
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::vector<std::unique_ptr<conformance::Mechanism>> linear_attention_cases() {
  std::vector<std::unique_ptr<conformance::Mechanism>> list;
  const auto add = [&](const std::string& name, int heads, int key_heads, int keys, int values,
                       const auto& change) {
    ScanCase c;
    c.name = name;
    c.setting = {heads,
                 key_heads,
                 keys,
                 values,
                 scan::Decay::None,
                 scan::Rule::Add,
                 1 / std::sqrt(static_cast<double>(keys))};
    change(c);
    list.push_back(std::make_unique<conformance::ScanMechanism>(std::move(c), &linear_attention_reference));
  };
  const auto as_it_is = [](ScanCase&) {};
  add("one head", 1, 1, 8, 8, as_it_is);
  add("several heads", 3, 3, 4, 8, as_it_is);
  add("shared keys", 6, 2, 4, 8, as_it_is);
  add("odd dimensions", 2, 2, 5, 19, as_it_is);
  add("one key, one value", 2, 2, 1, 1, as_it_is);
  add("keys past a block", 1, 1, 33, 3, as_it_is);
  add("no state of its own", 2, 2, 8, 8, [](ScanCase& c) { c.initial = false; });
  add("large keys", 2, 2, 8, 8, [](ScanCase& c) {
    c.keys = 1e4;
    c.extreme = true;
  });
  return list;
}

}  // namespace yore::mixers
