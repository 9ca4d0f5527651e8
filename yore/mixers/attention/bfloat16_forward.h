// bfloat16.h's entries for arguments that have been checked, complete parameters (complete_params), and a
// processor that has the unit.
#pragma once
#include "yore/mixers/attention/bfloat16.h"

namespace yore::mixers::kernel {

/// Whether the build has it: it needs Highway's AVX3 among the targets that are compiled.
bool compiled_bfloat16_forward();

void forward_bfloat16_unchecked(const Bfloat16Problem& problem, const AttentionParams& params,
                                View<float> out, float* lse);
void forward_bfloat16_unchecked(const Bfloat16Problem& problem, const AttentionParams& params,
                                View<std::uint16_t> out, float* lse);

}  // namespace yore::mixers::kernel
