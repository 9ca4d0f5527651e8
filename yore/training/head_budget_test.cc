// Gates on heads in training: budgets, the loss, and the files of a run.
#include "yore/training/head_budget.h"

#include <ATen/Functions.h>

#include <cmath>

#include "yore/base/test_refusal.h"
#include "yore/model/head_gates.h"
#include "yore/training/loss.h"
#include "yore/training/test_runs.h"

namespace yore::training {
namespace {

runs::RunConfig gated_run() {
  runs::RunConfig c = small_run();
  c.training.head_budget = 0.25;
  c.training.head_budget_dense = 0.2;
  return c;
}

TEST(HeadBudget, BudgetsAreDrawnAfterADenseBeginning) {
  runs::TrainingConfig c;
  c.steps = 10'000;
  c.head_budget = 0.2;
  int full = 0;
  double sum = 0, least = 1;
  for (int step = 3000; step < 10'000; ++step) {
    const HeadBudget b = head_budget_at(c, step);
    EXPECT_EQ(b.budget, head_budget_at(c, step).budget);
    if (b.budget == 1) {
      ++full;
      continue;
    }
    sum += b.budget;
    least = std::min(least, b.budget);
  }
  for (int step = 0; step < 3000; ++step) EXPECT_EQ(head_budget_at(c, step).budget, 1);
  // A quarter of 7,000, and the mean of the others, within five standard deviations.
  EXPECT_NEAR(full, 1750, 5 * std::sqrt(7000 * 0.25 * 0.75));
  EXPECT_NEAR(sum / (7000 - full), 0.6, 5 * 0.8 / std::sqrt(12.0 * (7000 - full)));
  EXPECT_TRUE(least >= 0.2 && least < 0.21);
  // A run that is continued began as it did.
  runs::TrainingConfig continued = c;
  continued.continued = {{10'000, 10'000}};
  continued.steps = 30'000;
  for (int step = 0; step < 10'000; ++step)
    ASSERT_EQ(head_budget_at(continued, step).budget, head_budget_at(c, step).budget) << step;
  EXPECT_LT(head_budget_at(continued, 10'001).budget + head_budget_at(continued, 10'002).budget +
                head_budget_at(continued, 10'003).budget + head_budget_at(continued, 10'004).budget,
            4)
      << "and is dense no more";
  c.head_budget = 0;
  EXPECT_EQ(head_budget_at(c, 9000).budget, 1);
}

// The penalties by hand: mean gate g over all heads, 0.5 g + 3 max(0, g - b)^2 + 2 max(0, b - g)^2.
TEST(HeadBudget, TheLossCountsTheMeanGateAndItsExcess) {
  const runs::RunConfig config = gated_run();
  const auto task = task_of(config);
  const arch::Model description = tasks::model_for(config.model, *task);
  const model::Model model(description, model::gated_parameters(description, 3));
  const std::size_t place = model.parameters().index("gates.1.intercept");
  const model::Parameter& intercept = model.parameters().all()[place];
  for (const float shift : {-2.0f, 0.0f, 2.0f}) {
    model.parameters().flat().narrow(0, intercept.offset, intercept.size).fill_(shift);
    const double b = 0.4, shifted = 1 / (1 + std::exp(-(shift + std::log(b / (1 - b)))));
    const double mean = (b + shifted) / 2, excess = mean - b;
    const tasks::Batch batch = task->training_batch(1, 0, 8);
    model::Context gates;
    gates.head_gates = {at::full({2}, b), at::full({2}, shifted)};
    const double wanted = mean_loss(model, batch, 0, 8, gates).item<double>() + 0.5 * mean +
                          (excess > 0 ? 3 : 2) * excess * excess;
    EXPECT_NEAR(mean_loss(model, batch, 0, 8, HeadBudget{b, 0.5, 3, 2}).item<double>(), wanted, 1e-5);
  }
  const tasks::Batch batch = task->training_batch(1, 0, 8);
  EXPECT_EQ(mean_loss(model, batch, 0, 8, HeadBudget{}).item<double>(),
            mean_loss(model, batch, 0, 8).item<double>());
}

TEST(HeadBudget, ARunLeavesItsGatesAndAnOrdinaryModel) {
  const Scratch scratch;
  const runs::RunConfig config = gated_run();
  train(config, scratch / "run", quiet());
  const arch::ModelFile file = arch::read_model(scratch / "run");
  const base::NamedArrays gates = model::read_gates(file.model, scratch / "run");
  const auto& intercept = gates.arrays.at("gates.0.intercept");
  for (const float value : numbers(intercept)) EXPECT_NE(value, 0);  // they have learnt
  EXPECT_EQ(checkpoint_of(scratch / "run").at("gates.0.intercept"), intercept);
}

// Until the first budget is drawn the run is the one without gates.
TEST(HeadBudget, TheDenseBeginningIsTheRunWithoutGates) {
  const Scratch scratch;
  runs::RunConfig gated = gated_run(), plain = small_run();
  gated.training.head_budget_dense = 0.9;  // 54 of 60 steps
  plain.training.steps = gated.training.steps;
  TrainOptions options = quiet();
  options.stop_after = 54;
  train(gated, scratch / "gated", options);
  train(plain, scratch / "plain", options);
  const auto a = checkpoint_of(scratch / "gated"), b = checkpoint_of(scratch / "plain");
  for (const auto& [name, array] : b)
    if (!name.starts_with("adamw.")) {
      EXPECT_EQ(a.at(name), array) << name;
    }
}

TEST(HeadBudget, AnInterruptedRunEndsWithTheSameBytes) {
  const Scratch scratch;
  const runs::RunConfig config = gated_run();
  train(config, scratch / "whole", quiet());
  TrainOptions options = quiet();
  options.stop_after = 23;
  EXPECT_EQ(train(config, scratch / "parts", options).status, kInterrupted);
  train(config, scratch / "parts", quiet());
  EXPECT_EQ(checkpoint_of(scratch / "parts"), checkpoint_of(scratch / "whole"));
  EXPECT_EQ(base::read_file(scratch / "parts" / model::kGatesFile),
            base::read_file(scratch / "whole" / model::kGatesFile));
}

TEST(HeadBudget, StartsFromADenseRun) {
  const Scratch scratch;
  train(small_run(), scratch / "dense", quiet());
  runs::RunConfig config = gated_run();
  config.training.init = (scratch / "dense").string();
  TrainOptions options = quiet();
  options.stop_after = 0;
  train(config, scratch / "gated", options);
  const auto begun = checkpoint_of(scratch / "gated");
  for (const auto& [name, array] : arch::read_model(scratch / "dense").weights.arrays)
    EXPECT_EQ(begun.at(name), array) << name;
  EXPECT_EQ(numbers(begun.at("gates.1.intercept")), (std::vector<float>{0, 0}));
}

TEST(HeadBudget, WithoutHeadsToGiveUpItIsRefused) {
  const Scratch scratch;
  runs::RunConfig config = gated_run();
  config.model.attention = runs::RunConfig{}.model.attention;
  config.model.mixer = "gla:heads=2";
  EXPECT_TRUE(base::refused([&] { train(config, scratch / "run", quiet()); },
                            "training.head_budget: the model has no attention"));
  config.model.mixer = "attention:heads=1";
  EXPECT_TRUE(base::refused([&] { train(config, scratch / "run", quiet()); }, "has one head"));
  EXPECT_FALSE(std::filesystem::exists(scratch / "run" / "config.json"));
}

}  // namespace
}  // namespace yore::training
