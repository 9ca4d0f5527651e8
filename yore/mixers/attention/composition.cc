// Attention as a composition of torch operations: any device, float or double. Clear rather than fast: it
// forms all T_q x T_k scores and hides what is not visible.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "yore/mixers/attention/attention.h"
#include "yore/mixers/attention/checks.h"

namespace yore::mixers {
namespace {

/// Stands for minus infinity in masks: exp(kHidden - max) is exactly 0, yet no infinity meets another.
constexpr double kHidden = -1e30;

/// [H or 1, T_q, T_k]: whether query i sees key j.
at::Tensor visible(const AttentionParams& params, const at::Tensor& distance, const at::Tensor& key) {
  at::Tensor reach = at::tensor(std::vector<std::int64_t>(params.lookback.begin(), params.lookback.end()),
                                distance.options())
                         .view({-1, 1, 1});
  const at::Tensor past = distance >= (params.strict ? 1 : 0);
  return past & ((reach < 0) | (distance <= reach) | (key < params.sinks));
}

}  // namespace

at::Tensor attention_composition(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                 const AttentionParams& given, const at::Tensor& sink_logits) {
  check_tensors(q, k, v, given, sink_logits, 4);
  const AttentionParams params =
      complete_params(given, static_cast<int>(q.size(2)), static_cast<int>(q.size(3)));
  const std::int64_t queries = q.size(1), keys = k.size(1), heads = q.size(2);
  if (q.numel() == 0 || keys == 0) return at::zeros({q.size(0), queries, heads, v.size(3)}, q.options());
  const auto integers = q.options().dtype(at::kLong);
  const at::Tensor key = at::arange(keys, integers).view({1, 1, -1});
  const at::Tensor distance = at::arange(keys - queries, keys, integers).view({1, -1, 1}) - key;
  const at::Tensor seen = visible(params, distance, key);
  const auto per_head = [&](const at::Tensor& x) {
    const at::Tensor y = x.to(q.scalar_type()).transpose(1, 2);
    return x.size(2) == heads ? y : y.repeat_interleave(heads / x.size(2), 1);
  };
  at::Tensor score = at::matmul(q.transpose(1, 2), per_head(k).transpose(2, 3)) * *params.scale;
  if (params.soft_cap != 0) score = at::tanh(score / params.soft_cap) * params.soft_cap;
  if (!params.alibi_slopes.empty())
    score =
        score - at::tensor(params.alibi_slopes, q.options()).view({-1, 1, 1}) * distance.to(q.scalar_type());
  score = score.masked_fill(seen.logical_not(), kHidden);
  if (sink_logits.defined())
    score = at::cat({score, sink_logits.view({1, -1, 1, 1}).expand({q.size(0), heads, queries, 1})}, 3);
  // A row that sees nothing is uniform here; the product with `seen` makes it 0, with zero gradients.
  const at::Tensor weight = at::softmax(score, -1).narrow(3, 0, keys) * seen;
  return at::matmul(weight, per_head(v)).transpose(1, 2);
}

}  // namespace yore::mixers
