// The plug-in for algorithmic capture: whether the samples that a kind needs for larger inputs grow like
// a + b ln T.
#pragma once
#include "yore/study/plugin.h"

namespace yore::study {

namespace files {
inline constexpr const char* kCaptureCsv = "capture.csv";    ///< a line a test of a copy
inline constexpr const char* kCaptureJson = "capture.json";  ///< n, fits and verdicts
}  // namespace files

/// Applies where runs measure capture (training.capture); null else. Refuses, before anything is trained,
/// tasks without sizes, fewer than five of them and less than a decade. Adds a table of verdicts, a picture
/// of n against T with the fitted laws and their bands a task, and what the data support as sentences, of
/// which one is about tasks with a costlier procedure where there are any.
std::unique_ptr<Plugin> capture_plugin(const StudyConfig& config);

}  // namespace yore::study
