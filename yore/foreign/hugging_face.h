// Hugging Face folders: config.json, the weights in model.safetensors or in shards that
// model.safetensors.index.json lists, and beside them whatever else (which is not looked at).
#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "yore/arch/model_file.h"
#include "yore/foreign/tensors.h"

namespace yore::foreign {

namespace files {
inline constexpr const char* kConfig = "config.json";
inline constexpr const char* kWeights = "model.safetensors";
inline constexpr const char* kIndex = "model.safetensors.index.json";
inline constexpr const char* kGeneration = "generation_config.json";
/// Files beside a tokenizer.json that say how to use a model: they go with it unchanged.
inline constexpr const char* kCompanions[] = {"tokenizer_config.json", kGeneration};
}  // namespace files

/// Whether the folder holds a model of another program: a config.json and no model.json of ours.
bool is_hugging_face(const std::filesystem::path& folder);

/// An index's tensors by name with the file that each stands in. Throws InputError(`source`): not JSON, no
/// weight_map of texts, a name that is not that of a file in the same folder.
std::map<std::string, std::string> parse_index(const std::string& text, const std::string& source);

/// The weights, mapped. Throws InputError naming the shard or tensor that is missing, or as view_safetensors.
Tensors map_weights(const std::filesystem::path& folder);

/// The companions that the folder has, by name.
std::map<std::string, std::string> read_companions(const std::filesystem::path& folder);
/// Those beside a model of ours, named by its folder or its model.safetensors.
std::map<std::string, std::string> companions_of(const std::filesystem::path& model);
/// Writes these, and takes away those that another model left.
void write_companions(const std::map<std::string, std::string>& companions,
                      const std::filesystem::path& folder);

/// The files of a folder for transformers: config.json and model.safetensors in one of the families' names
/// (family.h), and the tokenizer; a model.json of ours is taken away. Throws InputError(`source`) for a model
/// that no family has.
void write_hugging_face(const arch::ModelFile& file, const std::string& source,
                        const std::filesystem::path& folder);

}  // namespace yore::foreign
