// The MODEL that a command names, and what the command holds it against.
#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "yore/compiler/manifest.h"
#include "yore/languages/language.h"
#include "yore/model/checkpoint.h"

namespace yore::cli {

/// A model, and what its files say of it.
struct Subject {
  arch::ModelFile file;
  model::SavedRecogniser saved;
  std::optional<compiler::Manifest> manifest;
  const logic::Alphabet& alphabet() const { return saved.alphabet; }
};

/// Throws InputError where nothing stands at `path`, and as arch::read_model does.
Subject read_subject(const std::filesystem::path& path);

/// The language asked for, or the model's own; over the model's alphabet in any case.
languages::Language language_of(const Subject& subject, const std::optional<languages::Language>& asked);

/// A word for people: a long one is shortened, an empty one named.
std::string shown(const logic::Alphabet& alphabet, const logic::Word& word);

}  // namespace yore::cli
