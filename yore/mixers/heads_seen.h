// What a layer of attention hands to whoever looks on (MixContext::observe): all that its weights follow
// from.
#pragma once
#include <ATen/core/Tensor.h>

#include "yore/mixers/attention/params.h"

namespace yore::mixers {

struct PackedRows;

/// One forward pass of one layer over N rows. The tensors are those that were computed with, so that
/// gradients can be asked of them.
struct HeadsSeen {
  at::Tensor x;            ///< [N, width] what the layer was given
  at::Tensor q;            ///< [N, H, D] queries, after norms and rotation
  at::Tensor k, v;         ///< [N, H_kv, D]; head h reads kv head h / (H / H_kv)
  at::Tensor mixed;        ///< [N, H, D] what the heads hand on, before head gates
  at::Tensor sink_logits;  ///< [H], or undefined
  const AttentionParams& params;
  const PackedRows& rows;
};

}  // namespace yore::mixers
