// Values of linear attention layers that were worked out by hand, and gradients where nothing is seen.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "yore/mixers/mixer.h"

namespace yore::mixers {
namespace {

PackedRows one_sequence(std::int64_t first, std::int64_t tokens) {
  PackedRows rows;
  rows.starts = {0, tokens};
  rows.position = at::arange(first, first + tokens, at::kLong);
  rows.last = at::full({1}, tokens - 1, at::kLong);
  rows.last_position = at::full({1}, first + tokens - 1, at::kLong);
  rows.longest = first + tokens;
  return rows;
}

/// One head with one key and one value: a row (q, k, v) gives the normalised output in its first column.
std::unique_ptr<Mixer> plain(const std::string& map, double epsilon) {
  const double third = 1.0 / 3;
  auto layer = make_mixer("linear_attention", {3,
                                               {{"heads", 1},
                                                {"expand_k", third},
                                                {"expand_v", third},
                                                {"feature_map", map},
                                                {"normaliser", true},
                                                {"normaliser_epsilon", epsilon},
                                                {"output_norm", false}}});
  layer->bind({at::eye(3, at::kDouble), at::tensor({1.0, 0.0, 0.0}, at::kDouble).view({3, 1})});
  return layer;
}

// q = k = 1, v = (1, 3): the second output is their mean 2; the sum of keys that it is divided by is part of
// the state, or feeding the tokens one by one would give 4.
TEST(LinearAttentionLayer, NormalisesByAllThatWasSeen) {
  const auto layer = plain("identity", 0);
  const at::Tensor x = at::tensor({1.0, 1.0, 1.0, 1.0, 1.0, 3.0}, at::kDouble).view({2, 3});
  at::Tensor whole = x.clone().set_requires_grad(true);
  const at::Tensor y = layer->forward(whole, one_sequence(0, 2)).select(1, 0);
  EXPECT_NEAR(y[0].item<double>(), 1, 1e-15);
  EXPECT_NEAR(y[1].item<double>(), 2, 1e-15);
  const std::unique_ptr<State> state = layer->start({1, 0, 0});
  for (std::int64_t t = 0; t < 2; ++t)
    EXPECT_NEAR(layer->advance(*state, x.narrow(0, t, 1), one_sequence(t, 1))[0][0].item<double>(),
                t == 0 ? 1 : 2, 1e-15);
  const at::Tensor gradient = torch::autograd::grad({y[1]}, {whole})[0];
  EXPECT_NEAR(gradient[0][1].item<double>(), -0.5, 1e-15);  // (v_1 - y) / (k_1 + k_2)
  EXPECT_NEAR(gradient[1][1].item<double>(), 0.5, 1e-15);   // (v_2 - y) / (k_1 + k_2)
}

// A query that shares no feature with any key gives 0, and gradients are finite.
TEST(LinearAttentionLayer, SeesNothingWithoutACommonFeature) {
  const auto layer = plain("relu", 1e-10);
  at::Tensor x = at::tensor({1.0, -1.0, 5.0, -1.0, 2.0, 5.0}, at::kDouble).view({2, 3});
  x.set_requires_grad(true);
  const at::Tensor y = layer->forward(x, one_sequence(0, 2)).select(1, 0);
  EXPECT_EQ(y[0].item<double>(), 0);
  EXPECT_EQ(y[1].item<double>(), 0);
  EXPECT_TRUE(torch::autograd::grad({y.sum()}, {x})[0].isfinite().all().item<bool>());
}

}  // namespace
}  // namespace yore::mixers
