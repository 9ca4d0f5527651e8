// The gradient in parts and by ranks against that of the whole batch's loss, which loss_test.cc judges.
#include "yore/training/gradient.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <limits>

#include "yore/arch/options.h"
#include "yore/base/random.h"
#include "yore/training/loss.h"

namespace yore::training {
namespace {

/// One rank of several that are asked one after another: adds up into a sum that all share. The last has
/// everybody's.
class Turn final : public Ranks {
 public:
  Turn(int rank, int size, at::Tensor& sum) : rank_(rank), size_(size), sum_(sum) {}
  int rank() const override { return rank_; }
  int size() const override { return size_; }
  void add_up(at::Tensor x) override {
    sum_ = sum_.defined() ? sum_ + x : x.clone();
    x.copy_(sum_);
  }
  void share(at::Tensor) override {}

 private:
  int rank_, size_;
  at::Tensor& sum_;
};

constexpr int kTokenKinds = 4, kSequencesOfBatch = 7;

model::Model some_model() {
  arch::ModelOptions c;
  c.width = 8;
  c.heads = 2;
  c.mlp_width = 8;
  return model::Model(arch::expand(c, kTokenKinds, arch::ReadOutKind::Vocabulary), 3);
}

/// Sequences of unlike lengths; the fourth asks nothing.
tasks::Batch some_batch() {
  base::Random random(8);
  tasks::Batch batch;
  for (int b = 0; b < kSequencesOfBatch; ++b) {
    std::vector<std::int32_t> tokens, targets;
    for (int t = 0; t < 3 + 2 * b; ++t) {
      tokens.push_back(static_cast<std::int32_t>(random.below(kTokenKinds)));
      targets.push_back(b == 3 ? tasks::kIgnored : static_cast<std::int32_t>(random.below(kTokenKinds)));
    }
    batch.add(tokens, targets);
  }
  return batch;
}

std::vector<char> all_of(const model::Model& model) {
  return std::vector<char>(model.parameters().all().size(), 1);
}

/// Of the whole batch at once; 0 where a parameter does not learn.
at::Tensor whole_gradient(const model::Model& model, const tasks::Batch& batch,
                          const std::vector<char>& learns) {
  std::vector<at::Tensor> values, flat;
  for (const model::Parameter& p : model.parameters().all()) values.push_back(p.value);
  const auto gradients = torch::autograd::grad({mean_loss(model, batch, 0, batch.sequences())}, values);
  for (std::size_t i = 0; i < gradients.size(); ++i)
    flat.push_back(gradients[i].reshape({-1}) * (learns[i] != 0 ? 1 : 0));
  return at::cat(flat);
}

// Sums of some 1e3 products each, in another order: by so many roundings of 2^-24 of the largest number.
void expect_same(const at::Tensor& got, const at::Tensor& wanted, const std::string& what) {
  const double largest = wanted.abs().max().item<double>();
  ASSERT_GT(largest, 1e-3);
  EXPECT_LE((got - wanted).abs().max().item<double>(), largest * 1e3 * std::ldexp(1, -24)) << what;
}

TEST(BatchGradient, PartsAndRanksChangeNothing) {
  const model::Model model = some_model();
  const tasks::Batch batch = some_batch();
  const double loss = mean_loss(model, batch, 0, kSequencesOfBatch).item<double>();
  for (int ranks = 1; ranks <= 3; ++ranks)
    for (int parts = 1; parts <= 4; ++parts) {
      const std::string what = std::to_string(ranks) + " ranks, parts " + std::to_string(parts);
      at::Tensor sum;
      for (int rank = 0; rank < ranks; ++rank) {
        Turn turn(rank, ranks, sum);
        BatchGradient gradient(model, parts, ranks == 1 ? nullptr : &turn);
        gradient.choose(all_of(model));
        Word word{rank == 1, false};
        const auto total = gradient.add_up(gradient.compute(batch), word);
        ASSERT_TRUE(total) << what;
        EXPECT_EQ(word.interrupted, rank >= 1) << "what one has heard, those after it know";
        EXPECT_FALSE(word.late);
        if (rank < ranks - 1) continue;
        EXPECT_NEAR(*total, loss, 1e-5 * loss) << what;
        expect_same(gradient.flat(), whole_gradient(model, batch, all_of(model)), what);
      }
    }
}

TEST(BatchGradient, OfSomeParametersAndThenOfOthers) {
  const model::Model model = some_model();
  const tasks::Batch batch = some_batch();
  BatchGradient gradient(model, 2, nullptr);
  for (std::size_t odd = 0; odd < 2; ++odd) {
    std::vector<char> learns = all_of(model);
    for (std::size_t i = 0; i < learns.size(); ++i) learns[i] = i % 2 == odd;
    gradient.choose(learns);
    ASSERT_TRUE(gradient.compute(batch));
    expect_same(gradient.flat(), whole_gradient(model, batch, learns), odd != 0 ? "odd" : "even");
  }
}

// One rank's loss is not a number: none of them may take the step.
TEST(BatchGradient, ARankWithoutALossStopsAll) {
  model::Model model = some_model();
  const tasks::Batch batch = some_batch();
  at::Tensor sum;
  Turn first(0, 2, sum), second(1, 2, sum);
  Word word;
  {
    model::Model broken = some_model();
    const model::Parameter& p = broken.parameters().all().front();
    broken.parameters().flat().narrow(0, p.offset, p.size).fill_(std::numeric_limits<float>::quiet_NaN());
    BatchGradient gradient(broken, 1, &first);
    gradient.choose(all_of(broken));
    EXPECT_FALSE(gradient.add_up(gradient.compute(batch), word));
    EXPECT_TRUE(std::isnan(gradient.last_loss()));
  }
  BatchGradient gradient(model, 1, &second);
  gradient.choose(all_of(model));
  const auto here = gradient.compute(batch);
  EXPECT_TRUE(here);
  EXPECT_FALSE(gradient.add_up(here, word));
}

}  // namespace
}  // namespace yore::training
