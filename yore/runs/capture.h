// Algorithmic capture (arXiv 2603.11161): what a run measures of its finished model where training.capture
// names sizes. Of each size, copies of the model are adapted on n = 0, 1, 2, 4 .. fresh sequences of that
// size and tested; how the n that is needed grows with the size is a study's question (study/capture/).
// Torch-free: the measuring itself is training/capture.h.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "yore/base/metric.h"
#include "yore/runs/run_config.h"

namespace yore::runs {

/// The test errors at which the samples needed are counted, the larger first.
inline constexpr double kCaptureErrors[] = {0.05, 0.01};

/// "8,16,32" (perhaps empty) as sizes, each larger than the one before, from 1 to a million. Throws
/// InputError(`source`).
std::vector<int> parse_sizes(const std::string& text, const std::string& source);

/// 0, 1, 2, 4 .. up to `most`, of which every number of the grid is at most that.
std::vector<std::int64_t> sample_grid(std::int64_t most);

/// How a copy is adapted on `samples` sequences: `batch` of them a step, in turns, so often that each is seen
/// at least once.
struct Adaptation {
  std::int64_t samples = 0, steps = 0;
  int batch = 0;
};
Adaptation adaptation_on(std::int64_t samples, const TrainingConfig& training);

/// The set of the metrics that this measures.
inline constexpr const char* kCaptureSet = "capture";

/// One adapted copy's test.
struct CaptureError {
  int size = 0;
  std::int64_t samples = 0;
  double error = 1;          ///< 1 - the task's accuracy
  std::int64_t answers = 0;  ///< of the test
  bool operator==(const CaptureError&) const = default;
};

/// As the metrics of a result have it: set "capture", name "error", its size and samples among the keys.
base::Metric to_metric(const CaptureError& error);
/// Those among a result's metrics, in their order.
std::vector<CaptureError> capture_errors(const std::vector<base::Metric>& metrics);

}  // namespace yore::runs
