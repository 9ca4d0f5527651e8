// `yore study`: decide what theory says of a language, train a grid of recognisers, hold one against the
// other.
#pragma once
#include "yore/study/executor.h"
#include "yore/study/study_config.h"

namespace yore::study {

/// What a call of run_study() or run_suite() came to.
struct Outcome {
  Executed executed;
  int planned = 0;   ///< runs of the whole grid, all shards
  int measured = 0;  ///< of these, have a result (from any shard or earlier call)
  fs::path report;   ///< report.html
  /// The compiled transformer, where there is one, was measured and nothing was wrong.
  bool compiled_is_fine = true;
  /// 0: every run of this shard has a result. 1: some failed, or the compiled transformer did. 128 + signal
  /// number: interrupted.
  int exit_code() const;
};

/// The whole study in execution.folder: classifies (verdict.json), claims the folder, compiles the language's
/// transformer and has it measured (compiled_model.h), trains what has no result yet, and writes numbers.csv,
/// numbers.json and report.html from the results that are there, saying which are missing. Never repeats a
/// finished run. Throws InputError before anything is trained; base::BudgetError if the automaton tests run
/// out of a budget.
Outcome run_study(const StudyConfig& config, const Execution& execution);

}  // namespace yore::study
