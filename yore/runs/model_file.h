// A recogniser on disk: model.safetensors (the weights) and model.json (what they are weights of).
// Torch-free, so that a model can be compiled, exported and drawn without loading torch.
#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "yore/base/safetensors.h"
#include "yore/runs/run_config.h"

namespace yore::runs {

/// What both files say.
struct ModelFile {
  ModelConfig model;
  std::vector<std::string> alphabet;  ///< names of the letters, in the order of the embeddings; EOS follows
  std::string language;               ///< specification as in DataConfig
  /// What the compiler says of its own weights (compiler/manifest.h); null for a trained model.
  Json compiled;
  /// F32 arrays by name, exactly those of model_arrays(); no metadata.
  base::NamedArrays weights;
};

/// Name and shape of a recogniser's arrays, in the order of its parameters.
std::vector<std::pair<std::string, std::vector<std::int64_t>>> model_arrays(const ModelConfig& config,
                                                                            int letters);

/// Throws InputError(`source`) naming the first array that is missing, of another shape or type than
/// model_arrays() says, or not in it.
void check_weights(const ModelFile& file, const std::string& source);

/// The text of model.json, and the safetensors file that repeats it in its metadata, so that a pair of files
/// from two models of one shape (attention kinds have no weights of their own) is found out.
std::string model_json(const ModelFile& file);
base::NamedArrays model_safetensors(const ModelFile& file);
/// The inverse. `source` names the JSON in errors.
ModelFile parse_model_json(const std::string& text, const std::string& source);
/// The inverse, for a safetensors file without its JSON. Throws InputError(`source`) when the metadata holds
/// no description, or as check_weights does.
ModelFile parse_model_safetensors(base::NamedArrays content, const std::string& source);

/// Writes folder/model.safetensors, then folder/model.json (each in one step).
void write_model(const ModelFile& file, const std::filesystem::path& folder);

/// Reads both back; `path` is a folder or its model.safetensors. Throws InputError naming the file when one
/// is missing, truncated, of another format version, or when the two do not belong together.
ModelFile read_model(const std::filesystem::path& path);

}  // namespace yore::runs
