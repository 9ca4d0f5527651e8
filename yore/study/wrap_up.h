// The steps that a study and a suite share around the training.
#pragma once
#include <string>
#include <vector>

#include "yore/study/plugin.h"
#include "yore/study/study.h"

namespace yore::study {

/// `execution` with its messages going to standard error unless they go somewhere already.
Execution with_messages(Execution execution);

/// Writes numbers.csv, numbers.json, report.html and the plug-ins' files of a study from the results that are
/// there, and returns them.
struct Written {
  std::vector<RunRecord> records;
  std::vector<KindResults> kinds;
};
Written write_study(const StudyConfig& config, const std::vector<std::unique_ptr<Plugin>>& plugins,
                    const fs::path& folder, const std::string& command);

/// How many runs have a result.
int measured(const std::vector<RunRecord>& records);

/// Says what became of the runs and where the report is.
void say_outcome(const Outcome& outcome, const Execution& execution);

/// The day in UTC, "2026-01-31".
std::string today();

}  // namespace yore::study
