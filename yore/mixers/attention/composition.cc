// Attention as a composition of torch operations: any device, float or double. Clear rather than fast: it
// forms all scores of the queries and keys that it is given and hides what is not visible.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <stdexcept>

#include "yore/mixers/attention/attention.h"
#include "yore/mixers/attention/checks.h"
#include "yore/mixers/attention/positions_torch.h"

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

/// Attention of checked q [B, T_q, H, D] at these positions over keys at those, int64 each, with complete
/// parameters.
at::Tensor composed(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                    const AttentionParams& params, const at::Tensor& sink_logits,
                    const at::Tensor& query_position, const at::Tensor& key_position) {
  const std::int64_t queries = q.size(1), keys = k.size(1), heads = q.size(2);
  if (q.numel() == 0 || keys == 0) return at::zeros({q.size(0), queries, heads, v.size(3)}, q.options());
  const at::Tensor key = key_position.view({1, 1, -1});
  const at::Tensor distance = query_position.view({1, -1, 1}) - key;
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

/// Queries whose scores are held at a time.
constexpr std::int64_t kQueriesAtOnce = 128;

/// The longest lookback of any head; -1 if one is global, or sinks are seen beyond it.
std::int64_t reach_of(const AttentionParams& params) {
  std::int64_t reach = 0;
  for (const int lookback : params.lookback)
    reach = lookback < 0 || reach < 0 ? -1 : std::max<std::int64_t>(reach, lookback);
  return params.lookback.empty() || params.sinks > 0 ? -1 : reach;
}

}  // namespace

bool rows_are_positions(const AttentionParams& params, const std::vector<std::int64_t>& starts,
                        const at::Tensor& position) {
  const auto* p = position.data_ptr<std::int64_t>();
  for (std::size_t b = 1; b < starts.size(); ++b) {
    if (starts[b] == starts[b - 1]) continue;
    const std::int64_t first = p[starts[b - 1]], last = p[starts[b] - 1];
    if (first == 0 && last + 1 == starts[b] - starts[b - 1]) continue;
    if (!params.alibi_slopes.empty()) return false;
    for (const int lookback : params.lookback)
      if (lookback >= 0 && lookback < last - first) return false;
  }
  return true;
}

at::Tensor attention_at(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                        const std::vector<std::int64_t>& starts, const at::Tensor& position,
                        const AttentionParams& given, const at::Tensor& sink_logits) {
  check_tensors(q, k, v, given, sink_logits, 3);
  check_starts("starts", starts, q.size(0));
  check_starts("starts", starts, k.size(0));
  if (position.scalar_type() != at::kLong || position.dim() != 1 || position.size(0) != q.size(0))
    throw std::invalid_argument("attention_at: position must be int64 with one number a row");
  const AttentionParams params =
      complete_params(given, static_cast<int>(q.size(1)), static_cast<int>(q.size(2)));
  const std::int64_t reach = reach_of(params);
  const at::Tensor place = position.contiguous();
  const auto* p = place.data_ptr<std::int64_t>();
  std::vector<at::Tensor> parts;
  for (std::size_t b = 1; b < starts.size(); ++b)
    for (std::int64_t row = starts[b - 1], first = row; row < starts[b];) {
      const std::int64_t end = std::min(starts[b], row + kQueriesAtOnce);
      if (reach >= 0) first = std::lower_bound(p + first, p + row, p[row] - reach) - p;
      const auto rows = [](const at::Tensor& x, std::int64_t from, std::int64_t to) {
        return x.narrow(0, from, to - from).unsqueeze(0);
      };
      parts.push_back(composed(rows(q, row, end), rows(k, first, end), rows(v, first, end), params,
                               sink_logits, place.narrow(0, row, end - row),
                               place.narrow(0, first, end - first))
                          .squeeze(0));
      row = end;
    }
  return parts.empty() ? at::zeros({0, q.size(1), v.size(2)}, q.options()) : at::cat(parts, 0);
}

at::Tensor attention_composition(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                 const AttentionParams& given, const at::Tensor& sink_logits) {
  check_tensors(q, k, v, given, sink_logits, 4);
  const AttentionParams params =
      complete_params(given, static_cast<int>(q.size(2)), static_cast<int>(q.size(3)));
  const auto integers = q.options().dtype(at::kLong);
  const std::int64_t queries = q.size(1), keys = k.size(1);
  return composed(q, k, v, params, sink_logits, at::arange(keys - queries, keys, integers),
                  at::arange(keys, integers));
}

}  // namespace yore::mixers
