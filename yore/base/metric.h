// One measured number.
#pragma once
#include <cstdint>
#include <string>

#include "yore/base/files.h"

namespace yore::base {

/// What was measured (`name`: "accuracy", "loss") of which set ("validation", "41-100"), over how many cases.
/// `keys` says what else there is to know: {"min_length": 41, "max_length": 100, "correct": 512}.
struct Metric {
  std::string set, name;
  double value = 0;
  std::int64_t count = 0;
  Json keys = Json::object();
  bool operator==(const Metric&) const = default;
};

}  // namespace yore::base
