// Runs trained as independent child processes, several at a time.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "yore/base/progress.h"
#include "yore/study/grid.h"

namespace yore::study {

/// How a study is carried out; nothing in it changes what is measured.
struct Execution {
  fs::path folder;  ///< of the study or suite
  /// The program that trains, and arguments that come first; "train --run FOLDER --quiet" is appended.
  std::vector<std::string> trainer;
  int jobs = 0;  ///< runs at a time; 0 = as many as this process may use cores
  int shard_index = 1,
      shard_count =
          1;  ///< take every shard_count-th run of the grid, beginning with number shard_index (1, 2 ..)
  /// More seconds than the runs of this shard that have no result yet are estimated to take, one after
  /// another (estimate.h), and the study does not begin; 0 = no limit.
  double budget_seconds = 0;
  std::string command;  ///< what the report names as the way to repeat the study
  base::Progress::Output progress = base::Progress::Output::standard_error();
  /// Where messages go, a line each without its line break; standard error by default.
  std::function<void(const std::string&)> say;
};

/// Throws InputError: shard out of range, negative jobs, no trainer.
void validate(const Execution& execution);

/// A run whose process ended without a result, or whose result cannot be read.
struct FailedRun {
  std::string name;
  int exit_code = 0;     ///< of the process
  std::string log_tail;  ///< the last lines it wrote
  bool damaged = false;  ///< what is there cannot be read, so no process was started
};

/// What became of the runs this call was responsible for.
struct Executed {
  int complete = 0;        ///< have a result now, however they came by it
  int found_complete = 0;  ///< of these, had one before
  int busy = 0;            ///< left alone, because another process is training them
  std::vector<FailedRun> failed;
  bool interrupted = false;  ///< stopped by a signal; the same command goes on
};

/// Those of `runs` that are this shard's and have no result yet.
std::vector<PlannedRun> left_to_do(const std::vector<PlannedRun>& runs, const Execution& execution);

/// Throws InputError if a run's folder holds another configuration or something else than a run; looks at all
/// of `runs` before anything is written. What cannot be read is left to execute().
void check_run_folders(const std::vector<PlannedRun>& runs);

/// Why the configuration or the result of a run that is there cannot be read, in one line; empty if they can.
std::string damage_of(const PlannedRun& run);

/// The fraction of a run's steps that its metrics show: 0..1, and 1 once it has a result.
double progress_of(const PlannedRun& run);

/// Brings every run of this shard to its end: writes its config.json, starts the trainer (with one OpenMP
/// thread, unless training.threads asks for more; its output appended to log.txt in the run's folder) on runs
/// without a result, up to `jobs` at once. A run whose lock another process holds (runs::RunLock, which the
/// trainer takes) is left alone. A run that fails, or whose folder has something that cannot be read, is
/// reported and the others go on. On an interrupt the children get SIGTERM, save their state and end. Throws
/// as check_run_folders.
Executed execute(const std::vector<PlannedRun>& runs, const Execution& execution);

/// How many cores this process may use, at least 1.
int usable_cores();

}  // namespace yore::study
