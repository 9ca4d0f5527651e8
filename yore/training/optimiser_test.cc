#include "yore/training/optimiser.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>
#include <torch/optim/adamw.h>

#include <cmath>
#include <limits>

#include "yore/base/random.h"
#include "yore/training/schedule.h"

namespace yore::training {
namespace {

/// Two matrices that decay, with a bias and a norm between them that do not.
model::Parameters parameters() {
  using mixers::Start;
  return model::Parameters({{"a.weight", {5, 7}, Start::FanIn, true},
                            {"a.bias", {5}, Start::Zero, false},
                            {"norm", {7}, Start::One, false},
                            {"embedding", {3, 7}, Start::Unit, false},
                            {"b.weight", {2, 5}, Start::FanIn, true}},
                           4);
}

TEST(AdamW, EqualsTorch) {
  runs::TrainingConfig config;
  config.beta1 = 0.8;
  config.beta2 = 0.95;
  config.weight_decay = 0.1;
  const model::Parameters ours = parameters(), theirs = parameters();
  AdamW optimiser(ours, config);
  std::vector<at::Tensor> decaying, plain;
  for (const model::Parameter& p : theirs.all()) (p.decays ? decaying : plain).push_back(p.value);
  EXPECT_EQ(decaying.size(), 2u);
  const auto options = [&](double decay) {
    auto o = std::make_unique<torch::optim::AdamWOptions>(0.0);
    o->betas({config.beta1, config.beta2}).weight_decay(decay);
    return o;
  };
  torch::optim::AdamW judge({torch::optim::OptimizerParamGroup(decaying, options(config.weight_decay)),
                             torch::optim::OptimizerParamGroup(plain, options(0.0))});
  base::Random random(1);
  for (int count = 1; count <= 200; ++count) {
    const double rate = 0.01 / count;
    at::Tensor gradient = at::empty({ours.size()}, at::kFloat);
    for (std::int64_t i = 0; i < ours.size(); ++i)
      gradient.data_ptr<float>()[i] = static_cast<float>(random.normal());
    for (const model::Parameter& p : theirs.all()) {
      at::Tensor value = p.value;
      value.mutable_grad() = gradient.narrow(0, p.offset, p.size).view(p.shape) * 0.5;
    }
    for (auto& group : judge.param_groups())
      static_cast<torch::optim::AdamWOptions&>(group.options()).lr(rate);
    judge.step();
    optimiser.step(gradient, 0.5, rate, count);
    // A step moves a number by at most about rate / (1 - beta1); its roundings are some 16 ulp of that and
    // one ulp of the number.
    const double allowed =
        std::numeric_limits<float>::epsilon() * (16 * 0.01 * std::log(count + 2.0) * 5 + 2 * count);
    ASSERT_LE((ours.flat() - theirs.flat()).abs().max().item<double>(), allowed) << count;
  }
}

// A parameter that begins to learn later moves as one of a run that begins there, by about its rate; torch
// counts the updates of each parameter too.
TEST(AdamW, CountsTheUpdatesOfEachParameter) {
  const runs::TrainingConfig config;
  const model::Parameters late = parameters(), fresh = parameters();
  AdamW optimiser(late, config), first(fresh, config);
  const at::Tensor gradient = at::sin(at::arange(late.size(), at::kFloat));
  optimiser.choose({1, 0, 1, 1, 0}, {});
  for (int count = 1; count <= 50; ++count) optimiser.step(gradient, 1, 0.01, count);
  optimiser.choose({0, 1, 0, 0, 1}, {0, 50, 0, 0, 50});
  first.choose({0, 1, 0, 0, 1});
  for (int count = 1; count <= 3; ++count) {
    optimiser.step(gradient, 1, 0.01, 50 + count);
    first.step(gradient, 1, 0.01, count);
  }
  for (const std::size_t i : {1, 4}) {
    const model::Parameter& p = late.all()[i];
    EXPECT_TRUE(at::equal(p.value, fresh.all()[i].value)) << p.name;
  }
}

// What does not learn keeps every byte, its moments too; what learns is moved as if it were alone.
TEST(AdamW, LeavesWhatIsNotChosen) {
  runs::TrainingConfig config;
  config.weight_decay = 0.1;
  const model::Parameters all = parameters(), some = parameters();
  AdamW whole(all, config), part(some, config);
  const std::vector<char> learns = {0, 1, 0, 0, 1};
  part.choose(learns);
  const at::Tensor start = some.flat().clone(), gradient = at::sin(at::arange(some.size(), at::kFloat));
  for (int count = 1; count <= 3; ++count) {
    whole.step(gradient, 1.0, 0.01, count);
    part.step(gradient, 1.0, 0.01, count);
  }
  for (std::size_t i = 0; i < learns.size(); ++i) {
    const model::Parameter& p = some.all()[i];
    const auto here = [&](const at::Tensor& x) { return x.narrow(0, p.offset, p.size); };
    EXPECT_TRUE(at::equal(here(some.flat()), here(learns[i] != 0 ? all.flat() : start))) << p.name;
    EXPECT_FALSE(at::equal(here(all.flat()), here(start))) << p.name;
    EXPECT_EQ(here(part.first).abs().max().item<float>() > 0, learns[i] != 0) << p.name;
    EXPECT_EQ(here(part.second).abs().max().item<float>() > 0, learns[i] != 0) << p.name;
  }
}

TEST(EuclideanNorm, EqualsTheSum) {
  const at::Tensor x = at::arange(1, 102, at::kFloat);
  EXPECT_DOUBLE_EQ(euclidean_norm(x), std::sqrt(101.0 * 102.0 * 203.0 / 6.0));
  EXPECT_EQ(euclidean_norm(at::zeros({0}, at::kFloat)), 0);
  EXPECT_FALSE(std::isfinite(euclidean_norm(at::full({3}, INFINITY, at::kFloat))));
}

TEST(LearningRate, WarmsUpAndFallsAsACosine) {
  runs::TrainingConfig c;
  c.steps = 110;
  c.warmup_steps = 10;
  c.learning_rate = 2;
  c.final_learning_rate = 0.1;
  EXPECT_DOUBLE_EQ(learning_rate(c, 0), 0.2);
  EXPECT_DOUBLE_EQ(learning_rate(c, 9), 2.0);
  EXPECT_DOUBLE_EQ(learning_rate(c, 10), 2.0);
  EXPECT_DOUBLE_EQ(learning_rate(c, 60), 1.1);  // half way: the mean of 2 and 0.2
  EXPECT_DOUBLE_EQ(learning_rate(c, 110), 0.2);
  for (std::int64_t s = 11; s < 110; ++s) EXPECT_LT(learning_rate(c, s), learning_rate(c, s - 1));
  c.warmup_steps = 0;
  EXPECT_DOUBLE_EQ(learning_rate(c, 0), 2.0);
  c.warmup_steps = 200;  // longer than the run
  EXPECT_DOUBLE_EQ(learning_rate(c, 109), 2 * 110 / 200.0);
}

// By hand: each stretch warms up anew; phases then stay at their rate, the rest falls as a cosine over what
// is left.
TEST(LearningRate, FollowsThePhases) {
  runs::TrainingConfig c;
  c.steps = 36;
  c.warmup_steps = 2;
  c.learning_rate = 4;
  c.final_learning_rate = 0.5;
  c.phases = {{10, 1.0, "", {}}, {4, 0, "", {}}};
  const std::vector<std::pair<std::int64_t, double>> expected = {{0, 0.5}, {1, 1},  {2, 1},  {9, 1},
                                                                 {10, 2},  {11, 4}, {13, 4}, {14, 2},
                                                                 {15, 4},  {16, 4}, {26, 3}, {36, 2}};
  for (const auto& [step, rate] : expected) EXPECT_DOUBLE_EQ(learning_rate(c, step), rate) << step;
  EXPECT_EQ(phase_at(c, 9), &c.phases[0]);
  EXPECT_EQ(phase_at(c, 10), &c.phases[1]);
  EXPECT_EQ(phase_at(c, 14), nullptr);
}

// A run of 12 steps, stopped early at 8, continued to 20, then to 30: by hand, each stretch as a run of its
// own that ends where it was to end.
TEST(LearningRate, BeginsAgainWhereARunIsContinued) {
  runs::TrainingConfig c;
  c.steps = 30;
  c.warmup_steps = 2;
  c.learning_rate = 4;
  c.final_learning_rate = 0.5;
  c.continued = {{8, 12}, {20, 20}};
  const std::vector<std::pair<std::int64_t, double>> expected = {
      {0, 2}, {1, 4}, {2, 4}, {7, 3}, {8, 2}, {9, 4}, {10, 4}, {15, 3}, {20, 2}, {21, 4}, {26, 3}, {30, 2}};
  for (const auto& [step, rate] : expected) EXPECT_DOUBLE_EQ(learning_rate(c, step), rate) << step;
  for (std::int64_t step = 0; step < 30; ++step)
    EXPECT_EQ(continued_at(c, step), step == 8 || step == 20) << step;
}

}  // namespace
}  // namespace yore::training
