#include "yore/anatomy/text_loss.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "yore/base/budget.h"

namespace yore::anatomy {
namespace {

/// Rows whose logits are there at once: as many as make this many numbers, but some.
constexpr std::int64_t kLogits = 1 << 23, kFewestRows = 64;

}  // namespace

model::Input one_text(std::span<const std::int64_t> tokens) {
  return model::continuation({{tokens.begin(), tokens.end()}}, {0});
}

TextLoss text_loss(const model::Model& model, const at::Tensor& hidden, std::span<const std::int64_t> tokens,
                   bool with_gradient) {
  const at::AutoGradMode mode(with_gradient);
  const std::int64_t predicted = std::ssize(tokens) - 1;
  const at::Tensor targets =
      at::tensor(std::vector<std::int64_t>(tokens.begin() + 1, tokens.end()), at::kLong);
  const std::int64_t rows = std::max(kFewestRows, kLogits / model.outputs());
  TextLoss loss;
  if (with_gradient) loss.gradient = at::zeros_like(hidden.detach());
  for (std::int64_t t = 0; t < predicted; t += rows) {
    const std::int64_t count = std::min(rows, predicted - t);
    const at::Tensor read = hidden.detach().narrow(0, t, count).set_requires_grad(with_gradient);
    const at::Tensor sum =
        at::cross_entropy_loss(model.read(read), targets.narrow(0, t, count), {}, at::Reduction::Sum);
    loss.mean += sum.item<double>() / static_cast<double>(predicted);
    if (with_gradient)
      loss.gradient.narrow(0, t, count)
          .copy_(torch::autograd::grad({sum / static_cast<double>(predicted)}, {read})[0]);
  }
  return loss;
}

double mean_loss(const model::Model& model, const std::vector<std::vector<std::int64_t>>& texts) {
  const at::NoGradGuard no_gradients;
  base::Budget budget("measuring the loss");
  double sum = 0, count = 0;
  for (const std::vector<std::int64_t>& text : texts) {
    budget.spend();
    const auto predicted = static_cast<double>(text.size() - 1);
    sum += predicted * text_loss(model, model.hidden(one_text(text)), text).mean;
    count += predicted;
  }
  return sum / count;
}

}  // namespace yore::anatomy
