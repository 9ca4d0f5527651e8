#include "yore/anatomy/attention_rows.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <stdexcept>

#include "yore/base/budget.h"
#include "yore/base/interrupt.h"
#include "yore/mixers/mixer.h"

namespace yore::anatomy {
namespace {

using mixers::AttentionParams;
using mixers::HeadsSeen;

/// Numbers of one array of a strip, as far as one query of one head lets it: two such arrays stay in a second
/// cache, and products of matrices have rows enough to be fast.
constexpr std::int64_t kNumbers = 1 << 18;
constexpr std::int64_t kMostQueries = 128, kFewestQueries = 16;
/// Exponentials of it are 0, and it times 0 is no NaN.
constexpr double kUnseen = -1e30;

/// Heads that are treated alike.
struct Group {
  std::vector<std::int64_t> heads;
  int lookback = mixers::kGlobal;
};

std::vector<Group> groups_of(const AttentionParams& params, const std::vector<std::int64_t>& heads) {
  std::map<int, Group> by_lookback;
  for (const std::int64_t h : heads) {
    const int lookback =
        params.lookback.empty() ? mixers::kGlobal : params.lookback[static_cast<std::size_t>(h)];
    Group& group = by_lookback[lookback];
    group.heads.push_back(h);
    group.lookback = lookback;
  }
  std::vector<Group> all;
  for (auto& entry : by_lookback) all.push_back(std::move(entry.second));
  return all;
}

class Strips {
 public:
  Strips(const HeadsSeen& seen, const Group& group) : seen_(seen), params_(seen.params), group_(group) {}

  Strip compute(std::int64_t first_head, std::int64_t heads, std::int64_t first_query,
                std::int64_t queries) const {
    Strip s;
    s.heads.assign(group_.heads.begin() + first_head, group_.heads.begin() + first_head + heads);
    s.first_query = first_query;
    s.queries = queries;
    s.padding = queries - 1;
    if (group_.lookback != mixers::kGlobal && params_.sinks == 0)
      s.first_key = std::max<std::int64_t>(0, first_query - group_.lookback);
    scores(s);
    hide(s);
    at::Tensor shift = s.scores.amax(-1);  // a row that sees nothing keeps its numbers
    shift.masked_fill_(shift <= kUnseen / 2, 0);
    s.scores.sub_(shift.unsqueeze(-1));
    s.weights = at::exp(s.scores);
    s.total = s.weights.sum(-1);
    if (seen_.sink_logits.defined()) {
      const at::Tensor logits =
          seen_.sink_logits.index_select(0, at::tensor(s.heads, at::kLong)).unsqueeze(1);
      // Where nothing is seen the total is 0, and the sink takes all.
      s.sink_share = at::sigmoid(logits - shift - at::log(s.total));
    }
    s.sees = s.total > 0;
    s.total.masked_fill_(s.sees.logical_not(), 1);
    return s;
  }

 private:
  /// Scores of the keys from first_key to the last query.
  void scores(Strip& s) const {
    const at::Tensor &q = seen_.q, &k = seen_.k;
    const std::int64_t keys = s.distances(), repeat = q.size(1) / k.size(1);
    const double scale = params_.scale.value_or(1 / std::sqrt(static_cast<double>(q.size(2))));
    s.scores =
        at::empty({static_cast<std::int64_t>(s.heads.size()), s.queries, s.padding + keys}, q.options());
    s.scores.narrow(2, 0, s.padding).fill_(kUnseen);
    for (std::size_t i = 0; i < s.heads.size(); ++i) {
      const std::int64_t h = s.heads[i];
      at::Tensor to = s.scores.select(0, static_cast<std::int64_t>(i)).narrow(1, s.padding, keys);
      const at::Tensor rows = q.select(1, h).narrow(0, s.first_query, s.queries) * scale;
      at::mm_out(to, rows, k.select(1, h / repeat).narrow(0, s.first_key, keys).t());
      if (params_.soft_cap > 0) to.div_(params_.soft_cap).tanh_().mul_(params_.soft_cap);
      if (!params_.alibi_slopes.empty())
        to.sub_(distance(s) * params_.alibi_slopes[static_cast<std::size_t>(h)]);
    }
  }

