// What can be said of evaluation sets without asking a model.
#pragma once
#include <string>

#include "yore/tasks/task.h"

namespace yore::tasks {

/// The key, true, of the metrics of a set of one class.
inline constexpr const char* kOneClass = "one_class";
/// Whether all that is asked of the sequences has one answer, at least one being asked: a constant answer is
/// then right, and accuracy means nothing.
bool one_class(const Batch& batch);

/// Throws InputError(`source`) if the evaluation sets of a task, which are held all at the same time, are
/// more than this process may have: so many sequences, of so many tokens together.
void require_set_memory(const std::string& source, double sequences, double tokens);

}  // namespace yore::tasks
