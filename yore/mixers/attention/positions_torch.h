// Attention among some of a sequence's positions, as if the others were hidden from everyone: what is left
// when tokens let another one stand for them (model/token_selection.h).
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "yore/mixers/attention/params.h"

namespace yore::mixers {

/// Whether attention_packed of these rows is attention_at of them: no sequence leaves out a position, or no
/// head would see another key for it. position: int64 [N], contiguous, rising within a sequence.
bool rows_are_positions(const AttentionParams& params, const std::vector<std::int64_t>& starts,
                        const at::Tensor& position);

/// attention_packed (attention.h) of queries and keys at the same rows, of which row n stands at position[n]
/// of its sequence: lookbacks, sinks and ALiBi go by positions. q [N, H, D], k [N, H_kv, D], v [N, H_kv,
/// D_v]; sequence b owns rows starts[b] .. starts[b+1]-1; position int64 [N], rising within a sequence. A
/// composition of torch operations for a block of queries at a time: memory grows with the rows, time with
/// rows x window. Differentiable. Throws std::invalid_argument as attention_packed.
at::Tensor attention_at(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                        const std::vector<std::int64_t>& starts, const at::Tensor& position,
                        const AttentionParams& params, const at::Tensor& sink_logits = {});

}  // namespace yore::mixers
