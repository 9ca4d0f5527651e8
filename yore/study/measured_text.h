// The measured part of a report as HTML.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "yore/report/html.h"
#include "yore/report/plot.h"
#include "yore/study/plugin.h"

namespace yore::study {

/// "mean (worst)" of a share in percent, or a dash that says nothing was measured.
report::Html spread_cell(const Spread& spread);
/// The same of any metric: mean, and the range where runs differ.
report::Html metric_cell(const MetricSummary* metric);

/// A name of the program as words: "train_min_length" as "train min length".
std::string spaced(std::string name);

/// What is missing from the grid, as a notice; empty if nothing is.
report::Html missing_notice(const std::vector<RunRecord>& records);

/// A table with a row a kind and those of the plug-ins, a column a set and those of the plug-ins; then what
/// the plug-ins conclude.
report::Html comparison(const std::vector<KindResults>& kinds,
                        const std::vector<std::unique_ptr<Plugin>>& plugins);

/// A plot for wide and for narrow screens with its caption; a sentence if there is nothing to draw.
report::Html plot_figure(const report::Plot& plot, const std::string& id_prefix, const report::Html& caption);

/// A plot of some or all of a study's kinds; the title says of which, and is empty where they are all.
struct Picture {
  std::string title;
  report::Plot plot;
};
/// A picture a panel (curves.h), as `draw` makes it of the panel's kinds.
std::vector<Picture> pictures(const StudyConfig& config,
                              const std::function<report::Plot(const StudyConfig&)>& draw);
/// The plots as figures, the first with the caption, each with its title, and what has nothing to draw.
report::Html plot_figures(const std::vector<Picture>& pictures, const std::string& id_prefix,
                          const report::Html& caption);

/// One row a run, complete or not.
report::Html runs_table(const std::vector<RunRecord>& records);

/// A value of a configuration for people: texts without quotes, yes and no, lists with commas (or
/// semicolons, where texts have commas).
std::string value_text(const Json& value);
/// The same for a page: a list of texts one a line, and "none" for what is empty.
report::Html value_cell(const Json& value);
/// The values that some runs have at some paths, "all runs" if there are none.
std::string where_text(const std::vector<std::pair<std::string, Json>>& where);

/// The axes; model, task and training of every run, in full.
report::Html configuration(const StudyConfig& config);

}  // namespace yore::study
