// One measured number.
#pragma once
#include <cstdint>
#include <string>

#include "yore/base/files.h"

namespace yore::base {

/// What was measured (`name`: "accuracy", "loss") of which set ("validation", "41-100"), over how many cases.
/// `keys` says what else there is to know: {"min_length": 41, "max_length": 100, "correct": 512}. Three are
/// read wherever metrics are shown: "correct" (the value is this many of count), "chance" (the value that
/// guessing gets) and "baselines" (what else to hold it against: names and their values of this metric).
struct Metric {
  std::string set, name;
  double value = 0;
  std::int64_t count = 0;
  Json keys = Json::object();
  bool operator==(const Metric&) const = default;
};

}  // namespace yore::base
