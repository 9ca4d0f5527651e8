// A model on disk: model.safetensors (the weights) and model.json (what they are weights of).
#pragma once
#include <filesystem>
#include <string>

#include "yore/base/safetensors.h"
#include "yore/logic/alphabet.h"
#include "yore/model/recogniser.h"

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

/// Writes folder/model.safetensors, then folder/model.json (each in one step).
void save_model(const Recogniser& model, const logic::Alphabet& alphabet, const std::string& language,
                const std::filesystem::path& folder);

/// Reads both files back. Throws InputError naming the file when one is missing, truncated, of another format
/// version, or when the two do not belong together.
SavedModel load_model(const std::filesystem::path& folder);

}  // namespace yore::model
