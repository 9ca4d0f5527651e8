// report.html of a study.
#pragma once
#include <string>
#include <vector>

#include "yore/study/numbers.h"

namespace yore::study {

/// The page. Every statement about a measurement is computed from data.records; what is missing is named as
/// missing.
std::string study_report(const StudyData& data, const std::vector<std::unique_ptr<Plugin>>& plugins);

/// The study in a few words: its title, or its task.
std::string title_of(const StudyConfig& config);

/// "AMD EPYC 7B13, 2 cores usable" as far as the system tells.
std::string describe_machine();

}  // namespace yore::study
