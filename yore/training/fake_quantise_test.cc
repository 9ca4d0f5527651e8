#include "yore/training/fake_quantise.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

#include "yore/mixers/common/linear_map.h"
#include "yore/tasks/task.h"
#include "yore/training/evaluate.h"

namespace yore::training {
namespace {

TEST(FakeInt8, RoundsToMultiplesWithinTheRange) {
  const std::vector<double> x = {0, 1.26, 0.004, -0.006, 0.016, 5, -1.27};
  const at::Tensor y = fake_int8(at::tensor(x, at::kDouble), 1.27);  // multiples of 0.01
  const std::vector<double> right = {0, 1.26, 0, -0.01, 0.02, 1.27, -1.27};
  for (std::size_t i = 0; i < x.size(); ++i)
    EXPECT_NEAR(y[static_cast<std::int64_t>(i)].item<double>(), right[i], 1e-15) << x[i];
  const at::Tensor zeros = at::zeros({3});
  EXPECT_TRUE(at::equal(fake_int8(zeros, 0), zeros));
}

std::unique_ptr<tasks::Task> letters() {
  return tasks::make_task({{"name", "bigram_backcopy"},
                           {"letters", 6},
                           {"triggers", 2},
                           {"validation_sequences", 20},
                           {"test_sequences", 5}});
}

model::Model some_model(const tasks::Task& task, const char* activation, bool tied) {
  arch::ModelOptions o;
  o.mixer = "attention:kv_heads=2";
  o.strict = false;
  o.norm_place = "pre";
  o.norm = "none";
  o.activation = activation;
  o.width = 16;
  o.tied = tied;
  return model::Model(arch::expand(o, task.vocabulary(), arch::ReadOutKind::Vocabulary, task.outputs()), 5);
}

double loss_of(const std::vector<base::Metric>& metrics, const std::string& name) {
  for (const base::Metric& m : metrics)
    if (m.set == "validation" && m.name == name) return m.value;
  ADD_FAILURE() << "no " << name;
  return 0;
}

double rounded(double x, double most) {
  return std::nearbyint(x / (most / 127)) * (most / 127);
}

// Where the layers give nothing, logits are the read-out of the embedding: spelled out in double, tied and
// not.
TEST(QuantisedModel, IsTheDefinitionOnAReadOut) {
  const auto task = letters();
  for (const bool tied : {false, true}) {
    const model::Model model = some_model(*task, "none", tied);
    const auto get = [&](const std::string& name) {
      return model.parameters().value(model.parameters().index(name)).detach();
    };
    {
      const at::NoGradGuard no_gradients;
      for (const model::Parameter& p : model.parameters().all())
        if (p.name.find(".out.") != std::string::npos) at::Tensor(p.value).zero_();
    }
    const at::Tensor embedding = get("embedding.weight").to(at::kDouble),
                     weight = get(tied ? "embedding.weight" : "read_out.weight").to(at::kDouble),
                     bias = get("read_out.bias").to(at::kDouble);
    const double most_weight = weight.abs().max().item<double>();
    // Of the inputs every token is one; calibration sees the embedding as it is.
    const double most_input = embedding.abs().max().item<double>();
    const tasks::EvaluationSet set = task->validation();
    double loss = 0;
    for (std::size_t n = 0; n < set.batch.tokens.size(); ++n) {
      std::vector<double> logits;
      double sum = 0;
      for (std::int64_t o = 0; o < task->outputs(); ++o) {
        double logit = bias[o].item<double>();
        for (std::int64_t d = 0; d < 16; ++d) {
          double x = embedding[set.batch.tokens[n]][d].item<double>();
          if (tied) x = rounded(x, most_weight);
          logit += rounded(weight[o][d].item<double>(), most_weight) * rounded(x, most_input);
        }
        logits.push_back(logit);
        sum += std::exp(logit);
      }
      loss += std::log(sum) - logits[static_cast<std::size_t>(set.batch.targets[n])];
    }
    loss /= static_cast<double>(set.batch.tokens.size());
    const double found = loss_of(QuantisedModel(model, *task).evaluate(*task), "loss_w8a8");
    EXPECT_NEAR(found, loss, 1e-5) << tied;
    EXPECT_GT(std::abs(found - loss_of(evaluate(model, *task), "loss")), 1e-5);
  }
}

TEST(QuantisedModel, ChangesLittleAndNothingOfTheModelItself) {
  const auto task = letters();
  const model::Model model = some_model(*task, "gelu", false);
  const at::Tensor before = model.parameters().flat().clone();
  const double exact = loss_of(evaluate(model, *task), "loss");
  const QuantisedModel quantised(model, *task);
  const std::vector<base::Metric> metrics = quantised.evaluate(*task);
  EXPECT_TRUE(at::equal(model.parameters().flat(), before));
  EXPECT_EQ(loss_of(evaluate(model, *task), "loss"), exact);
  const double found = loss_of(metrics, "loss_w8a8");
  EXPECT_NE(found, exact);
  EXPECT_NEAR(found, exact, 0.05);
  for (const base::Metric& m : metrics) EXPECT_TRUE(m.name.ends_with("_w8a8")) << m.name;
}

TEST(LinearInputs, TakeTurns) {
  const at::Tensor x = at::ones({1, 2}), weight = at::ones({1, 2});
  const auto product = [&] { return mixers::linear_map(x, weight).item<float>(); };
  EXPECT_EQ(product(), 2);
  {
    const mixers::LinearInputs doubled([](const at::Tensor& rows, const at::Tensor&) { return rows * 2; });
    EXPECT_EQ(product(), 4);
    {
      const mixers::LinearInputs tenfold([](const at::Tensor& rows, const at::Tensor&) { return rows * 10; });
      EXPECT_EQ(product(), 20);
    }
    EXPECT_EQ(product(), 4);
  }
  EXPECT_EQ(product(), 2);
}

}  // namespace
}  // namespace yore::training
