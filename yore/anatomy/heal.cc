#include "yore/anatomy/heal.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>

#include "yore/anatomy/gradients.h"
#include "yore/anatomy/text_loss.h"
#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/training/optimiser.h"
#include "yore/training/schedule.h"

namespace yore::anatomy {
namespace {

/// Tokens whose logits, of both models and some copies, are there at once.
constexpr std::int64_t kRows = 128;

}  // namespace

double divergence(const model::Model& original, const model::Model& changed,
                  const std::vector<std::int64_t>& text, const at::Tensor& gradient) {
  const bool learns = gradient.defined();
  const auto tokens = std::ssize(text);
  at::Tensor theirs;
  {
    const at::NoGradGuard no_gradients;
    theirs = original.hidden(one_text(text));
  }
  const at::AutoGradMode mode(learns);
  const at::Tensor hidden = changed.hidden(one_text(text));
  // The read-out in pieces: its parameters' gradients add up, and so do those of the rows it reads.
  std::vector<at::Tensor> asked;
  if (learns)
    for (const model::Parameter& p : changed.parameters().all()) asked.push_back(p.value);
  const auto add = [&](const std::vector<at::Tensor>& found) {
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const model::Parameter& p = changed.parameters().all()[i];
      if (found[i].defined()) gradient.narrow(0, p.offset, p.size).add_(found[i].detach().reshape({-1}));
    }
  };
  at::Tensor by_rows = learns ? at::zeros_like(hidden.detach()) : at::Tensor();
  double sum = 0;
  for (std::int64_t t = 0; t < tokens; t += kRows) {
    const std::int64_t count = std::min<std::int64_t>(kRows, tokens - t);
    at::Tensor wanted;
    {
      const at::NoGradGuard no_gradients;
      wanted = at::log_softmax(original.read(theirs.narrow(0, t, count)), -1);
    }
    const at::Tensor rows = hidden.detach().narrow(0, t, count).set_requires_grad(learns);
    const at::Tensor got = at::log_softmax(changed.read(rows), -1);
    const at::Tensor part = (wanted.exp() * (wanted - got)).sum() / static_cast<double>(tokens);
    sum += part.item<double>();
    if (!learns) continue;
    std::vector<at::Tensor> all = asked;
    all.push_back(rows);
    std::vector<at::Tensor> found = torch::autograd::grad({part}, all, {}, {}, false, true);
    by_rows.narrow(0, t, count).copy_(found.back());
    add(found);
  }
  if (learns) add(torch::autograd::grad({hidden}, asked, {by_rows}, {}, false, true));
  return sum;
}

void heal(const model::Model& original, const model::Model& changed,
          const std::vector<std::vector<std::int64_t>>& texts, const HealOptions& options) {
  runs::TrainingConfig config;
  config.steps = options.steps;
  config.learning_rate = options.learning_rate;
  config.warmup_steps = (options.steps + 9) / 10;
  config.weight_decay = 0;
  training::AdamW optimiser(changed.parameters(), config);
  at::Tensor gradient = at::zeros({changed.parameters().size()}, at::kFloat);
  base::Budget budget("healing");
  for (std::int64_t step = 0; step < options.steps; ++step) {
    budget.spend();
    gradient.zero_();
    const double apart =
        divergence(original, changed, texts[static_cast<std::size_t>(step) % texts.size()], gradient);
    if (!std::isfinite(apart))
      throw base::InputError(
          "--heal-rate",
          fmt::format("before step {} the divergence is not finite; expected a smaller rate", step + 1));
    const double length = training::euclidean_norm(gradient);
    optimiser.step(gradient, length > 1 ? 1 / length : 1, training::learning_rate(config, step), step + 1);
    if (options.progress) options.progress(step, apart);
  }
}

model::Model trainable_copy(const model::Model& model, const arch::Model& description) {
  model::Model copy(description, std::nullopt);
  const at::NoGradGuard no_gradients;
  for (std::size_t i = 0; i < model.parameters().all().size(); ++i) {
    const model::Parameter& p = copy.parameters().all()[i];
    copy.parameters()
        .flat()
        .narrow(0, p.offset, p.size)
        .copy_(model.parameters().value(i).detach().reshape({-1}));
  }
  return copy;
}

double heal_bytes(const arch::Model& model, std::int64_t tokens) {
  // Weights, gradient and its pieces, two moments; and the logits of a piece.
  return static_cast<double>(sizeof(float)) * (5 * static_cast<double>(arch::parameter_count(model)) +
                                               6 * static_cast<double>(kRows * model.read_out.outputs)) +
         gradient_bytes(model, tokens);
}

}  // namespace yore::anatomy
