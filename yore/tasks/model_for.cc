#include "yore/tasks/model_for.h"

#include <fmt/format.h>

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

std::unique_ptr<Task> make_task_for(const Json& task, const arch::ModelOptions& options) {
  const arch::Model any =
      arch::expand(options, 2, options.tied ? arch::ReadOutKind::Vocabulary : arch::ReadOutKind::Accept);
  return make_task(task, {arch::smallest_lookback(any)});
}

}  // namespace yore::tasks
