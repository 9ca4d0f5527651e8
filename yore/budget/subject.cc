#include "yore/budget/subject.h"

#include <fmt/format.h>

#include "yore/arch/options.h"
#include "yore/base/error.h"
#include "yore/model/checkpoint.h"

namespace yore::budget {

Subject read_subject(const std::filesystem::path& path) {
  Subject subject{arch::read_model(path), std::nullopt, path.string()};
  arch::several_heads(subject.file.model, subject.source);
  const std::filesystem::path folder = std::filesystem::is_directory(path) ? path : path.parent_path();
  if (std::filesystem::exists(folder / model::kGatesFile))
    subject.gates = model::read_gates(subject.file.model, folder);
  return subject;
}

bool has_task(const Subject& subject) {
  return !subject.file.task.empty();
}

std::unique_ptr<tasks::Task> task_of(const Subject& subject, const std::string& what) {
  if (!has_task(subject))
    throw base::InputError(
        subject.source,
        fmt::format("is of no task, as a model from elsewhere, and {} needs its sequences", what));
  return tasks::make_task(tasks::complete_task(subject.file.task),
                          {arch::smallest_lookback(subject.file.model)});
}

model::Model gated_model(const Subject& subject) {
  model::Parameters parameters = model::gated_parameters(subject.file.model, 0);
  base::NamedArrays all = model::to_arrays(parameters);
  for (const auto& [name, array] : subject.file.weights.arrays) all.arrays[name] = array;
  if (subject.gates)
    for (const auto& [name, array] : subject.gates->arrays) all.arrays[name] = array;
  model::from_arrays(all, parameters, subject.source);
  return {subject.file.model, std::move(parameters)};
}

}  // namespace yore::budget
