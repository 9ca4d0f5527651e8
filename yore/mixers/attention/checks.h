// What every entry for torch tensors refuses, in one place.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "yore/mixers/attention/params.h"

namespace yore::mixers {

/// Throws std::invalid_argument unless q, k, v (of `rank` dimensions, the last three being time, head, dim),
/// the parameters and the sink logits fit together as attention(...) documents.
void check_tensors(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                   const AttentionParams& params, const at::Tensor& sink_logits, std::int64_t rank);

/// Throws std::invalid_argument unless starts rise weakly from 0 to `rows`.
void check_starts(const char* name, const std::vector<std::int64_t>& starts, std::int64_t rows);

}  // namespace yore::mixers
