// A model on disk: model.safetensors (the weights), model.json (what they are weights of) and, of a model of
// text whose tokens are not bytes, tokenizer.json. Torch-free, so that a model can be compiled, exported and
// drawn without loading torch.
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "yore/arch/model.h"
#include "yore/base/mapped_file.h"
#include "yore/base/safetensors.h"

namespace yore::arch {

/// File names inside a model's folder.
namespace files {
inline constexpr const char* kModel = "model.safetensors";
inline constexpr const char* kModelConfig = "model.json";
inline constexpr const char* kTokenizer = "tokenizer.json";
/// Which heads of a hardened model are kept (budget/harden.h): of this model alone, so that write_model()
/// takes it away.
inline constexpr const char* kHeads = "heads.json";
}  // namespace files

/// What both files say.
struct ModelFile {
  Model model;
  /// The task it is for: {"name", and its options}, see tasks/task.h. Empty: none, as of a model from
  /// elsewhere.
  Json task = Json::object();
  /// Names of the tokens, in the order of the embeddings; for a recogniser the letters, which EOS follows.
  /// Empty where tokens have no names (bytes).
  std::vector<std::string> alphabet;
  /// What the compiler says of its own weights (compiler/manifest.h); null for a trained model.
  Json compiled;
  /// F32 arrays by name, exactly those of parameters(model); no metadata. (Files may also have BF16 arrays:
  /// they are widened when they are read.)
  base::NamedArrays weights;
  /// tokenizer.json, as text (text/tokenizer.h); empty where tokens are bytes or have names. model.json has
  /// its checksum. It travels in folders, and in the metadata of ONNX files and of safetensors files alone.
  std::string tokenizer = {};
};

/// The task's name; "none" if there is no task.
std::string task_name(const ModelFile& file);
/// The language of a recogniser, as its task has it. Throws InputError(`source`) for another task's model.
std::string language_of(const ModelFile& file, const std::string& source);
/// The task of recognising words of a language: {"name": "formal", "language", "alphabet"}.
Json recognition_of(const std::string& language, const std::string& alphabet);

/// Throws InputError(`source`) naming the first array that is missing, of another shape or type than
/// parameters(file.model) says (F32), or not in it.
void check_weights(const ModelFile& file, const std::string& source);

/// The text of model.json, and the safetensors file that repeats it in its metadata, so that a pair of files
/// from two models of one shape (attention kinds have no weights of their own) is found out; the tokenizer
/// too, which in a folder is a file beside it.
std::string model_json(const ModelFile& file);
base::NamedArrays model_safetensors(const ModelFile& file);
/// The inverse; also of what earlier versions wrote. `source` names the JSON in errors. Throws
/// InputError(`source`) where `tokenizer` is not the one whose checksum it has.
ModelFile parse_model_json(const std::string& text, const std::string& source, std::string tokenizer = "");
/// The inverse, for a safetensors file without its JSON. Throws InputError(`source`) when the metadata holds
/// no description or not its tokenizer, or as check_weights does.
ModelFile parse_model_safetensors(base::NamedArrays content, const std::string& source);

/// Writes folder/model.safetensors, folder/tokenizer.json if there is one (and takes away another model's),
/// then folder/model.json (each in one step).
void write_model(const ModelFile& file, const std::filesystem::path& folder);
/// The same of a model whose weights are made when they are asked for, F32 or BF16; those of `file` are not
/// looked at.
void write_model(const ModelFile& file, const std::map<std::string, base::MadeArray>& weights,
                 const std::filesystem::path& folder);

/// Reads both back; `path` is a folder or its model.safetensors. Throws InputError naming the file when one
/// is missing, truncated, of another format version, or when they do not belong together.
ModelFile read_model(const std::filesystem::path& path);

/// A model whose weights stay on disk: views into the mapped file, F32 or BF16.
struct MappedModel {
  ModelFile file;  ///< without its weights
  std::shared_ptr<const base::MappedFile> bytes;
  base::ArrayViews weights;  ///< exactly the arrays of parameters(file.model)
};
/// As read_model, which copies and widens what this leaves where it is. Checksums are held against the bytes,
/// which reads the file once.
MappedModel map_model(const std::filesystem::path& path);

/// Throws InputError(PATH, "does not exist; expected ...") unless something is there.
void require_model(const std::filesystem::path& path);

}  // namespace yore::arch
