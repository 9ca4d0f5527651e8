// Gates of Mamba-2 layers from none to total, in float: finite, and what the definition says in the limit.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "yore/base/random.h"
#include "yore/mixers/mixer.h"

namespace yore::mixers {
namespace {

constexpr std::int64_t kWidth = 6, kTokens = 70;

at::Tensor random_tensor(at::IntArrayRef shape, base::Random& random) {
  at::Tensor x = at::empty(shape, at::kFloat);
  for (std::int64_t i = 0; i < x.numel(); ++i)
    x.data_ptr<float>()[i] = static_cast<float>(2 * random.uniform() - 1);
  return x;
}

PackedRows one_sequence(std::int64_t tokens) {
  PackedRows rows;
  rows.starts = {0, tokens};
  rows.position = at::arange(tokens, at::kLong);
  rows.last = rows.last_position = at::full({1}, tokens - 1, at::kLong);
  rows.longest = tokens;
  return rows;
}

/// A layer without convolution whose steps and rates come from these numbers alone, but for the row's part in
/// the step.
struct Layer {
  std::unique_ptr<Mixer> mixer;
  std::vector<at::Tensor> values;
  Layer(double dt_bias, double a_log) {
    mixer = make_mixer("mamba2", {kWidth, {{"head_width", 4}, {"state", 5}, {"conv", 0}}});
    base::Random random(1);
    for (const ParameterSpec& spec : mixer->parameters()) {
      at::Tensor x = random_tensor(spec.shape, random);
      if (spec.name == "dt.bias") x = at::full(spec.shape, dt_bias, at::kFloat);
      if (spec.name == "a_log") x = at::full(spec.shape, a_log, at::kFloat);
      values.push_back(x.set_requires_grad(true));
    }
    mixer->bind(values);
  }
  at::Tensor run(const at::Tensor& x) const { return mixer->forward(x, one_sequence(x.size(0))); }
  void expect_finite_gradients(const at::Tensor& y) const {
    const std::vector<at::Tensor> gradients = torch::autograd::grad({y.sum()}, values);
    for (std::size_t i = 0; i < gradients.size(); ++i)
      EXPECT_TRUE(gradients[i].isfinite().all().item<bool>()) << mixer->parameters()[i].name;
  }
};

// Step softplus(-200) and rate exp(100): their product is e^-100, the decay 1, although in float the step is
// 0 and the rate infinite.
TEST(Mamba2Layer, AHugeRateTimesATinyStepIsNoDecay) {
  base::Random random(2);
  const at::Tensor x = random_tensor({kTokens, kWidth}, random);
  const Layer huge(-200, 100), none(-200, -100);
  const at::Tensor y = huge.run(x);
  EXPECT_TRUE(y.isfinite().all().item<bool>());
  EXPECT_TRUE(at::equal(y, none.run(x)));
  huge.expect_finite_gradients(y);
}

// A total decay at every token: each row is that of a sequence that begins there.
TEST(Mamba2Layer, TotalDecayIsARestartAtEveryToken) {
  base::Random random(3);
  const at::Tensor x = random_tensor({kTokens, kWidth}, random);
  for (const double a_log : {10.0, 100.0}) {
    const Layer layer(100, a_log);
    const at::Tensor y = layer.run(x);
    for (std::int64_t t = 0; t < kTokens; ++t)
      // The same few sums of some ten terms, in another order at most.
      EXPECT_TRUE(at::allclose(y.narrow(0, t, 1), layer.run(x.narrow(0, t, 1)), 1e-5, 1e-5)) << t;
    layer.expect_finite_gradients(y);
  }
}

}  // namespace
}  // namespace yore::mixers
