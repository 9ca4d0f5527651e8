#include "yore/tasks/model_for.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/budget.h"
#include "yore/base/error.h"

namespace yore::tasks {
namespace {

arch::ReadOutKind read_out_of(Objective objective) {
  switch (objective) {
    case Objective::NextToken:
      return arch::ReadOutKind::Vocabulary;
    case Objective::Tags:
      return arch::ReadOutKind::Tags;
    case Objective::Accept:
      break;
  }
  return arch::ReadOutKind::Accept;
}

}  // namespace

arch::Model model_for(const arch::ModelOptions& options, const Task& task) {
  arch::Model model = arch::expand(options, task.vocabulary(), read_out_of(task.objective()), task.outputs());
  if (model.embedding.positions == arch::Positions::Learned && model.embedding.max_positions < task.longest())
    throw base::InputError(
        "model.max_positions",
        fmt::format(
            "expected at least {} (the longest sequence, EOS included) for learned positions, found {}",
            task.longest(), model.embedding.max_positions));
  return model;
}

bool is_complete(const Json& task) {
  const std::vector<base::OptionSpec>& options = find_task(task.at("name").get<std::string>()).options;
  return std::all_of(options.begin(), options.end(),
                     [&](const base::OptionSpec& option) { return task.contains(option.name); });
}

void require_training_memory(const arch::Model& model, double batch, double tokens) {
  constexpr double kNumber = 4, kKept = 4;  // bytes; weights, gradient, two moments
  double numbers = 0, most = 0;
  std::string largest;
  for (const mixers::ParameterSpec& p : arch::parameters(model)) {
    double size = 1;
    for (const std::int64_t n : p.shape) size *= static_cast<double>(n);
    numbers += size;
    if (size <= most) continue;
    most = size;
    largest = fmt::format("{} [{}]", p.name, fmt::join(p.shape, ", "));
  }
  base::require_memory(
      "model", kKept * kNumber * numbers,
      fmt::format("training its {:.4g} parameters (the largest array is {})", numbers, largest));
  // At least: a block keeps what goes into its mixer and its feed-forward net, and what these are made of.
  double kept = 0;
  for (const arch::Block& block : model.blocks)
    kept += 4 * static_cast<double>(model.embedding.width) + static_cast<double>(block.feed_forward.width);
  base::require_memory("training.batch", (kNumber * kept + 2 * kNumber) * batch * tokens,
                       fmt::format("a step of {:.0f} sequences of {:.0f} tokens", batch, tokens));
}

std::unique_ptr<Task> make_task_for(const Json& task, const arch::ModelOptions& options) {
  const arch::Model any =
      arch::expand(options, 2, options.tied ? arch::ReadOutKind::Vocabulary : arch::ReadOutKind::Accept);
  return make_task(task, {arch::smallest_lookback(any)});
}

}  // namespace yore::tasks
