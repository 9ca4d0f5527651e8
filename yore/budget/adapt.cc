#include "yore/budget/adapt.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/model/checkpoint.h"
#include "yore/training/loss.h"
#include "yore/training/optimiser.h"
#include "yore/training/schedule.h"

namespace yore::budget {
namespace {

/// KL(teacher || student) in nats, the mean over the answers.
at::Tensor divergence(const at::Tensor& student, const at::Tensor& teacher) {
  if (student.dim() > 1) {
    const at::Tensor log_teacher = at::log_softmax(teacher, -1);
    return (log_teacher.exp() * (log_teacher - at::log_softmax(student, -1))).sum(-1).mean();
  }
  const at::Tensor yes = at::sigmoid(teacher);
  return (yes * (at::log_sigmoid(teacher) - at::log_sigmoid(student)) +
          (1 - yes) * (at::log_sigmoid(-teacher) - at::log_sigmoid(-student)))
      .mean();
}

at::Tensor as_tensor(const std::vector<double>& values) {
  return at::tensor(values, at::kDouble).to(at::kFloat);
}

runs::TrainingConfig schedule_of(const AdaptOptions& options) {
  runs::TrainingConfig config;
  config.steps = options.steps;
  config.learning_rate = options.learning_rate;
  config.warmup_steps = options.steps / 10;
  return config;
}

/// One adaptation.
class Adaptation {
 public:
  Adaptation(const Subject& subject, const RankOptions& rank, arch::KeptHeads kept,
             const AdaptOptions& options)
      : subject_(subject),
        rank_(rank),
        options_(options),
        kept_(std::move(kept)),
        task_(task_of(subject, "adapting")),
        teacher_(gated_model(subject)),
        student_(gated_model(subject)),
        config_(schedule_of(options)),
        optimiser_(student_.parameters(), config_) {
    if (subject.gates)
      soft_.head_gates = model::gates_at(teacher_.description(), teacher_.parameters(), rank.budget);
    for (at::Tensor& gate : soft_.head_gates)
      if (gate.defined()) gate = gate.detach();
  }

  Adapted run() {
    base::Progress progress("adapt", static_cast<double>(options_.steps), 0, options_.progress);
    for (std::int64_t step = 0; step < options_.steps; ++step) {
      if (base::interrupted()) throw base::Interrupted("adapting the model");
      const double before = update(step);
      progress.update(static_cast<double>(step + 1), fmt::format("loss {:.4f}", before));
    }
    const at::NoGradGuard no_gradients;
    loss(options_.steps);  // of what the last update left, and which heads that keeps
    return {model::to_file(student_, subject_.file.task, subject_.file.alphabet, subject_.file.tokenizer),
            kept_};
  }

 private:
  /// The gates of the kept heads, 1 or 0.
  model::Context hard_gates() {
    model::Context context;
    std::vector<at::Tensor> soft;
    if (rank_.by == Rank::Gate) {
      soft = model::gates_at(student_.description(), student_.parameters(), rank_.budget);
      kept_ = arch::choose_heads(
          model::gate_values(student_.description(), student_.parameters(), rank_.budget), rank_.budget);
    }
    const arch::PerHead mask = arch::mask_of(student_.description(), kept_);
    for (std::size_t l = 0; l < mask.size(); ++l) {
      at::Tensor gate = mask[l].empty() ? at::Tensor() : as_tensor(mask[l]);
      if (gate.defined() && !soft.empty() && soft[l].defined()) gate = soft[l] + (gate - soft[l]).detach();
      context.head_gates.push_back(gate);
    }
    return context;
  }

  /// On the step's sequences. Throws InputError unless it is finite.
  at::Tensor loss(std::int64_t step) {
    const tasks::Batch batch = task_->training_batch(options_.seed, step, options_.batch);
    at::Tensor wanted;
    {
      const at::NoGradGuard no_gradients;
      wanted = training::answers(teacher_, batch, 0, batch.sequences(), soft_).logits;
    }
    const training::Answers answers = training::answers(student_, batch, 0, batch.sequences(), hard_gates());
    at::Tensor sum = training::mean_loss(answers) + divergence(answers.logits, wanted);
    const double value = sum.item<double>();
    if (!std::isfinite(value))
      throw base::InputError(
          "--adapt",
          fmt::format("after {} steps the loss is {}; expected a smaller --learning-rate", step, value));
    return sum;
  }

  double update(std::int64_t step) {
    const at::Tensor sum = loss(step);
    std::vector<at::Tensor> inputs, gradients;
    for (const model::Parameter& p : student_.parameters().all()) inputs.push_back(p.value);
    gradients = torch::autograd::grad({sum}, inputs, {}, {}, false, true);
    for (std::size_t i = 0; i < gradients.size(); ++i)
      gradients[i] = gradients[i].defined() ? gradients[i].reshape({-1}) : at::zeros({inputs[i].numel()});
    const at::Tensor gradient = at::cat(gradients);
    const double length = training::euclidean_norm(gradient);
    const double scale = length > config_.clip_norm ? config_.clip_norm / length : 1.0;
    optimiser_.step(gradient, scale, training::learning_rate(config_, step), step + 1);
    return sum.item<double>();
  }

  const Subject& subject_;
  const RankOptions& rank_;
  const AdaptOptions& options_;
  arch::KeptHeads kept_;
  std::unique_ptr<tasks::Task> task_;
  model::Model teacher_, student_;
  model::Context soft_;  ///< of the teacher
  runs::TrainingConfig config_;
  training::AdamW optimiser_;
};

}  // namespace

Adapted adapt(const Subject& subject, const RankOptions& rank, const arch::KeptHeads& kept,
              const AdaptOptions& options) {
  if (options.steps == 0) return {subject.file, kept};
  return Adaptation(subject, rank, kept, options).run();
}

}  // namespace yore::budget
