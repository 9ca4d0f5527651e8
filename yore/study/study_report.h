// report.html of a study.
#pragma once
#include <string>
#include <vector>

#include "yore/study/numbers.h"

namespace yore::study {

/// What lies beside the page and is offered in it: the numbers (files::kNumbersCsv, kNumbersJson), and the
/// files of the plug-ins.
std::vector<Plugin::File> study_files(const StudyData& data,
                                      const std::vector<std::unique_ptr<Plugin>>& plugins);

/// The page. Every statement about a measurement is computed from data.records; what is missing is named as
/// missing. `beside` are study_files().
std::string study_report(const StudyData& data, const std::vector<std::unique_ptr<Plugin>>& plugins,
                         const std::vector<Plugin::File>& beside);

/// The study in a few words: its title, or its task.
std::string title_of(const StudyConfig& config);

/// "AMD EPYC 7B13, 2 cores usable" as far as the system tells.
std::string describe_machine();

}  // namespace yore::study
