#include "bench/training_step.h"

#include <ATen/Functions.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "bench/check.h"
#include "yore/base/error.h"
#include "yore/base/random.h"
#include "yore/mixers/attention/kinds.h"
#include "yore/runs/run_config.h"
#include "yore/training/loss.h"
#include "yore/training/schedule.h"

namespace yore::bench {
namespace {

constexpr int kLetters = 2, kBatches = 16, kLongest = 40;

/// The demo's, at a constant rate, so that every step is alike.
runs::RunConfig demo() {
  runs::RunConfig c;
  c.model.attention = "hybrid";
  c.training.steps = std::int64_t{1} << 40;
  c.training.warmup_steps = 0;
  return c;
}

}  // namespace

TrainingStep::TrainingStep()
    : config_(demo()),
      model_(arch::expand(config_.model, kLetters + 1, arch::ReadOutKind::Accept), config_.training.seed),
      optimiser_(model_.parameters(), config_.training),
      gradient_(at::empty({model_.parameters().size()}, at::kFloat)) {
  for (const model::Parameter& p : model_.parameters().all()) inputs_.push_back(p.value);
  base::Random random({40});
  for (int i = 0; i < kBatches; ++i) {
    std::vector<std::int32_t> ends, labels;
    for (int b = 0; b < config_.training.batch; ++b) {
      ends.push_back(static_cast<std::int32_t>(random.below(kLongest + 1)));
      labels.push_back(static_cast<std::int32_t>(random.below(2)));
    }
    tasks::Batch batch;
    for (std::size_t b = 0; b < ends.size(); ++b) {
      std::vector<std::int32_t> word;
      for (std::int32_t t = 0; t < ends[b]; ++t)
        word.push_back(static_cast<std::int32_t>(random.below(kLetters)));
      word.push_back(kLetters);
      batch.add(word, {&labels[b], 1});
    }
    batches_.push_back(std::move(batch));
  }
}

double TrainingStep::run() {
  const runs::TrainingConfig& t = config_.training;
  const tasks::Batch& batch = batches_[static_cast<std::size_t>(steps_) % batches_.size()];
  const at::Tensor loss = training::mean_loss(model_, batch, 0, batch.sequences());
  std::vector<at::Tensor> gradients = torch::autograd::grad({loss}, inputs_);
  for (at::Tensor& g : gradients) g = g.reshape({-1});
  at::cat_out(gradient_, gradients);
  const double length = training::euclidean_norm(gradient_);
  const double scale = length > t.clip_norm ? t.clip_norm / length : 1.0;
  optimiser_.step(gradient_, scale, training::learning_rate(t, steps_), steps_ + 1);
  ++steps_;
  return loss.item<double>();
}

void TrainingStep::write(const std::filesystem::path& folder) const {
  const auto& m = config_.model;
  const auto& t = config_.training;
  base::Json parameters = base::Json::array(), batches = base::Json::array();
  for (const model::Parameter& p : model_.parameters().all())
    parameters.push_back({{"name", p.name}, {"shape", p.shape}, {"decays", p.decays}});
  const base::Json model = {{"letters", kLetters},
                            {"layers", m.layers},
                            {"width", m.width},
                            {"heads", m.heads},
                            {"mlp_width", m.mlp_width},
                            {"lookback", mixers::parse_attention(m.attention, m.layers, m.heads)[0].lookback},
                            {"weight_decay", t.weight_decay},
                            {"learning_rate", t.learning_rate},
                            {"beta1", t.beta1},
                            {"beta2", t.beta2},
                            {"clip_norm", t.clip_norm},
                            {"parameters", parameters}};
  for (const tasks::Batch& batch : batches_) {
    base::Json words = base::Json::array();
    for (std::int64_t b = 0; b < batch.sequences(); ++b) {
      const auto first = batch.tokens.begin() + batch.starts[static_cast<std::size_t>(b)];
      words.push_back(std::vector<std::int32_t>(first, first + batch.length(b) - 1));
    }
    const std::vector<double> labels(batch.targets.begin(), batch.targets.end());
    batches.push_back({{"words", words}, {"labels", labels}});
  }
  const at::Tensor& flat = model_.parameters().flat();
  base::write_file(folder / "model.json", model.dump());
  base::write_file(folder / "batches.json", batches.dump());
  base::write_file(folder / "weights.bin", {reinterpret_cast<const char*>(flat.data_ptr<float>()),
                                            sizeof(float) * static_cast<std::size_t>(flat.numel())});
}

std::unique_ptr<EagerStep> EagerStep::find(TrainingStep& ours, std::string& why_not) {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("yore-bench-step-{}", getpid());
  ours.write(folder);
  std::unique_ptr<EagerStep> step;
  base::Json first;
  try {
    step.reset(new EagerStep(folder));
    first = step->process_.ask({{"do", "step"}, {"count", 5}})["losses"];
  } catch (const base::InputError& e) {
    why_not = fmt::format("not installed ({})", e.what());
  }
  std::filesystem::remove_all(folder);
  if (!why_not.empty()) return nullptr;
  // Rounding of one step moves weights by parts in 1e7; five steps of rate 3e-3 leave losses alike to 1e-3.
  for (const base::Json& theirs : first)
    if (const double loss = ours.run(); std::abs(loss - theirs.get<double>()) > 1e-3)
      throw Mismatch(
          fmt::format("training step: our loss is {:.6f}, PyTorch's {:.6f}", loss, theirs.get<double>()));
  return step;
}

EagerStep::EagerStep(const std::filesystem::path& folder)
    : process_({"/usr/bin/python3", YORE_BENCH_SOURCE "/training_step.py", folder.string()}) {}

double EagerStep::run() {
  constexpr int kCount = 10;
  return process_.ask({{"do", "step"}, {"count", kCount}})["cpu"].get<double>() / kCount;
}

}  // namespace yore::bench
