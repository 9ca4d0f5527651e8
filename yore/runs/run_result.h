// What a run measured: written by training, read by study and report. Torch-free.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "yore/arch/model_file.h"
#include "yore/base/metric.h"
#include "yore/runs/run_config.h"

namespace yore::runs {

/// One line of training history.
struct HistoryPoint {
  std::int64_t step = 0;
  double loss = 0;        ///< mean training loss since the last point
  double validation = 0;  ///< the task's goal (RunResult::goal) on the validation set
  double learning_rate = 0;
  double seconds = 0;  ///< training time so far
};

struct RunResult {
  std::string status;  ///< "finished" (all steps), "early-stop", "time-limit", "nan" (diverged)
  std::int64_t steps = 0;
  double seconds = 0;  ///< training time
  std::int64_t parameters = 0;
  std::string goal = "accuracy";      ///< what HistoryPoint::validation is
  std::vector<base::Metric> metrics;  ///< of the validation set, then of the task's test sets
  std::vector<HistoryPoint> history;
};

/// Both ways. Numbers that are not finite are written as null and read as NaN. from_json refuses unknown keys
/// and wrong types with InputError(`source`), and checks a checksum if there is one (base/checksum.h).
Json to_json(const RunResult& result);
RunResult run_result_from_json(const Json& json, const std::string& source);
/// One line of metrics.jsonl.
Json to_json(const HistoryPoint& point);
HistoryPoint history_point_from_json(const Json& json, const std::string& source);

/// File names inside a run's folder.
namespace files {
inline constexpr const char* kConfig = "config.json";  ///< RunConfig; marks the folder as a run
inline constexpr const char* kResult = "result.json";  ///< RunResult; present = the run is complete
/// "result-3000.json": what kResult was before the run was continued at that step.
std::string earlier_result(std::int64_t steps);
inline constexpr const char* kMetricsJsonl = "metrics.jsonl";  ///< one object a HistoryPoint
inline constexpr const char* kMetricsCsv = "metrics.csv";
using arch::files::kModel;  ///< final weights; model.json beside it holds the description
using arch::files::kModelConfig;
inline constexpr const char* kCheckpoint =
    "checkpoint.safetensors";  ///< weights, optimiser moments, counters; checkpoint.json beside it
inline constexpr const char* kCheckpointState = "checkpoint.json";
inline constexpr const char* kLog = "log.txt";
inline constexpr const char* kLock = ".lock";  ///< locked while a process trains the run (run_lock.h)
}  // namespace files

}  // namespace yore::runs
