// V-scale on tensors against the composition of torch operations, and what the layer promises of it.
#include "yore/mixers/attention/value_scale_torch.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <stdexcept>

namespace yore::mixers {
namespace {

at::Tensor random_values(at::IntArrayRef shape) {
  return at::rand(shape, at::kDouble) * 2 - 1;
}

// Everything in double: the two differ by the order of sums.
TEST(ScaleValues, GradientsAreThoseOfAutograd) {
  for (const bool backward_only : {false, true})
    for (const bool learnt : {false, true}) {
      const at::Tensor wide = random_values({7, 3, 9});
      const at::Tensor v = wide.narrow(2, 2, 6).detach().set_requires_grad(true);  // rows with gaps
      const at::Tensor theta = learnt ? random_values({3}).set_requires_grad(true) : at::Tensor();
      const at::Tensor g = random_values({7, 3, 6});
      const ValueScaling scaling{1.7, backward_only};
      std::vector<at::Tensor> inputs = {v};
      if (learnt) inputs.push_back(theta);
      const at::Tensor ours = scale_values(v, theta, scaling),
                       right = scale_values_composition(v, theta, scaling);
      EXPECT_LE((ours - right).abs().max().item<double>(), 1e-14);
      const auto a = torch::autograd::grad({(ours * g).sum()}, inputs);
      const auto b = torch::autograd::grad({(right * g).sum()}, inputs);
      for (std::size_t i = 0; i < inputs.size(); ++i)
        EXPECT_LE((a[i] - b[i]).abs().max().item<double>(), 1e-13) << i;
    }
}

TEST(ScaleValues, BackwardOnlyKeepsTheBits) {
  const at::Tensor v = at::rand({50, 4, 8}, at::kFloat);
  EXPECT_TRUE(at::equal(scale_values(v, {}, {2.0, true}), v));
  EXPECT_FALSE(at::equal(scale_values(v, {}, {2.0, false}), v));
}

TEST(ScaleValues, FloatIsDoubleRounded) {
  const at::Tensor v = random_values({40, 2, 33}), theta = random_values({2});
  const at::Tensor single = scale_values(v.to(at::kFloat), theta.to(at::kFloat), {3.0, false});
  const at::Tensor right =
      scale_values(v.to(at::kFloat).to(at::kDouble), theta.to(at::kFloat).to(at::kDouble), {3.0, false});
  EXPECT_LE((single - right).abs().max().item<double>(), 40 * 6e-8);  // 33 terms and a few roundings
}

TEST(ScaleValues, ASecondDerivativeIsAnError) {
  const at::Tensor v = random_values({2, 1, 4}).set_requires_grad(true);
  const at::Tensor first =
      torch::autograd::grad({scale_values(v, {}, {1.0, false}).square().sum()}, {v}, {}, true, true)[0];
  EXPECT_THROW(torch::autograd::grad({first.sum()}, {v}), std::exception);
}

TEST(ScaleValues, RefusesShapesAndTypes) {
  const at::Tensor v = random_values({5, 2, 4});
  EXPECT_THROW(scale_values(v.view({5, 8}), {}, {}), std::invalid_argument);
  EXPECT_THROW(scale_values(v, random_values({3}), {}), std::invalid_argument);
  EXPECT_THROW(scale_values(v, at::zeros({2}, at::kFloat), {}), std::invalid_argument);
  EXPECT_THROW(scale_values(v.to(at::kHalf), {}, {}), std::invalid_argument);
  EXPECT_THROW(scale_values(v, {}, {0.0, false}), std::invalid_argument);
}

}  // namespace
}  // namespace yore::mixers
