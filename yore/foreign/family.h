// A family of models that other programs keep: how its configuration and the names of its arrays become a
// description and arrays of yore's, and back. A family is one short file and a line in the list of families;
// Hugging Face folders and GGUF files both go through it.
#pragma once
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "yore/arch/model.h"
#include "yore/foreign/fields.h"

namespace yore::foreign {

/// One linear map, norm or table: what is said of it holds for its weight and, where it has one, its bias.
struct Name {
  /// "layers.*.attention.qkv"; * stands for a block's number, in the others' names too.
  std::string ours;
  /// In Hugging Face files and in GGUF files. Several are one array here, put together along its first
  /// dimension: queries, keys and values.
  std::vector<std::string> hf, gguf;
  /// Hugging Face keeps the weight as [in, out].
  bool in_out = false;
};

struct Family {
  std::string name;                      ///< "llama"
  std::vector<std::string> model_types;  ///< model_type in config.json
  std::string model_class;               ///< transformers' class, under architectures in config.json
  std::string gguf;                      ///< general.architecture
  /// A key without the architecture before it that a GGUF file must have to be of this family, where two
  /// families share an architecture; empty: none.
  std::string gguf_mark;
  std::vector<Name> names;
  /// What Hugging Face names of a whole model begin with (files of the bare decoder lack it), and what else
  /// may stand there.
  std::string prefix;
  std::vector<std::string> other_prefixes;
  bool gguf_turns_neighbours = false;  ///< GGUF has rows of queries and keys in the order of adjacent pairs
  bool gguf_norms_plus_one = false;    ///< GGUF has the weights of norms with the 1 added
  /// Metadata of GGUF without the architecture before them, and what config.json calls them.
  std::vector<std::pair<std::string, std::string>> metadata;

  /// Adds to a configuration made of metadata what they leave to be known; null: nothing.
  void (*complete_gguf)(Json& config) = nullptr;

  /// The description; throws InputError naming the field.
  arch::Model (*model)(const Fields& config) = nullptr;
  /// The inverse, as good as it goes: whoever calls it reads it back and compares.
  Json (*config)(const arch::Model& model) = nullptr;
};

/// The registry, in the order in which they are tried.
std::span<const Family> families();
/// Their names, for messages.
std::string family_names();

/// Throws InputError naming the field (model_type) and the supported ones.
const Family& family_of_model_type(const Fields& config);

/// The configuration of a model as its family writes it, and the family: the first that reads back from its
/// own configuration what it was written from. Throws InputError(`source`) if none does.
std::pair<const Family*, Json> config_of(const arch::Model& model, const std::string& source);

}  // namespace yore::foreign
