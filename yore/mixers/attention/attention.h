// Softmax attention over the past on torch tensors: global, local, strict or not, per head. One mechanism;
// what differs is a parameter (params.h). Definitions: math.md. The definition as a program: ref.h.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "yore/mixers/attention/params.h"

namespace yore::mixers {

/// out[b,i,h] = sum over visible j of softmax_j(cap(scale q[b,i,h].k[b,j,g]) - slope_h (p - j)) v[b,j,g],
/// with p = i + T_k
/// - T_q the position of query i, g = h / (H / H_kv) its key head and cap the soft cap, if any; exactly 0
/// with zero gradients where nothing is visible.
///
/// q [B, T_q, H, D], k [B, T_k, H_kv, D], v [B, T_k, H_kv, D_v], H_kv dividing H, D and D_v from 1 to 256,
/// any strides; the result is [B, T_q, H, D_v]. q is float or double; k and v are of its type, or both
/// bfloat16 or both float16 for a float q (arithmetic stays in float). sink_logits, if defined, is [H] of q's
/// type: exp(sink_logits[h]) is added to each denominator. Differentiable in q, k, v and sink_logits; a
/// second derivative through the kernel is an error (std::runtime_error when it is asked for). On the CPU
/// this is the kernel (kernel.h), O(T x window); elsewhere the composition below: backend_of tells. Throws
/// std::invalid_argument naming what was expected and what came.
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const AttentionParams& params, const at::Tensor& sink_logits = {});

/// The same for sequences of different lengths without padding: sequence b owns rows query_starts[b] ..
/// query_starts[b+1]-1 of q [N, H, D] and key_starts[b] .. key_starts[b+1]-1 of k [M, H_kv, D] and v [M,
/// H_kv, D_v]; starts rise (weakly) from 0 to N and to M. The result is [N, H, D_v].
at::Tensor attention_packed(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                            const std::vector<std::int64_t>& query_starts,
                            const std::vector<std::int64_t>& key_starts, const AttentionParams& params,
                            const at::Tensor& sink_logits = {});

/// attention_packed of queries, keys and values that one product made: qkv [N, 3, H, D]; the result is [N, H,
/// D]. Its gradient is written in place instead of being put together from three.
at::Tensor attention_packed(const at::Tensor& qkv, const std::vector<std::int64_t>& starts,
                            const AttentionParams& params);

/// The last row of each sequence alone: q [B, H, D] over kv [N, 2, H, D] (keys, values); [B, H, D].
at::Tensor attention_last(const at::Tensor& q, const at::Tensor& kv, const std::vector<std::int64_t>& starts,
                          const AttentionParams& params);

/// attention(...) as a few torch operations with a mask, in time and memory O(T_q x T_k): any device, the
/// form that the kernel is held against.
at::Tensor attention_composition(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                 const AttentionParams& params, const at::Tensor& sink_logits = {});

/// What attention(...) runs for such a query tensor: "kernel (AVX2)" or the like, or "composition".
std::string backend_of(const at::Tensor& q);

}  // namespace yore::mixers
