// Losses against their definitions, a logit at a time in double.
#include "yore/training/loss.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "yore/arch/options.h"
#include "yore/base/random.h"

namespace yore::training {
namespace {

arch::ModelOptions options() {
  arch::ModelOptions c;
  c.width = 8;
  c.heads = 2;
  c.mlp_width = 8;
  return c;
}

constexpr int kVocabulary = 4, kLabels = 3;

model::Model model_of(arch::ReadOutKind kind) {
  return model::Model(
      arch::expand(options(), kVocabulary, kind, kind == arch::ReadOutKind::Tags ? kLabels : 1), 3,
      at::kDouble);
}

/// Seven sequences; the fourth asks nothing.
tasks::Batch batch_of(arch::ReadOutKind kind) {
  base::Random random(8);
  const auto below = [&](int n) {
    return static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(n)));
  };
  tasks::Batch batch;
  for (int b = 0; b < 7; ++b) {
    std::vector<std::int32_t> tokens, targets;
    for (int t = 0; t < 3 + 2 * b; ++t) {
      tokens.push_back(below(kVocabulary));
      const bool asked = b != 3 && (t == 0 || below(3) != 0);
      targets.push_back(!asked ? tasks::kIgnored
                               : below(kind == arch::ReadOutKind::Tags ? kLabels : kVocabulary));
    }
    if (kind == arch::ReadOutKind::Accept) targets = {below(2)};
    batch.add(tokens, targets);
  }
  return batch;
}

/// Sum and number of the losses of sequences first .. end - 1.
std::pair<double, std::int64_t> defined(const model::Model& model, const tasks::Batch& batch,
                                        std::int64_t first, std::int64_t end) {
  const bool accepts = model.description().read_out.kind == arch::ReadOutKind::Accept;
  double sum = 0;
  std::int64_t count = 0;
  for (std::int64_t b = first; b < end; ++b) {
    const std::vector<std::int64_t> which = {b};
    const at::Tensor logits =
        model.forward(model::pack(batch.starts, batch.tokens, which)).detach().contiguous();
    const double* x = logits.data_ptr<double>();
    if (accepts) {
      const double chance = 1 / (1 + std::exp(-x[0]));
      sum -= std::log(batch.targets[static_cast<std::size_t>(b)] != 0 ? chance : 1 - chance);
      ++count;
      continue;
    }
    for (std::int64_t t = 0; t < batch.length(b); ++t, x += model.outputs()) {
      const auto token = static_cast<std::size_t>(batch.starts[static_cast<std::size_t>(b)] + t);
      if (batch.targets[token] == tasks::kIgnored) continue;
      double all = 0;
      for (std::int64_t o = 0; o < model.outputs(); ++o) all += std::exp(x[o]);
      sum -= std::log(std::exp(x[batch.targets[token]]) / all);
      ++count;
    }
  }
  return {sum, count};
}

TEST(Loss, IsTheMeanOverTheTargets) {
  for (const auto kind :
       {arch::ReadOutKind::Accept, arch::ReadOutKind::Vocabulary, arch::ReadOutKind::Tags}) {
    const model::Model model = model_of(kind);
    const tasks::Batch batch = batch_of(kind);
    for (const auto& [first, end] : {std::pair{0, 7}, {0, 1}, {2, 5}, {6, 7}}) {
      const auto [sum, count] = defined(model, batch, first, end);
      ASSERT_GT(count, 0);
      EXPECT_EQ(target_count(model, batch, first, end), count);
      EXPECT_NEAR(mean_loss(model, batch, first, end).item<double>(), sum / static_cast<double>(count),
                  1e-12);
    }
    EXPECT_FALSE(mean_loss(model, batch, 2, 2).defined());
    const bool accepts = kind == arch::ReadOutKind::Accept;
    EXPECT_EQ(mean_loss(model, batch, 3, 4).defined(), accepts) << "nothing is asked of the fourth";
    EXPECT_EQ(target_count(model, batch, 3, 4), accepts ? 1 : 0);
  }
}

// The parts' losses, each by its share of the targets, have the gradient of the whole.
TEST(Loss, PartsAddUp) {
  for (const auto kind :
       {arch::ReadOutKind::Accept, arch::ReadOutKind::Vocabulary, arch::ReadOutKind::Tags}) {
    const model::Model model = model_of(kind);
    const tasks::Batch batch = batch_of(kind);
    std::vector<at::Tensor> values;
    for (const model::Parameter& p : model.parameters().all()) values.push_back(p.value);
    const auto whole = torch::autograd::grad({mean_loss(model, batch, 0, 7)}, values);
    std::vector<at::Tensor> sum;
    for (const at::Tensor& v : values) sum.push_back(at::zeros_like(v));
    const auto all = static_cast<double>(target_count(model, batch, 0, 7));
    for (const auto& [first, end] : {std::pair{0, 2}, {2, 3}, {3, 4}, {4, 7}}) {
      const at::Tensor loss = mean_loss(model, batch, first, end);
      if (!loss.defined()) continue;
      const double share = static_cast<double>(target_count(model, batch, first, end)) / all;
      const auto part = torch::autograd::grad({loss * share}, values);
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] = sum[i] + part[i];
    }
    for (std::size_t i = 0; i < sum.size(); ++i)
      EXPECT_TRUE(at::allclose(sum[i], whole[i], 1e-10, 1e-13)) << model.parameters().all()[i].name;
  }
}

}  // namespace
}  // namespace yore::training
