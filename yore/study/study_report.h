// report.html of a study.
#pragma once
#include <string>
#include <vector>

#include "yore/study/compiled_model.h"
#include "yore/study/summary.h"

namespace yore::study {

/// Everything a report speaks of.
struct StudyData {
  StudyConfig config;
  Verdicts verdicts;
  std::vector<RunRecord> records;
  std::vector<KindSummary> kinds;  ///< summarise() of the above
  CompiledModel compiled;
  std::string folder;   ///< the study's, as the user named it
  std::string command;  ///< repeats the study
  std::string machine;  ///< processor and cores, see describe_machine()
  std::string date;     ///< of the report, "2026-01-31"
};

/// The page. Every statement about a measurement is computed from data.records; what is missing is named as
/// missing.
std::string study_report(const StudyData& data);

/// "AMD EPYC 7B13, 2 cores usable" as far as the system tells.
std::string describe_machine();

}  // namespace yore::study
