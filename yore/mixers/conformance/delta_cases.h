// The kernel cases that every mechanism with the delta rule is checked in; cases.cc says its decay and its
// definition.
#pragma once
#include <cmath>

#include "yore/mixers/conformance/scan_mechanism.h"

namespace yore::mixers::conformance {

/// The list, for memories that decay so.
inline std::vector<std::unique_ptr<Mechanism>> delta_cases(scan::Decay decay,
                                                           ScanMechanism::Reference reference) {
  std::vector<std::unique_ptr<Mechanism>> list;
  const auto add = [&](const std::string& name, int heads, int key_heads, int keys, int values,
                       const auto& change) {
    ScanCase c;
    c.name = name;
    c.setting = {
        heads, key_heads, keys, values, decay, scan::Rule::Delta, 1 / std::sqrt(static_cast<double>(keys))};
    c.keys = 1 / std::sqrt(static_cast<double>(keys));  // at most of length 1, as layers norm them
    c.beta = true;
    change(c);
    list.push_back(std::make_unique<ScanMechanism>(std::move(c), reference));
  };
  const auto as_it_is = [](ScanCase&) {};
  add("one head", 1, 1, 8, 8, as_it_is);
  add("key heads shared", 4, 2, 5, 19, as_it_is);
  add("one key head", 3, 1, 4, 8, as_it_is);
  add("keys past a block", 1, 1, 33, 3, as_it_is);
  add("writes up to 2", 2, 2, 8, 8, [](ScanCase& c) { c.most_beta = 2; });
  add("writes of 1", 2, 2, 8, 8, [](ScanCase& c) { c.least_beta = 1; });
  add("writes of 0", 2, 2, 8, 8, [](ScanCase& c) { c.most_beta = 0; });
  add("zero keys", 2, 2, 8, 8, [](ScanCase& c) { c.keys = 0; });
  add("no state of its own", 2, 2, 8, 8, [](ScanCase& c) { c.initial = false; });
  add("keys whose squares are 0 in floats", 2, 2, 8, 8, [](ScanCase& c) {
    c.keys = 1e-30;
    c.extreme = true;
  });
  if (decay == scan::Decay::None) return list;
  add("fast decay", 2, 2, 8, 8, [](ScanCase& c) { c.least_log = -30; });
  add("no decay", 2, 2, 8, 8, [](ScanCase& c) { c.least_log = 0; });
  // Most tokens forget everything, some next to nothing.
  add("total decay", 2, 2, 8, 8, [](ScanCase& c) {
    c.least_log = -500;
    c.extreme = true;
  });
  return list;
}

}  // namespace yore::mixers::conformance
