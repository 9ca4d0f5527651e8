// The scales of a study file: one grid in several sizes, such as "papers", as published, and "laptop", in
// half an hour. In what they differ is computed from their configurations, said when the study starts and
// shown in its report, so that no sentence about it can grow stale.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "yore/study/plugin.h"

namespace yore::study {

/// The settings in which these studies differ, in the order of the first one's configuration, what only later
/// ones have at the end. A value is that of the run's configuration at the path, or the list of an axis.
std::vector<ScaleDifference> scale_differences(const std::vector<StudyConfig>& studies);

/// The same as lines for a terminal: "  task.vocabulary: 256 (papers: 8192)". What would make a line of more
/// than 100 characters is counted, and the values that only some scales have follow one a line:
///     model.mixer: 2 values (papers: 3 values)
///       only papers: gla:heads=2
std::vector<std::string> scale_lines(const Scales& scales);

/// Applies to a study with scales: says the differences before the runs, and adds a section to the report.
std::unique_ptr<Plugin> scales_plugin(const StudyConfig& config);

}  // namespace yore::study
