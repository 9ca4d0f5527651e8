#include "yore/training/loss.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <numeric>

namespace yore::training {
namespace {

bool accepts(const model::Model& model) {
  return model.description().read_out.kind == arch::ReadOutKind::Accept;
}

}  // namespace

std::int64_t target_count(const model::Model& model, const tasks::Batch& batch, std::int64_t first,
                          std::int64_t end) {
  if (accepts(model)) return end - first;
  const auto at = [&](std::int64_t b) {
    return batch.targets.begin() + batch.starts[static_cast<std::size_t>(b)];
  };
  return std::count_if(at(first), at(end), [](std::int32_t t) { return t != tasks::kIgnored; });
}

Answers answers(const model::Model& model, const tasks::Batch& batch, std::int64_t first, std::int64_t end,
                const model::Context& context) {
  std::vector<std::int64_t> which(static_cast<std::size_t>(end - first));
  std::iota(which.begin(), which.end(), first);
  if (which.empty()) return {};
  const model::Input input = model::pack(batch.starts, batch.tokens, which);
  if (accepts(model)) {
    const std::vector<float> labels(batch.targets.begin() + first, batch.targets.begin() + end);
    const at::Tensor logits = model.forward(input, context);
    return {logits, at::tensor(labels, at::kFloat).to(logits.scalar_type())};
  }
  std::vector<std::int64_t> rows, targets;
  const std::int64_t begin = batch.starts[static_cast<std::size_t>(first)];
  for (std::int64_t n = begin; n < batch.starts[static_cast<std::size_t>(end)]; ++n)
    if (const std::int32_t target = batch.targets[static_cast<std::size_t>(n)]; target != tasks::kIgnored) {
      rows.push_back(n - begin);
      targets.push_back(target);
    }
  if (rows.empty()) return {};
  const bool all = static_cast<std::int64_t>(rows.size()) == input.tokens.size(0);
  const at::Tensor hidden =
      all ? model.hidden(input, context) : model.hidden_at(input, at::tensor(rows, at::kLong), context);
  return {model.read(hidden), at::tensor(targets, at::kLong)};
}

at::Tensor mean_loss(const Answers& answers) {
  if (!answers.logits.defined()) return {};
  return answers.logits.dim() == 1 ? at::binary_cross_entropy_with_logits(answers.logits, answers.targets)
                                   : at::cross_entropy_loss(answers.logits, answers.targets);
}

at::Tensor mean_loss(const model::Model& model, const tasks::Batch& batch, std::int64_t first,
                     std::int64_t end, const model::Context& context) {
  return mean_loss(answers(model, batch, first, end, context));
}

}  // namespace yore::training
