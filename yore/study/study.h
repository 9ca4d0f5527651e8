// `yore study`: decide what theory says of a language, train a grid of recognisers, hold one against the
// other.
#pragma once
#include "yore/study/executor.h"
#include "yore/study/grid.h"

namespace yore::study {

/// What a call of run_study() came to.
struct Outcome {
  Executed executed;
  int planned = 0;                      ///< runs of the whole grid, all shards
  int measured = 0;                     ///< of these, have a result (from any shard or earlier call)
  fs::path report;                      ///< report.html
  bool plugins_are_fine = true;         ///< see Plugin::fine
  std::vector<std::string> statements;  ///< see Plugin::statements
  /// 0: every run of this shard has a result, or another process is training it. 1: some failed, or a plug-in
  /// is not fine. 128 + signal number: interrupted.
  int exit_code() const;
};

/// The whole study in execution.folder: what the plug-ins need before, claims the folder, trains what has no
/// result yet, and writes numbers.csv, numbers.json, report.html and the plug-ins' files from the results
/// that are there, saying which are missing. Never repeats a finished run. Throws InputError before anything
/// is trained; base::BudgetError if the automaton tests run out of a budget.
Outcome run_study(const StudyConfig& config, const Execution& execution);

}  // namespace yore::study
