// A compiled recurrence's numbers, computed token by token and without torch from the recurrences as the
// mixers' own derivations write them: the part of forward.h for every mixer of targets.h but attention.
#pragma once
#include "yore/compiler/weights.h"

namespace yore::compiler {

/// What the mixer of a block hands on for rows x [position, width], in float32. Throws InputError("model")
/// for a mixer that nothing is compiled to, and for one with an option that compiled models do not set,
/// naming it.
Matrix forward_recurrence(const arch::ModelFile& file, std::size_t block, const Matrix& x);

}  // namespace yore::compiler