  /// [queries, keys] of the strip, in the type that is computed in.
  at::Tensor distance(const Strip& s) const {
    const at::Tensor query = at::arange(s.first_query, s.first_query + s.queries, at::kLong);
    const at::Tensor key = at::arange(s.first_key, s.last_query() + 1, at::kLong);
    return (query.unsqueeze(1) - key).to(seen_.q.scalar_type());
  }

  void hide(const Strip& s) const {
    const std::int64_t nearest = params_.strict ? 1 : 0;
    // Among the keys of the strip's own queries: what comes after the query.
    const at::Tensor later = at::ones({s.queries, s.queries}, at::kBool).triu(1 - nearest);
    s.scores.narrow(2, s.column(s.first_query), s.queries).masked_fill_(later, kUnseen);
    if (group_.lookback == mixers::kGlobal) return;
    at::Tensor far = distance(s) > group_.lookback;
    if (params_.sinks > 0) far.narrow(1, 0, std::min<std::int64_t>(params_.sinks, far.size(1))).fill_(false);
    s.scores.narrow(2, s.padding, s.distances()).masked_fill_(far, kUnseen);
  }

  const HeadsSeen& seen_;
  const AttentionParams& params_;
  const Group& group_;
};

}  // namespace

at::Tensor Strip::by_distance(std::int64_t from, std::int64_t end) const {
  // One query later is one column to the right: row and column go up together. The farthest distance of all,
  // distances() - 1, is column 0 of the first row.
  const std::int64_t columns = weights.size(2);
  return weights.as_strided({weights.size(0), queries, end - from}, {weights.stride(0), columns + 1, 1},
                            weights.storage_offset() + distances() - end);
}

at::Tensor Strip::attention(std::int64_t from, std::int64_t end) const {
  const at::Tensor factor = sink_share.defined() ? (1 - sink_share) / total : at::reciprocal(total);
  return weights.narrow(2, from, end - from) * factor.unsqueeze(-1);
}

void for_each_strip(const HeadsSeen& seen, const RowsWanted& wanted,
                    const std::function<void(const Strip&)>& each) {
  if (seen.rows.starts.size() != 2)
    throw std::invalid_argument("for_each_strip: expected the rows of one sequence");
  const at::NoGradGuard no_gradients;
  const std::int64_t end = wanted.end < 0 ? seen.q.size(0) : wanted.end;
  std::vector<std::int64_t> heads = wanted.heads;
  if (heads.empty()) {
    heads.resize(static_cast<std::size_t>(seen.q.size(1)));
    std::iota(heads.begin(), heads.end(), std::int64_t{0});
  }
  for (const Group& group : groups_of(seen.params, heads)) {
    const Strips strips(seen, group);
    const auto count = static_cast<std::int64_t>(group.heads.size());
    const bool bounded = group.lookback != mixers::kGlobal && seen.params.sinks == 0;
    const auto keys_of = [&](std::int64_t query) {
      return bounded ? std::min<std::int64_t>(query + 1, group.lookback + 1) : query + 1;
    };
    for (std::int64_t t = wanted.first_query; t < end;) {
      // A strip is about as wide as its first query and the queries themselves make it.
      std::int64_t queries = kMostQueries;
      while (queries > kFewestQueries && queries * (keys_of(t) + 2 * queries) > kNumbers) queries /= 2;
      queries = std::min(queries, end - t);
      const std::int64_t wide = keys_of(t) + 2 * queries;
      const std::int64_t at_once = std::clamp<std::int64_t>(kNumbers / (queries * wide), 1, count);
      for (std::int64_t h = 0; h < count; h += at_once) {
        if (base::interrupted()) throw base::Interrupted("reading attention");
        each(strips.compute(h, std::min(at_once, count - h), t, queries));
      }
      t += queries;
    }
  }
}

double strip_bytes(std::int64_t tokens) {
  const auto numbers =
      static_cast<double>(std::max(2 * kNumbers, kFewestQueries * (tokens + 2 * kFewestQueries)));
  return 4 * sizeof(float) * numbers;  // scores, weights, and what is made of them
}

}  // namespace yore::anatomy
