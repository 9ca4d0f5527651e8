// Attention without a mask, against loops over the definition; gradients against differences.
#include "yore/mixers/attention/encoder_torch.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>
#include <torch/autograd.h>

#include <algorithm>
#include <cmath>

namespace yore::mixers {
namespace {

constexpr double kScale = 0.7;

/// Row i, head h of sequence rows from .. to, by definition.
std::vector<double> expected(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, std::int64_t i,
                             std::int64_t h, std::int64_t from, std::int64_t to, bool hard) {
  const std::int64_t g = h / (q.size(1) / k.size(1)), dim = q.size(2);
  const auto number = [](const at::Tensor& x, std::int64_t r, std::int64_t head, std::int64_t d) {
    return x.accessor<double, 3>()[r][head][d];
  };
  std::vector<double> scores, out(static_cast<std::size_t>(dim), 0.0);
  for (std::int64_t j = from; j < to; ++j) {
    double score = 0;
    for (std::int64_t d = 0; d < dim; ++d) score += number(q, i, h, d) * number(k, j, g, d);
    scores.push_back(score);
  }
  const double largest = *std::max_element(scores.begin(), scores.end());
  double total = 0;
  for (std::int64_t j = from; j < to; ++j) {
    const double score = scores[static_cast<std::size_t>(j - from)];
    const double weight = hard ? (score == largest ? 1 : 0) : std::exp(kScale * (score - largest));
    total += weight;
    for (std::int64_t d = 0; d < dim; ++d) out[static_cast<std::size_t>(d)] += weight * number(v, j, g, d);
  }
  for (double& x : out) x /= total;
  return out;
}

TEST(AttentionEncoder, IsItsDefinition) {
  at::manual_seed(1);
  const std::vector<std::int64_t> starts = {0, 5, 5, 6, 140};
  // Small whole numbers, so that scores tie and are exact.
  const auto draw = [](std::int64_t heads) {
    return at::randint(-2, 3, {140, heads, 2}, at::TensorOptions().dtype(at::kDouble));
  };
  const at::Tensor q = draw(4), k = draw(2), v = draw(2);
  for (const bool hard : {false, true}) {
    const at::Tensor out = attention_encoder(q, k, v, starts, kScale, hard);
    for (std::size_t b = 1; b < starts.size(); ++b)
      for (std::int64_t i = starts[b - 1]; i < starts[b]; i += 7)
        for (std::int64_t h = 0; h < 4; ++h) {
          const std::vector<double> row = expected(q, k, v, i, h, starts[b - 1], starts[b], hard);
          for (std::int64_t d = 0; d < 2; ++d)
            EXPECT_NEAR((out.accessor<double, 3>()[i][h][d]), row[static_cast<std::size_t>(d)], 1e-13);
        }
  }
}

TEST(AttentionEncoder, HardWeightsHandGradientsToTheirValues) {
  at::manual_seed(2);
  const auto draw = [] { return at::randn({6, 2, 3}, at::TensorOptions().dtype(at::kDouble)); };
  at::Tensor q = draw(), k = draw(), v = draw().requires_grad_(true);
  const at::Tensor weights = draw();
  const auto loss = [&](const at::Tensor& values) {
    return (attention_encoder(q, k, values, {0, 6}, 1, true) * weights).sum();
  };
  const at::Tensor gradient = torch::autograd::grad({loss(v)}, {v})[0];
  const at::Tensor direction = draw();
  const double step = 1e-3;  // the loss is linear in the values
  const double slope =
      (loss(v.detach() + step * direction) - loss(v.detach() - step * direction)).item<double>() / (2 * step);
  EXPECT_NEAR((gradient * direction).sum().item<double>(), slope, 1e-10);
}

}  // namespace
}  // namespace yore::mixers
