// Sinks and norms of models whose attention is known.
#include "yore/training/sinks.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <map>

#include "yore/base/test_refusal.h"
#include "yore/runs/measures.h"

namespace yore::training {
namespace {

constexpr int kSinkVocabulary = 5;

arch::ModelOptions sink_options(const std::string& mixer) {
  arch::ModelOptions o;
  o.mixer = mixer;
  o.strict = false;
  o.norm_place = "pre";
  o.norm = "rms";
  o.width = 8;
  o.heads = 2;
  o.mlp_width = 12;
  return o;
}

model::Model sink_model(const arch::ModelOptions& options) {
  return model::Model(arch::expand(options, kSinkVocabulary, arch::ReadOutKind::Vocabulary, kSinkVocabulary),
                      3, at::kDouble);
}

/// Without scores attention is uniform over what is seen.
void forget_scores(const model::Model& model) {
  const at::NoGradGuard no_gradients;
  for (const model::Parameter& p : model.parameters().all())
    if (p.name.find("qkv.") != std::string::npos) {
      at::Tensor value = p.value;
      value.narrow(0, 0, 16).zero_();
    }
}

tasks::EvaluationSet sequences(const std::vector<std::int64_t>& lengths) {
  tasks::EvaluationSet set{"validation", base::Json::object(), {}};
  for (const std::int64_t n : lengths) {
    std::vector<std::int32_t> tokens, targets(static_cast<std::size_t>(n), 0);
    for (std::int64_t i = 0; i < n; ++i)
      tokens.push_back(static_cast<std::int32_t>((n + i * i) % kSinkVocabulary));
    set.batch.add(tokens, targets);
  }
  return set;
}

std::map<std::string, base::Metric> sinks_of(const model::Model& model, const tasks::EvaluationSet& set) {
  std::map<std::string, base::Metric> all;
  for (base::Metric& m : sink_metrics(model, set)) all[m.name] = std::move(m);
  EXPECT_EQ(all.size(), runs::sink_metric_names().size());
  return all;
}

// Token t of uniform attention pays 1 / (t + 1) to token 0, and 1 / (t + 2) beside a sink logit of 0, which
// is no token. One head of lookback 3 forgets token 0.
TEST(Sinks, OfUniformAttentionAreHarmonicSums) {
  const auto rate = [](const std::string& mixer, std::int64_t tokens) {
    const model::Model model = sink_model(sink_options(mixer));
    forget_scores(model);
    return sinks_of(model, sequences({tokens}));
  };
  const auto harmonic = [](int from, int to) {
    double sum = 0;
    for (int i = from; i <= to; ++i) sum += 1.0 / i;
    return sum;
  };
  EXPECT_NEAR(rate("attention", 10).at("sink_rate").value, harmonic(1, 10) / 10, 1e-12);
  EXPECT_NEAR(rate("attention", 100).at("sink_rate").value, harmonic(1, 64) / 64, 1e-12);
  EXPECT_NEAR(rate("attention:sink_logits", 10).at("sink_rate").value, harmonic(2, 11) / 10, 1e-12);
  const auto hybrid = rate("attention:lookback=[-1,3]", 10);
  const double global = harmonic(1, 10) / 10, local = harmonic(1, 4) / 10;
  EXPECT_NEAR(hybrid.at("sink_rate").value, (global + local) / 2, 1e-12);
  EXPECT_NEAR(hybrid.at("sink_rate_max").value, global, 1e-12);
  EXPECT_EQ(rate("attention", 4).at("sink_heads").value, 1);  // 25 / 48 > 0.3
  EXPECT_EQ(rate("attention", 100).at("sink_heads").value, 0);
}

// Norms against those of the stages that the model itself hands out.
TEST(Sinks, NormsAreThoseOfTheStream) {
  const model::Model model = sink_model(sink_options("attention"));
  const tasks::EvaluationSet set = sequences({20, 1, 7, 40});  // one token alone is left out
  const auto metrics = sinks_of(model, set);
  std::vector<double> outs(2), ratios(2), nets(2);
  for (const std::int64_t b : {0, 2, 3}) {
    const std::vector<std::int64_t> which = {b};
    const auto stages = model.stages(model::pack(set.batch.starts, set.batch.tokens, which));
    ASSERT_EQ(stages.size(), 5u);
    for (std::size_t l = 0; l < 2; ++l) {
      const at::Tensor out = stages[2 + 2 * l], net = out - stages[1 + 2 * l];
      double early = 0;
      const std::int64_t count = std::min<std::int64_t>(15, out.size(0) - 1);
      for (std::int64_t t = 1; t <= count; ++t) early += out[t].norm().item<double>();
      outs[l] += out[0].norm().item<double>() / 3;
      ratios[l] += out[0].norm().item<double>() / (early / static_cast<double>(count)) / 3;
      nets[l] += net[0].norm().item<double>() / 3;
    }
  }
  const auto expect = [&](const char* name, double value) {
    EXPECT_NEAR(metrics.at(name).value, value, 1e-12) << name;
    EXPECT_EQ(metrics.at(name).count, 3);
  };
  expect("out_norm_t0", (outs[0] + outs[1]) / 2);
  expect("out_norm_t0_max", std::max(outs[0], outs[1]));
  expect("out_norm_ratio", (ratios[0] + ratios[1]) / 2);
  expect("mlp_norm_t0", (nets[0] + nets[1]) / 2);
  expect("mlp_norm_t0_max", std::max(nets[0], nets[1]));
}

TEST(Sinks, BatchesChangeNothing) {
  const model::Model model = sink_model(sink_options("attention:positions=rotary"));
  std::vector<std::int64_t> lengths(20, 12);
  const auto many = sinks_of(model, sequences(lengths)), one = sinks_of(model, sequences({12}));
  for (const auto& [name, metric] : one) EXPECT_NEAR(many.at(name).value, metric.value, 1e-12) << name;
}

TEST(Sinks, WithoutSequencesNothingIsMeasured) {
  for (const auto& [name, metric] : sinks_of(sink_model(sink_options("attention")), sequences({1})))
    EXPECT_EQ(metric.count, 0) << name;
}

TEST(Sinks, AModelWithoutAttentionIsRefused) {
  const model::Model model = sink_model(sink_options("gla"));
  EXPECT_TRUE(base::refused([&] { sink_metrics(model, sequences({5})); },
                            "expected a model with attention, found mixers gla"));
  EXPECT_NO_THROW(sink_metrics(sink_model(sink_options("gla/attention")), sequences({5})));
}

}  // namespace
}  // namespace yore::training
