// The plug-in for studies of languages and mixers: one picture of theory and measurement, the same as a table
// and as matrix.csv, and what the data supports in sentences.
#pragma once
#include <memory>

#include "yore/study/plugin.h"

namespace yore::study {

namespace files {
inline constexpr const char* kMatrixCsv = "matrix.csv";  ///< a line a language, mixer and further axes
inline constexpr const char* kMatrixSvg = "matrix";  ///< "matrix.svg", or "matrix-2.svg" of a second picture
}  // namespace files

/// Applies where one axis varies the language and one the mixer (model.mixer or model.attention). Further
/// axes, such as positions, make a picture each.
std::unique_ptr<Plugin> matrix_plugin(const StudyConfig& config);

}  // namespace yore::study
