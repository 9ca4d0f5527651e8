#include "yore/budget/rank.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "yore/base/test_refusal.h"
#include "yore/budget/test_subjects.h"
#include "yore/training/loss.h"

namespace yore::budget {
namespace {

arch::PerHead scores(const Subject& subject, Rank by, int batches = 2) {
  RankOptions options;
  options.by = by;
  options.budget = 0.5;
  options.batches = batches;
  options.batch = 4;
  return head_scores(subject, options);
}

// The product of the two maps, entry by entry.
TEST(HeadScores, NormIsThatOfWhatAHeadHandsOn) {
  const Subject subject = some_subject("attention:heads=4,kv_heads=2,head_width=3");
  const model::Model model = model::from_file(subject.file, "x").model;
  const auto weight = [&](const char* name) {
    return model.parameters().value(model.parameters().index(name));
  };
  const at::Tensor qkv = weight("layers.1.attention.qkv.weight"),
                   out = weight("layers.1.attention.out.weight");
  for (int h = 0; h < 4; ++h) {
    double sum = 0;
    for (int i = 0; i < 12; ++i)
      for (int j = 0; j < 12; ++j) {
        double entry = 0;
        for (int d = 0; d < 3; ++d)
          entry += out[i][3 * h + d].item<double>() * qkv[12 + 6 + 3 * (h / 2) + d][j].item<double>();
        sum += entry * entry;
      }
    EXPECT_NEAR(scores(subject, Rank::Norm)[1][static_cast<std::size_t>(h)], std::sqrt(sum), 1e-6);
  }
}

// Against differences of losses between gates a little above and below 1.
TEST(HeadScores, SensitivityIsTheSlopeOfTheLoss) {
  const Subject subject = some_subject("attention:heads=2,head_width=3/gla:heads=2");
  const model::Model model = model::from_file(subject.file, "x").model;
  const auto task = task_of(subject, "test");
  const arch::PerHead found = scores(subject, Rank::Sensitivity);
  EXPECT_TRUE(found[1].empty());
  for (std::size_t h = 0; h < 2; ++h) {
    double mean = 0;
    for (int b = 0; b < 2; ++b) {
      const tasks::Batch batch = task->training_batch(1, b, 4);
      const auto loss = [&](float gate) {
        model::Context context;
        context.head_gates = {at::ones({2}), at::Tensor()};
        context.head_gates[0][static_cast<std::int64_t>(h)] = gate;
        return training::mean_loss(model, batch, 0, 4, context).item<double>();
      };
      mean += std::abs(loss(1.01f) - loss(0.99f)) / 0.02 / 2;
    }
    EXPECT_NEAR(found[0][h], mean, 1e-3 + 0.02 * mean);
  }
}

TEST(HeadScores, GatesAreThoseOfTheBudget) {
  const Subject subject = some_subject("attention:heads=2,head_width=3", 5, true);
  const model::Model model = gated_model(subject);
  EXPECT_EQ(scores(subject, Rank::Gate), model::gate_values(model.description(), model.parameters(), 0.5));
  EXPECT_TRUE(base::refused([] { scores(some_subject("attention:heads=2,head_width=3"), Rank::Gate); },
                            "has no gates.safetensors"));
}

TEST(HeadScores, AModelWithoutATaskHasNoSensitivity) {
  Subject subject = some_subject("attention:heads=2,head_width=3");
  subject.file.task = base::Json::object();
  EXPECT_TRUE(base::refused([&] { scores(subject, Rank::Sensitivity); }, "subject: is of no task"));
  EXPECT_EQ(scores(subject, Rank::Random)[0].size(), 2u);
}

}  // namespace
}  // namespace yore::budget
