// The compiled transformer in a report.
#pragma once
#include "yore/report/html.h"
#include "yore/study/compiled_model.h"
#include "yore/study/summary.h"

namespace yore::study {

/// Its row for the table of comparison(): marked as not trained, with the cells that were measured.
/// `witnesses`: whether the table has a column for witness words.
std::vector<report::Html> compiled_row(const StudyConfig& config, const CompiledModel& model, bool witnesses);

/// What it is, how large beside the trained ones, what was measured of it, how it works, and how to get it;
/// or why there is none. `folder` is the study's, as the user named it.
report::Html compiled_section(const StudyConfig& config, const CompiledModel& model,
                              const std::string& folder);

}  // namespace yore::study
