#include "yore/mixers/common/alibi.h"

#include <bit>
#include <cmath>

namespace yore::mixers {

std::vector<double> alibi_slopes(int heads) {
  const auto power = static_cast<int>(std::bit_floor(static_cast<unsigned>(heads)));
  std::vector<double> slopes;
  for (int h = 1; h <= power; ++h) slopes.push_back(std::exp2(-8.0 * h / power));
  for (int h = 1; static_cast<int>(slopes.size()) < heads; h += 2)
    slopes.push_back(std::exp2(-8.0 * h / (2.0 * power)));
  return slopes;
}

}  // namespace yore::mixers
