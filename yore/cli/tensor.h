// The two commands that need libtorch. Theory commands must answer in milliseconds and loading libtorch takes
// half a second, so there are two programs: `yore` parses and checks everything and hands these commands on
// to `yore-tensor`, which is the same command line linked with the tensor half. Each program defines the two
// functions in its own way.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "yore/languages/language.h"
#include "yore/runs/run_config.h"

namespace yore::cli {

/// yore train, checked.
struct TrainRequest {
  runs::RunConfig config;
  std::filesystem::path folder;
  bool quiet = false;  ///< no progress display
  bool json = false;   ///< print the result as JSON
  /// Stop (as Ctrl-C would) after this many steps of this process; 0 = never. For tests of resuming.
  std::int64_t stop_after = 0;
};
int train(const TrainRequest& request);

/// yore evaluate, checked.
struct EvaluateRequest {
  std::filesystem::path model;                  ///< a run's folder or a model.safetensors
  std::optional<languages::Language> language;  ///< other than the one it was trained on
  std::vector<std::pair<int, int>> buckets;     ///< empty: those of the run
  int words_per_bucket = 512;
  std::optional<std::vector<std::string>> words;  ///< answer these instead
  bool json = false;
};
int evaluate(const EvaluateRequest& request);

/// Where yore-tensor is: beside this program, or in ../libexec/yore. Empty if this installation has no tensor
/// half.
std::optional<std::filesystem::path> tensor_program();

}  // namespace yore::cli
