// Between parameters in memory and arrays on disk (arch/model_file.h).
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "yore/arch/model_file.h"
#include "yore/base/safetensors.h"
#include "yore/logic/alphabet.h"
#include "yore/model/model.h"

namespace yore::model {

using base::Json;

/// A model with the task it is for.
struct SavedModel {
  Model model;
  Json task;                       ///< {"name", options..}; empty: none
  std::vector<std::string> names;  ///< of the tokens, see arch::ModelFile::alphabet
  std::string tokenizer = {};      ///< see arch::ModelFile::tokenizer
};

/// A model that recognises words of a language.
struct SavedRecogniser {
  Model model;
  logic::Alphabet alphabet;
  std::string language;  ///< specification, see languages::read_language
};

/// The parameters as named float32 arrays.
base::NamedArrays to_arrays(const Parameters& parameters);
/// Copies arrays into the parameters of the same names. Throws InputError(`source`) naming the first array
/// that is missing, of another shape or type, or not the model's; the parameters are then unchanged. Arrays
/// whose name starts with `ignored_prefix` (if not empty) are passed over.
void from_arrays(const base::NamedArrays& content, const Parameters& parameters, const std::string& source,
                 const std::string& ignored_prefix = "");

/// The model as it goes to disk; gates on its heads (head_gates.h) are no part of it.
arch::ModelFile to_file(const Model& model, const Json& task, const std::vector<std::string>& names,
                        const std::string& tokenizer = "");
/// The model a file describes. Throws as arch::check_weights does.
SavedModel from_file(const arch::ModelFile& file, const std::string& source);
/// Throws InputError(`source`) also for a model of another task.
SavedRecogniser recogniser_from_file(const arch::ModelFile& file, const std::string& source);

/// arch::write_model(to_file(..), folder), and the two above of arch::read_model(path).
void save_model(const Model& model, const Json& task, const std::vector<std::string>& names,
                const std::filesystem::path& folder, const std::string& tokenizer = "");
SavedModel load_model(const std::filesystem::path& path);
/// What a model that runs computes with.
enum class Weights {
  AsTheyAre,  ///< float or bfloat16, where the system maps the file
  Float,      ///< widened to float: twice the memory and the time of a token where they are bfloat16
};
/// A model to run alone: its parameters cannot be trained.
SavedModel open_model(arch::MappedModel mapped, Weights weights = Weights::AsTheyAre);
SavedRecogniser load_recogniser(const std::filesystem::path& path);

}  // namespace yore::model
