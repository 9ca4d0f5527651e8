// The measured part of a report as HTML.
#pragma once
#include <vector>

#include "yore/report/html.h"
#include "yore/report/plot.h"
#include "yore/study/plugin.h"

namespace yore::study {

/// "mean (worst)" of a share in percent, or a dash that says nothing was measured.
report::Html spread_cell(const Spread& spread);
/// The same of any metric: mean, and the range where runs differ.
report::Html metric_cell(const MetricSummary* metric);

/// What is missing from the grid, as a notice; empty if nothing is.
report::Html missing_notice(const std::vector<RunRecord>& records);

/// A table with a row a kind and those of the plug-ins, a column a set and those of the plug-ins; then what
/// the plug-ins conclude.
report::Html comparison(const std::vector<KindResults>& kinds,
                        const std::vector<std::unique_ptr<Plugin>>& plugins);

/// A plot for wide and for narrow screens with its caption; a sentence if there is nothing to draw.
report::Html plot_figure(const report::Plot& plot, const std::string& id_prefix, const report::Html& caption);

/// One row a run, complete or not.
report::Html runs_table(const std::vector<RunRecord>& records);

/// A value of a configuration for people: texts without quotes, yes and no, lists with commas (or
/// semicolons, where texts have commas), a pair of numbers as a range.
std::string value_text(const Json& value);

/// Model, task and training of every run, in full.
report::Html configuration(const StudyConfig& config);

}  // namespace yore::study
