// Attention among some positions against its definition, a scalar at a time.
#include "yore/mixers/attention/positions_torch.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "yore/base/random.h"
#include "yore/mixers/attention/attention.h"

namespace yore::mixers {
namespace {

at::Tensor drawn(at::IntArrayRef shape, std::uint64_t seed) {
  at::Tensor x = at::empty(shape, at::kDouble);
  base::Random random(seed);
  for (std::int64_t i = 0; i < x.numel(); ++i) x.data_ptr<double>()[i] = 2 * random.uniform() - 1;
  return x;
}

/// Row n, head h of the result, from what stands in math.md.
std::vector<double> by_definition(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                  const std::vector<std::int64_t>& position, std::int64_t first,
                                  std::int64_t n, std::int64_t h, const AttentionParams& params,
                                  const at::Tensor& sinks) {
  const auto head = static_cast<std::size_t>(h);
  const std::int64_t g = h / (q.size(1) / k.size(1)), at = position[static_cast<std::size_t>(n)];
  double total = sinks.defined() ? std::exp(sinks[h].item<double>()) : 0;
  std::vector<double> out(static_cast<std::size_t>(v.size(2)), 0);
  for (std::int64_t j = first; j <= n; ++j) {
    const std::int64_t place = position[static_cast<std::size_t>(j)], distance = at - place;
    if (params.strict && distance == 0) continue;
    const int lookback = params.lookback[head];
    if (lookback >= 0 && distance > lookback && place >= params.sinks) continue;
    double score = (q[n][h] * k[j][g]).sum().item<double>() * *params.scale;
    if (params.soft_cap > 0) score = params.soft_cap * std::tanh(score / params.soft_cap);
    if (!params.alibi_slopes.empty()) score -= params.alibi_slopes[head] * static_cast<double>(distance);
    const double weight = std::exp(score);
    total += weight;
    for (std::int64_t c = 0; c < v.size(2); ++c)
      out[static_cast<std::size_t>(c)] += weight * v[j][g][c].item<double>();
  }
  for (double& x : out) x = total == 0 ? 0 : x / total;
  return out;
}

TEST(AttentionAt, GoesByPositions) {
  // Two sequences; the second is longer than a block of queries, with gaps of several sizes.
  std::vector<std::int64_t> position = {0, 2, 3, 7, 20};
  const std::vector<std::int64_t> starts = {0, 5, 5, 145};
  base::Random random(3);
  for (std::int64_t i = 0, at = 0; i < 140; ++i, at += 1 + static_cast<std::int64_t>(random.below(3)))
    position.push_back(at);
  const at::Tensor q = drawn({145, 4, 6}, 1), k = drawn({145, 2, 6}, 2), v = drawn({145, 2, 3}, 3),
                   sinks = drawn({4}, 4);
  AttentionParams plain;
  plain.lookback = {-1, 3, 40, 0};
  plain.scale = 0.7;
  AttentionParams windows = plain, strict = plain, alibi = plain, first = plain, capped = plain;
  windows.lookback = {5, 3, 17, 0};
  strict.strict = true;
  alibi.alibi_slopes = {0.1, 0.2, 0.3, 0.01};
  first.sinks = 3;
  capped.soft_cap = 0.4;
  for (const AttentionParams& params : {plain, windows, strict, alibi, first, capped})
    for (const bool with_sinks : {false, true}) {
      const at::Tensor got = attention_at(q, k, v, starts, at::tensor(position, at::kLong), params,
                                          with_sinks ? sinks : at::Tensor());
      for (const std::int64_t n : {0, 1, 3, 4, 5, 6, 60, 132, 133, 144})
        for (std::int64_t h = 0; h < 4; ++h) {
          const std::vector<double> wanted = by_definition(q, k, v, position, n < 5 ? 0 : 5, n, h, params,
                                                           with_sinks ? sinks : at::Tensor());
          for (std::int64_t c = 0; c < 3; ++c)
            EXPECT_NEAR(got[n][h][c].item<double>(), wanted[static_cast<std::size_t>(c)], 1e-12)
                << n << " " << h;
        }
    }
}

TEST(AttentionAt, IsAttentionWhereNoPositionIsLeftOut) {
  const std::vector<std::int64_t> starts = {0, 4, 9}, position = {0, 1, 2, 3, 0, 1, 2, 3, 4};
  const at::Tensor q = drawn({9, 2, 4}, 1), k = drawn({9, 2, 4}, 2), v = drawn({9, 2, 4}, 3);
  AttentionParams params;
  params.lookback = {2, -1};
  const at::Tensor at = attention_at(q, k, v, starts, at::tensor(position, at::kLong), params);
  EXPECT_TRUE(at::allclose(at, attention_packed(q, k, v, starts, starts, params), 0, 1e-12));
}

TEST(AttentionAt, KnowsWhenRowsArePositions) {
  const auto same = [](std::vector<int> lookback, std::vector<std::int64_t> position, double slope = 0) {
    AttentionParams params;
    if (slope != 0) params.alibi_slopes.assign(lookback.size(), slope);
    params.lookback = std::move(lookback);
    const auto count = static_cast<std::int64_t>(position.size());
    return rows_are_positions(params, {0, count}, at::tensor(position, at::kLong));
  };
  EXPECT_TRUE(same({2, -1}, {0, 1, 2, 3}));
  EXPECT_TRUE(same({-1, -1}, {0, 5, 9}));
  EXPECT_TRUE(same({9}, {0, 5, 9}));
  EXPECT_FALSE(same({8}, {0, 5, 9}));
  EXPECT_FALSE(same({-1}, {0, 5, 9}, 0.5)) << "ALiBi measures distance";
  EXPECT_TRUE(same({-1}, {0, 1, 2}, 0.5));
}

TEST(AttentionAt, RefusesPositionsOfAnotherShape) {
  const at::Tensor x = drawn({3, 1, 4}, 1);
  EXPECT_THROW(attention_at(x, x, x, {0, 3}, at::tensor({0.0, 1.0, 2.0}), {}), std::invalid_argument);
  EXPECT_THROW(attention_at(x, x, x, {0, 3}, at::arange(2, at::kLong), {}), std::invalid_argument);
  EXPECT_THROW(attention_at(x, x, x, {0, 2}, at::arange(3, at::kLong), {}), std::invalid_argument);
}

}  // namespace
}  // namespace yore::mixers
