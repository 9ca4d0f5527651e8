// The compiled transformer in a report.
#pragma once
#include "yore/report/html.h"
#include "yore/study/plugin.h"
#include "yore/study/theory/compiled_model.h"
#include "yore/study/theory/summary.h"

namespace yore::study {

/// Its row for the table of kinds: marked as not trained, with the cells that were measured.
ExtraRow compiled_row(const StudyConfig& config, const CompiledModel& model);

/// What it is, how large beside the trained ones, what was measured of it, how it works, and how to get it;
/// or why there is none. `folder` is the study's, as the user named it.
report::Html compiled_section(const StudyConfig& config, const languages::Language& language,
                              const CompiledModel& model, const std::string& folder);

}  // namespace yore::study
