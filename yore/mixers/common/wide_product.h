// Products of many rows with a matrix kept in bfloat16: what a model does with a prompt, when the time is
// that of the multiplications.
#pragma once
#include "yore/mixers/common/narrow_product.h"

namespace yore::mixers {

/// As narrow_product(), of any number of rows. Sums are taken in float, one input after another, whatever
/// rows and threads are; x is copied a block of rows at a time, weights are widened a few kilobytes at a
/// time.
void wide_product(const NarrowProduct& p);

}  // namespace yore::mixers
