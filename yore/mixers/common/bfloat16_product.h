// Products of many rows with a matrix kept in bfloat16, the rows rounded to bfloat16 too, on the units that
// some processors have for that: several times as fast as wide_product(), and less exact.
#pragma once
#include <vector>

#include "yore/mixers/common/narrow_product.h"

namespace yore::mixers {

/// What multiplies bfloat16.
enum class Bfloat16Unit {
  Tiles,    ///< AMX
  Vectors,  ///< AVX-512-BF16
};

/// Those that this processor and its system have, the faster first.
std::vector<Bfloat16Unit> bfloat16_units();

/// As narrow_product(), of any number of rows, each number of x rounded to the nearest bfloat16: y errs by at
/// most 2^-8 of the sum of the terms' sizes, beside the roundings of a sum in float. Numbers below the
/// smallest normal float count as 0. Rows and threads change nothing. Throws std::invalid_argument for a unit
/// that is not there.
void bfloat16_product(const NarrowProduct& p, Bfloat16Unit unit);

}  // namespace yore::mixers
