#include "yore/anatomy/head_statistics.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>

#include "yore/anatomy/attention_rows.h"

namespace yore::anatomy {
namespace {

using mixers::HeadsSeen;

/// Sums over queries, one entry (or row) a head, in double.
class HeadSums {
 public:
  explicit HeadSums(const HeadsSeen& seen)
      : heads_(seen.q.size(1)),
        tokens_(seen.q.size(0)),
        nearest_(seen.params.strict ? 1 : 0),
        windows_(window_sizes(tokens_)) {
    const auto zeros = [&](std::int64_t columns) { return at::zeros({heads_, columns}, at::kDouble); };
    received_ = zeros(tokens_);
    inside_ = zeros(static_cast<std::int64_t>(windows_.size()));
    first_ = zeros(1);
    rows_ = zeros(1);
    entropy_ = zeros(1);
    distance_ = zeros(1);
    if (seen.sink_logits.defined()) sink_ = zeros(1);
  }

  void add(const Strip& s) {
    which_ = at::tensor(s.heads, at::kLong);
    const at::Tensor flat = s.weights.view({-1, s.weights.size(2)});
    // sum a (query - key): distances from the strip's last query, less the query's own distance from it.
    const at::Tensor from_last = at::arange(s.weights.size(2) - 1, -1, -1, s.weights.options());
    const at::Tensor own = at::arange(s.queries - 1, -1, -1, s.weights.options());
    const at::Tensor far = at::mv(flat, from_last).view(s.total.sizes()) / s.total;
    put(rows_, s.sees.sum(-1, true, at::kDouble));
    put(distance_, ((far - own) * s.sees).sum(-1, true, at::kDouble));
    put(entropy_,
        (at::log(s.total) - at::mul(s.weights, s.scores).sum(-1) / s.total).sum(-1, true, at::kDouble));
    windows(s);
    sinks(s);
    if (s.sink_share.defined()) put(sink_, (s.sink_share * s.sees).sum(-1, true, at::kDouble));
  }

  HeadStatistics of(std::int64_t head, int lookback) const {
    HeadStatistics h;
    h.lookback = lookback;
    const auto number = [&](const at::Tensor& x) { return x.data_ptr<double>()[head * x.size(1)]; };
    const double rows = std::max(1.0, number(rows_));
    h.first_share = number(first_) / rows;
    h.entropy = number(entropy_) / rows;
    h.distance = number(distance_) / rows;
    if (sink_.defined()) h.sink_logit_share = number(sink_) / rows;
    const double* inside = inside_.data_ptr<double>() + head * inside_.size(1);
    double sum = 0;
    for (std::size_t i = 0; i < windows_.size(); ++i) h.inside.push_back((sum += inside[i]) / rows);
    const double* received = received_.data_ptr<double>() + head * tokens_;
    h.sink_first = received[0] / static_cast<double>(std::min(kSinkQueries, tokens_));
    std::int64_t above = 0;
    const std::int64_t others = std::max<std::int64_t>(0, tokens_ - kSinkQueries);
    for (std::int64_t s = 1; s <= others; ++s) {
      const double rate = received[s] / static_cast<double>(kSinkQueries);
      if (rate > kSinkThreshold) ++above;
      if (h.sink_other && *h.sink_other >= rate) continue;
      h.sink_other = rate;
      h.sink_other_at = s;
    }
    if (others > 0) h.sink_others_share = static_cast<double>(above) / static_cast<double>(others);
    return h;
  }

 private:
  /// Adds [h, n] of the strip's heads to all heads' columns from `column` on.
  void put(at::Tensor& sums, const at::Tensor& more, std::int64_t column = 0) const {
    sums.narrow(1, column, more.size(1)).index_add_(0, which_, more);
  }

  /// What window i holds and window i - 1 does not.
  void windows(const Strip& s) {
    std::int64_t from = 0;
    for (std::size_t i = 0; i < windows_.size() && from < s.distances(); ++i) {
      const std::int64_t end = std::min(windows_[i] + nearest_, s.distances());
      put(inside_, (s.by_distance(from, end).sum(-1) / s.total).sum(-1, true, at::kDouble),
          static_cast<std::int64_t>(i));
      from = end;
    }
  }

  void sinks(const Strip& s) {
    const std::int64_t from = std::max(s.first_key, s.first_query - kSinkQueries + 1);
    at::Tensor near = s.attention(s.column(from), s.weights.size(2));
    const at::Tensor far = at::arange(s.first_query, s.first_query + s.queries, at::kLong).unsqueeze(1) -
                               at::arange(from, s.last_query() + 1, at::kLong) >=
                           kSinkQueries;
    near.masked_fill_(far, 0);
    put(received_, near.sum(1, false, at::kDouble), from);
    if (s.first_key == 0) put(first_, s.attention(s.padding, s.padding + 1).sum({1}, false, at::kDouble));
  }

  std::int64_t heads_, tokens_, nearest_;
  std::vector<std::int64_t> windows_;
  at::Tensor received_, inside_, first_, rows_, entropy_, distance_, sink_, which_;
};

}  // namespace

std::vector<std::int64_t> window_sizes(std::int64_t tokens) {
  std::vector<std::int64_t> sizes{1};
  while (sizes.back() < tokens) sizes.push_back(2 * sizes.back());
  return sizes;
}

std::vector<HeadStatistics> head_statistics(const HeadsSeen& seen) {
  HeadSums sums(seen);
  for_each_strip(seen, {}, [&](const Strip& strip) { sums.add(strip); });
  std::vector<HeadStatistics> all;
  for (std::int64_t h = 0; h < seen.q.size(1); ++h)
    all.push_back(sums.of(h, seen.params.lookback.empty()
                                 ? mixers::kGlobal
                                 : seen.params.lookback[static_cast<std::size_t>(h)]));
  return all;
}

}  // namespace yore::anatomy
