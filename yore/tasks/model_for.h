// The model that a run's options describe, for its task: the task brings vocabulary and read-out, the model
// what the task may know of it.
#pragma once
#include "yore/arch/options.h"
#include "yore/tasks/task.h"

namespace yore::tasks {

/// The full description of the model. Throws InputError as arch::expand, and for learned positions that do
/// not reach the task's longest sequence.
arch::Model model_for(const arch::ModelOptions& options, const Task& task);

/// Whether every option of the task has a value, as after complete_task(); reads nothing.
bool is_complete(const Json& task);

/// Throws InputError("model") if a model with what training keeps of it (weights, gradients, two moments) is
/// more than this process may have, naming its largest array; InputError("training.batch") if what a step of
/// `batch` sequences of `tokens` tokens keeps for its gradients is.
void require_training_memory(const arch::Model& model, double batch, double tokens);

/// make_task() with the context of such a model.
std::unique_ptr<Task> make_task_for(const Json& task, const arch::ModelOptions& options);

}  // namespace yore::tasks
