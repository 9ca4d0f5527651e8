// Models of other programs, whatever they stand in: a Hugging Face folder or a GGUF file.
#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "yore/foreign/arrays.h"
#include "yore/foreign/gguf_model.h"

namespace yore::foreign {

struct ForeignModel {
  const Family* family = nullptr;
  Format format = Format::HuggingFace;
  arch::Model model;
  Tensors tensors;  ///< checked: all that the model needs are there, as it needs them
  /// Its tokenizer.json: a folder's as it is, a GGUF file's written from its keys; empty if it has none.
  /// Throws InputError for one that cannot be read.
  std::function<std::string()> tokenizer;
  /// Files that say how to use it, by name (files::kCompanions), with their bytes.
  std::map<std::string, std::string> companions;

  /// Our arrays by name, made when they are asked for.
  std::map<std::string, base::MadeArray> arrays(StoredType type = StoredType::F32) const {
    return arrays_from(*family, format, model, tensors, type);
  }
};

/// Whether a model of another program stands there: a folder with a config.json and none of ours, or a file
/// whose name ends in .gguf or that begins as such.
bool is_foreign(const std::filesystem::path& path);

/// Reads what is_foreign. Its weights are mapped, none is widened yet. Throws InputError naming the file, the
/// field, key or tensor, and what was expected.
ForeignModel read_foreign(const std::filesystem::path& path);

}  // namespace yore::foreign
