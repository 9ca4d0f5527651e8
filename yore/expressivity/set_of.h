// Sets as sorted vectors.
#pragma once
#include <algorithm>
#include <utility>
#include <vector>

namespace yore::expressivity {

/// What is in `values`, each once, in ascending order.
inline std::vector<int> set_of(std::vector<int> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

}  // namespace yore::expressivity
