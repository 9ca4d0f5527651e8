// How much a finished model needs to learn for larger inputs (runs/capture.h): for each size of its task and
// each number of fresh sequences a copy of it is adapted, and tested.
//
//   for T in sizes, n in 0, 1, 2, 4 ..:
//     copy = the model as it was trained
//     train copy on the first n of the sequences of size T that this seed draws, in turns
//     error = 1 - accuracy of copy on held-out sequences of size T
//
// The sequences are drawn from a stream that training does not use; of a size with few sequences training may
// have seen them all the same. Those of a smaller n are among those of a larger one. Of a size, no larger n
// is tried once the smallest of kCaptureErrors was reached twice in a row: those n count as reached.
#pragma once
#include <filesystem>
#include <functional>
#include <vector>

#include "yore/model/model.h"
#include "yore/runs/capture.h"

namespace yore::training {

/// That config.task has the sizes of config.training.capture, and that a model of these options reaches them;
/// makes their sets. Throws InputError. Asks nothing of a configuration without sizes.
void check_capture(const runs::RunConfig& config);

/// Told of what is about to be done: fraction of the sizes that are done, and a few words.
using CaptureProgress = std::function<void(double done, const std::string& note)>;

/// The errors of the model that a run of this configuration has trained for `steps` steps, in the order of
/// sizes and samples. What is measured is kept in folder/kCaptureLines, a line each with the steps, and
/// those of so many steps are read from there if this was interrupted before. A copy whose loss is not finite
/// has the error 1. Throws as check_capture; base::Interrupted if a signal came.
std::vector<runs::CaptureError> capture(const model::Model& model, const runs::RunConfig& config,
                                        std::int64_t steps, const std::filesystem::path& folder,
                                        const CaptureProgress& progress = {});

namespace files {
inline constexpr const char* kCaptureLines = "capture.jsonl";
}  // namespace files

}  // namespace yore::training
