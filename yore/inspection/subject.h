// A model on disk, loaded, with what its files say of it.
#pragma once
#include <filesystem>
#include <optional>

#include "yore/arch/model_file.h"
#include "yore/compiler/manifest.h"
#include "yore/model/checkpoint.h"

namespace yore::inspection {

struct Subject {
  arch::ModelFile file;
  model::SavedRecogniser saved;
  std::optional<compiler::Manifest> manifest;  ///< of a compiled model

  const model::Model& model() const { return saved.model; }
  const logic::Alphabet& alphabet() const { return saved.alphabet; }
};

/// A model's or run's folder, or a model.safetensors. Throws as arch::read_model, model::recogniser_from_file
/// and compiler::manifest_from_json do.
Subject read_subject(const std::filesystem::path& path);

}  // namespace yore::inspection
