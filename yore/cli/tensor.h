// The commands that need libtorch. Theory commands must answer in milliseconds and loading libtorch takes
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
#include "yore/arch/model_file.h"
#include "yore/runs/run_config.h"

namespace yore::cli {

/// yore train, checked.
struct TrainRequest {
  runs::RunConfig config;
  /// For init "compiled": the compiled model, if the command line already has it; else it is compiled when it
  /// is needed.
  std::optional<arch::ModelFile> start;
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
  std::optional<runs::DataConfig> data;           ///< all of a run's words, in place of the two above
  std::optional<std::vector<std::string>> words;  ///< answer these instead
  bool json = false;
};
int evaluate(const EvaluateRequest& request);

/// yore verify, checked.
struct VerifyRequest {
  std::filesystem::path model;
  std::optional<languages::Language> language;  ///< other than the model's own
  int max_length = 1'000'000;
  std::int64_t max_words = 200'000;
  int random_words = 2'000;
  int length = 2'000;
  std::int64_t prove_length = 0;  ///< 0 = what the model was compiled for
  std::uint64_t seed = 0;
  bool json = false;
};
int verify(const VerifyRequest& request);

/// yore run, checked.
struct RunRequest {
  std::filesystem::path model;
  std::optional<std::vector<std::string>> words;  ///< else lines from standard input
  bool trace = false;
  bool json = false;
};
int run(const RunRequest& request);

/// yore extract, checked.
struct ExtractRequest {
  std::filesystem::path model;
  std::optional<languages::Language> language;  ///< to compare with, other than the model's own
  std::string output;
  bool force = false;
  int max_states = 200;
  std::int64_t max_queries = 200'000;
  int length = 100;
  std::int64_t exhaustive_words = 10'000;
  std::int64_t random_words = 5'000;
  std::uint64_t seed = 0;
  bool json = false;
};
int extract(const ExtractRequest& request);

/// Where yore-tensor is: beside this program, or in ../libexec/yore. Empty if this installation has no tensor
/// half.
std::optional<std::filesystem::path> tensor_program();

}  // namespace yore::cli
