// What a run measured: written by training, read by study and report. Torch-free.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "yore/runs/run_config.h"

namespace yore::runs {

/// Accuracy over a set of words.
struct Score {
  std::string name;  ///< "validation", "41-100", "witness"
  int min_length = 0, max_length = 0;
  std::int64_t words = 0, correct = 0;
  std::int64_t positives = 0, positives_correct = 0;
  double accuracy() const {
    return words == 0 ? 0.0 : static_cast<double>(correct) / static_cast<double>(words);
  }
};

/// Accuracy at one length (for the plot of accuracy against length).
struct LengthScore {
  int length = 0;
  std::int64_t words = 0, correct = 0;
};

/// One witness string's answer.
struct WitnessScore {
  std::string witness_of;  ///< class the witness refutes: "global", "local" ...
  int n = 0;
  int length = 0;
  bool accepted = false;  ///< truth
  double logit = 0;       ///< model's answer; > 0 accepts
};

/// One line of training history.
struct HistoryPoint {
  std::int64_t step = 0;
  double loss = 0;  ///< mean training loss since the last point
  double validation_accuracy = 0;
  double learning_rate = 0;
  double seconds = 0;  ///< training time so far
};

struct RunResult {
  std::string status;  ///< "finished" (all steps), "early-stop", "time-limit", "nan" (diverged)
  std::int64_t steps = 0;
  double seconds = 0;  ///< training time
  std::int64_t parameters = 0;
  Score train_range;  ///< validation words (lengths of the training range, never trained on)
  std::vector<Score> buckets;
  std::vector<LengthScore> lengths;
  std::vector<WitnessScore> witnesses;
  std::vector<HistoryPoint> history;
};

/// Both ways; a score also shows its accuracy, which is not read back. Numbers that are not finite are
/// written as null and read as NaN. from_json refuses unknown keys and wrong types with InputError(`source`).
Json to_json(const RunResult& result);
RunResult run_result_from_json(const Json& json, const std::string& source);
/// One line of metrics.jsonl.
Json to_json(const HistoryPoint& point);
HistoryPoint history_point_from_json(const Json& json, const std::string& source);

/// File names inside a run's folder.
namespace files {
inline constexpr const char* kConfig = "config.json";          ///< RunConfig; marks the folder as a run
inline constexpr const char* kResult = "result.json";          ///< RunResult; present = the run is complete
inline constexpr const char* kMetricsJsonl = "metrics.jsonl";  ///< one object a HistoryPoint
inline constexpr const char* kMetricsCsv = "metrics.csv";
inline constexpr const char* kModel =
    "model.safetensors";  ///< final weights; model.json beside it holds the configuration
inline constexpr const char* kModelConfig = "model.json";
inline constexpr const char* kCheckpoint =
    "checkpoint.safetensors";  ///< weights, optimiser moments, counters; checkpoint.json beside it
inline constexpr const char* kCheckpointState = "checkpoint.json";
inline constexpr const char* kLog = "log.txt";
inline constexpr const char* kLock = ".lock";  ///< locked while a process trains the run (run_lock.h)
}  // namespace files

}  // namespace yore::runs
