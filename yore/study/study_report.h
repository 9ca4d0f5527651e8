// report.html of a study.
#pragma once
#include <string>
#include <vector>

#include "yore/study/plugin.h"

namespace yore::study {

/// Everything a report speaks of.
struct StudyData {
  StudyConfig config;
  std::vector<RunRecord> records;
  std::vector<KindResults> kinds;  ///< summarise_runs() of the above
  std::string command;             ///< repeats the study
  std::string machine;             ///< processor and cores, see describe_machine()
  std::string date;                ///< of the report, "2026-01-31"
};

/// The page. Every statement about a measurement is computed from data.records; what is missing is named as
/// missing.
std::string study_report(const StudyData& data, const std::vector<std::unique_ptr<Plugin>>& plugins);

/// The study in a few words: its title, or its task.
std::string title_of(const StudyConfig& config);

/// "AMD EPYC 7B13, 2 cores usable" as far as the system tells.
std::string describe_machine();

}  // namespace yore::study
