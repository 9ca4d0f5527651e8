// Between parameters in memory and arrays on disk (runs/model_file.h).
#pragma once
#include <filesystem>
#include <string>

#include "yore/base/safetensors.h"
#include "yore/logic/alphabet.h"
#include "yore/model/recogniser.h"
#include "yore/runs/model_file.h"

namespace yore::model {

/// A model with what it was trained on.
struct SavedModel {
  Recogniser model;
  logic::Alphabet alphabet;
  std::string language;  ///< specification as in runs::DataConfig
};

/// The parameters as named float32 arrays.
base::NamedArrays to_arrays(const Parameters& parameters);
/// Copies arrays into the parameters of the same names. Throws InputError(`source`) naming the first array
/// that is missing, of another shape or type, or not the model's; the parameters are then unchanged. Arrays
/// whose name starts with `ignored_prefix` (if not empty) are passed over.
void from_arrays(const base::NamedArrays& content, const Parameters& parameters, const std::string& source,
                 const std::string& ignored_prefix = "");

/// The model as it goes to disk.
runs::ModelFile to_file(const Recogniser& model, const logic::Alphabet& alphabet,
                        const std::string& language);
/// The model a file describes. Throws as runs::check_weights does.
SavedModel from_file(const runs::ModelFile& file, const std::string& source);

/// runs::write_model(to_file(..), folder) and from_file(runs::read_model(path)).
void save_model(const Recogniser& model, const logic::Alphabet& alphabet, const std::string& language,
                const std::filesystem::path& folder);
SavedModel load_model(const std::filesystem::path& path);

}  // namespace yore::model
