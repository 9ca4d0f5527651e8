// One training run, from a configuration to a result, in a folder that can be interrupted and resumed at any
// point.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "yore/arch/model_file.h"
#include "yore/base/progress.h"
#include "yore/runs/run_config.h"
#include "yore/runs/run_result.h"
#include "yore/training/ranks.h"

namespace yore::training {

/// What does not change the numbers.
struct TrainOptions {
  /// Name in front of the progress bar.
  std::string label = "train";
  /// Tells the mean training loss every this many steps; 0 = never.
  std::int64_t log_every = 0;
  /// Called with what the user should be told (a divergence, a resumption, log_every).
  std::function<void(const std::string&)> notice = [](const std::string&) {};
  /// Stop as if interrupted after this many steps of this call; -1 = never.
  std::int64_t stop_after = -1;
  /// For config.training.init = "compiled", and required then: the model whose weights are those of step 0.
  /// Called only where there is no checkpoint yet, for resuming needs it no more.
  std::function<arch::ModelFile()> start;
  /// The processes that train together, each called with the same configuration; null = this one alone. Rank
  /// 0 reads and writes the folder, the others never look at it.
  Ranks* ranks = nullptr;
  base::Progress::Output progress = base::Progress::Output::standard_error();
};

/// RunResult::status of a run that was stopped by a signal or stop_after: it has a checkpoint, and no
/// result.json yet.
inline constexpr const char* kInterrupted = "interrupted";

/// Trains the model that the configuration describes on its task and leaves in `folder`: config.json first;
/// at every evaluation metrics.jsonl, metrics.csv and the checkpoint; at the end model.safetensors and
/// model.json, and result.json last of all.
///
/// * A finished folder is not touched, its result is returned. An unfinished one is resumed, and ends with
///   the same bytes of weights as a run that was never stopped (max_seconds = 0).
/// * A finished run that runs::continue_run made an unfinished one goes on, and ends with the same bytes as
///   one that was configured in that way from the start.
/// * base::interrupted() is looked at after every step: a checkpoint is written and the status is
///   "interrupted".
/// * A loss, a gradient, weights or logits of a validation that are not finite end the run with status "nan":
///   the step, and of a gradient the first parameter affected, go to `notice`, the last good checkpoint
///   stays, its weights become the model and are what the scores speak of; RunResult::steps then is that
///   checkpoint's step.
/// * With ranks, each computes on its part of every batch, and losses and weights are those of one process
///   but for the rounding of sums. A signal in one of them interrupts all. Ranks other than 0 return no
///   metrics. If another process is lost, rank 0 writes a checkpoint, and PeerLost is thrown.
/// * Limits the whole process to the configured number of threads (model/threads.h).
///
/// The configuration's task must be complete (tasks::complete_task). Throws InputError if the configuration
/// is invalid, if `folder` holds something other than a run or a run of another configuration, or a broken
/// checkpoint, or if another process is training in it (runs::RunLock), or if the weights to start from are
/// of another model; std::invalid_argument without the options.start that config.training.init asks for.
runs::RunResult train(const runs::RunConfig& config, const std::filesystem::path& folder,
                      const TrainOptions& options = {});

}  // namespace yore::training
