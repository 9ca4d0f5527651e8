// Peak memory of one attention call, measured in a process of its own.
#pragma once
#include <string>

#include "bench/problem.h"
#include "yore/base/files.h"

namespace yore::bench {

enum class Way { Kernel, Composition };

/// Peak resident bytes beyond those of the same process before it made its inputs, over bytes of inputs and
/// outputs: 1 means no memory but theirs. Starts this program again with --memory-of.
double peak_over_data(const Shape& shape, Way way, bool with_backward, int threads);

/// The child's side: does what `request` says and prints the answer.
void answer_memory_request(const base::Json& request);

}  // namespace yore::bench
