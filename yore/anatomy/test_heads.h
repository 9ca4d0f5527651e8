// A layer's queries, keys and values drawn at random, and its attention as the definition says it: one row of
// weights after another, T x T, in double. The judge of everything that is computed in strips.
#pragma once
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <optional>
#include <vector>

#include "yore/mixers/attention/ref.h"
#include "yore/mixers/heads_seen.h"
#include "yore/mixers/mixer.h"

namespace yore::anatomy {

struct TestHeads {
  mixers::AttentionParams params;
  mixers::PackedRows rows;
  at::Tensor q, k, v, sink_logits;

  TestHeads(std::int64_t tokens, std::int64_t heads, std::int64_t kv_heads, std::int64_t dim,
            at::ScalarType type = at::kDouble) {
    // Numbers without a generator: the same on every platform.
    const auto numbers = [&](std::int64_t h, double step) {
      return at::sin(at::arange(tokens * h * dim, at::kDouble) * step + 1).view({tokens, h, dim}).to(type) *
             2;
    };
    q = numbers(heads, 0.7312);
    k = numbers(kv_heads, 1.1931);
    v = numbers(kv_heads, 0.3017);
    rows.starts = {0, tokens};
  }
  void with_sinks() { sink_logits = at::arange(q.size(1), q.options()) - 0.5; }
  mixers::HeadsSeen seen() const { return {at::Tensor(), q, k, v, at::Tensor(), sink_logits, params, rows}; }

  int lookback(std::int64_t head) const {
    return params.lookback.empty() ? -1 : params.lookback[static_cast<std::size_t>(head)];
  }

  /// Row t, column s: the attention that query t pays to key s; column T: what the sink logit takes.
  std::vector<std::vector<double>> attention(std::int64_t head) const {
    const std::int64_t tokens = q.size(0), dim = q.size(2);
    mixers::ref::Head how;
    how.queries = how.keys = static_cast<int>(tokens);
    how.lookback = lookback(head);
    how.strict = params.strict;
    how.sinks = params.sinks;
    const at::Tensor qd = q.to(at::kDouble).contiguous(), kd = k.to(at::kDouble).contiguous();
    const std::int64_t kv = head / (q.size(1) / k.size(1));
    std::vector<std::vector<double>> all;
    for (std::int64_t t = 0; t < tokens; ++t) {
      std::vector<double> row(static_cast<std::size_t>(tokens) + 1, 0.0);
      double total = 0;
      for (std::int64_t s = 0; s < tokens; ++s) {
        if (!mixers::ref::visible(how, static_cast<int>(t), static_cast<int>(s))) continue;
        const double* query = qd.data_ptr<double>() + (t * q.size(1) + head) * dim;
        const double* key = kd.data_ptr<double>() + (s * k.size(1) + kv) * dim;
        double score = 0;
        for (std::int64_t d = 0; d < dim; ++d) score += query[d] * key[d];
        score *= params.scale.value_or(1 / std::sqrt(static_cast<double>(dim)));
        if (params.soft_cap > 0) score = params.soft_cap * std::tanh(score / params.soft_cap);
        if (!params.alibi_slopes.empty())
          score -= params.alibi_slopes[static_cast<std::size_t>(head)] * static_cast<double>(t - s);
        total += row[static_cast<std::size_t>(s)] = std::exp(score);
      }
      if (sink_logits.defined())
        total += row.back() = std::exp(sink_logits.to(at::kDouble)[head].item<double>());
      if (total > 0)
        for (double& a : row) a /= total;
      all.push_back(std::move(row));
    }
    return all;
  }
};

/// Every way of seeing that attention has, over so many tokens.
inline std::vector<TestHeads> test_heads(std::int64_t tokens) {
  std::vector<TestHeads> all;
  for (const bool strict : {false, true})
    for (const bool sinks : {false, true}) {
      const auto add = [&](std::int64_t heads, std::int64_t kv_heads) -> mixers::AttentionParams& {
        all.emplace_back(tokens, heads, kv_heads, 5);
        if (sinks) all.back().with_sinks();
        all.back().params.strict = strict;
        return all.back().params;
      };
      add(2, 2);
      add(4, 2).lookback = {-1, 3, 0, 70};  // heads of one key head see differently far
      mixers::AttentionParams& kept = add(3, 1);
      kept.lookback = {9, -1, 9};
      kept.sinks = 2;
      kept.scale = 0.9;
      mixers::AttentionParams& capped = add(2, 1);
      capped.soft_cap = 1.5;
      capped.alibi_slopes = {0.5, 0.01};
    }
  return all;
}

}  // namespace yore::anatomy
