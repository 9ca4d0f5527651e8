// A model whose heads are to be given up: its files, its task, and the gates it may have been trained with.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "yore/arch/heads.h"
#include "yore/model/head_gates.h"
#include "yore/model/model.h"
#include "yore/tasks/task.h"

namespace yore::budget {

struct Subject {
  arch::ModelFile file;
  std::optional<base::NamedArrays> gates;  ///< of a run that was trained with --head-budget
  std::string source;                      ///< the folder, for messages
};

/// Reads a model's or run's folder, or its model.safetensors. Throws InputError as arch::read_model and
/// arch::several_heads, and for gates that are not the model's.
Subject read_subject(const std::filesystem::path& path);

/// Whether it has the task that it was trained on; a model from elsewhere has none.
bool has_task(const Subject& subject);
/// That task. Throws InputError(source) if it has none, saying that `what` ("--adapt") needs it.
std::unique_ptr<tasks::Task> task_of(const Subject& subject, const std::string& what);

/// The model with its gates, or with gates that begin anew (model/head_gates.h).
model::Model gated_model(const Subject& subject);

}  // namespace yore::budget
