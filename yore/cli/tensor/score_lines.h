// Measured numbers as lines for people.
#pragma once
#include <string>
#include <vector>

#include "yore/base/metric.h"

namespace yore::cli {

/// One line a set and metric; numbers by length are left out, witness words are summed up by the class that
/// they refute.
std::string metric_lines(const std::vector<base::Metric>& metrics);

}  // namespace yore::cli
