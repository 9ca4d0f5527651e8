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

/// Trained at a constant rate, so that every step is alike.
runs::RunConfig endless() {
  runs::RunConfig c;
  c.training.steps = std::int64_t{1} << 40;
  c.training.warmup_steps = 0;
  return c;
}

}  // namespace

Training recogniser_training() {
  constexpr int kLetters = 2, kBatches = 16, kLongest = 40;
  Training training{endless(), kLetters + 1, arch::ReadOutKind::Accept, {}};
  training.config.model.attention = "hybrid";
  base::Random random({40});
  for (int i = 0; i < kBatches; ++i) {
    std::vector<std::int32_t> ends, labels;
    for (int b = 0; b < training.config.training.batch; ++b) {
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
    training.batches.push_back(std::move(batch));
  }
  return training;
}

Training byte_training(int heads, int window, int time, int sequences) {
  constexpr int kBytes = 256, kBatches = 4, kLetters = 26;
  Training training{endless(), kBytes, arch::ReadOutKind::Vocabulary, {}};
  arch::ModelOptions& m = training.config.model;
  m.attention = window > 0 ? fmt::format("local:{}", window - 1) : "global";
  m.strict = false;
  m.layers = 6;
  m.width = 256;
  m.heads = heads;
  m.mlp_width = 1024;
  m.activation = "gelu";
  m.norm_place = "pre";
  m.positions = "learned";
  m.max_positions = time;
  training.config.training.learning_rate = 1e-3;
  base::Random random({41});
  for (int i = 0; i < kBatches; ++i) {
    tasks::Batch batch;
    for (int b = 0; b < sequences; ++b) {
      std::vector<std::int32_t> text;
      for (int t = 0; t <= time; ++t) text.push_back('a' + static_cast<std::int32_t>(random.below(kLetters)));
      const std::span<const std::int32_t> all = text;
      batch.add(all.first(all.size() - 1), all.subspan(1));
    }
    training.batches.push_back(std::move(batch));
  }
  return training;
}

TrainingStep::TrainingStep(const Training& training)
    : training_(training),
      model_(arch::expand(training.config.model, training.vocabulary, training.read_out,
                          training.read_out == arch::ReadOutKind::Accept ? 1 : training.vocabulary),
             training.config.training.seed),
      optimiser_(model_.parameters(), training.config.training),
      gradient_(at::empty({model_.parameters().size()}, at::kFloat)) {
  for (const model::Parameter& p : model_.parameters().all()) inputs_.push_back(p.value);
}

double TrainingStep::run() {
  const runs::TrainingConfig& t = training_.config.training;
  const tasks::Batch& batch = training_.batches[static_cast<std::size_t>(steps_) % training_.batches.size()];
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
  const auto& m = training_.config.model;
  const auto& t = training_.config.training;
  base::Json parameters = base::Json::array(), batches = base::Json::array();
  for (const model::Parameter& p : model_.parameters().all())
    parameters.push_back({{"name", p.name}, {"shape", p.shape}, {"decays", p.decays}});
  const base::Json model = {
      {"vocabulary", training_.vocabulary},
      {"read_out", arch::enum_names(training_.read_out)[static_cast<std::size_t>(training_.read_out)]},
      {"layers", m.layers},
      {"width", m.width},
      {"heads", m.heads},
      {"mlp_width", m.mlp_width},
      {"activation", m.activation},
      {"norm_place", m.norm_place},
      {"strict", m.strict},
      {"lookback", mixers::parse_attention(m.attention, m.layers, m.heads)[0].lookback},
      {"weight_decay", t.weight_decay},
      {"learning_rate", t.learning_rate},
      {"beta1", t.beta1},
      {"beta2", t.beta2},
      {"clip_norm", t.clip_norm},
      {"parameters", parameters}};
  for (const tasks::Batch& batch : training_.batches) {
    base::Json sequences = base::Json::array(), targets = base::Json::array();
    for (std::int64_t b = 0; b < batch.sequences(); ++b) {
      const std::int64_t first = batch.starts[static_cast<std::size_t>(b)], end = first + batch.length(b);
      sequences.push_back(
          std::vector<std::int32_t>(batch.tokens.begin() + first, batch.tokens.begin() + end));
      if (training_.read_out == arch::ReadOutKind::Accept)
        targets.push_back(batch.targets[static_cast<std::size_t>(b)]);
      else
        targets.push_back(
            std::vector<std::int32_t>(batch.targets.begin() + first, batch.targets.begin() + end));
    }
    batches.push_back({{"sequences", sequences}, {"targets", targets}});
  }
  const at::Tensor& flat = model_.parameters().flat();
  base::write_file(folder / "model.json", model.dump());
  base::write_file(folder / "batches.json", batches.dump());
  base::write_file(folder / "weights.bin", {reinterpret_cast<const char*>(flat.data_ptr<float>()),
                                            sizeof(float) * static_cast<std::size_t>(flat.numel())});
}

std::unique_ptr<EagerStep> EagerStep::find(const Training& training, Eager how, const std::string& python,
                                           int updates, std::string& why_not) {
  constexpr int kCompared = 3;
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("yore-bench-step-{}", getpid());
  TrainingStep ours(training);
  ours.write(folder);
  std::unique_ptr<EagerStep> step;
  base::Json first;
  try {
    step.reset(new EagerStep(folder, how, python, updates));
    first = step->process_.ask({{"do", "step"}, {"count", kCompared}});
  } catch (const base::InputError& e) {
    why_not = fmt::format("not installed ({})", e.what());
    step.reset();
  }
  std::filesystem::remove_all(folder);
  if (!step) return nullptr;
  step->version_ = first["version"].get<std::string>();
  // Rounding of one step moves weights by parts in 1e7; a few steps of rates like 3e-3 leave losses alike to
  // 1e-3.
  for (const base::Json& theirs : first["losses"])
    if (const double loss = ours.run(); std::abs(loss - theirs.get<double>()) > 1e-3)
      throw Mismatch(
          fmt::format("training step: our loss is {:.6f}, PyTorch's {:.6f}", loss, theirs.get<double>()));
  return step;
}

EagerStep::EagerStep(const std::filesystem::path& folder, Eager how, const std::string& python, int updates)
    : process_({python, YORE_BENCH_SOURCE "/training_step.py", folder.string(),
                how == Eager::Masked ? "masked" : "sdpa"}),
      updates_(updates) {}

double EagerStep::run() {
  return process_.ask({{"do", "step"}, {"count", updates_}})["cpu"].get<double>() / updates_;
}

}  // namespace yore::bench
