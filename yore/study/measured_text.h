// The measured part of a report as HTML.
#pragma once
#include <vector>

#include "yore/report/html.h"
#include "yore/report/plot.h"
#include "yore/study/compiled_model.h"
#include "yore/study/summary.h"

namespace yore::study {

/// "mean (worst)" of a set, or a dash that says nothing was measured.
report::Html spread_cell(const Spread& spread);
/// Yes, no or open, coloured.
report::Html answer_badge(expressivity::Answer answer);
report::Html agreement_badge(Agreement agreement);

/// What is missing from the grid, as a notice; empty if nothing is.
report::Html missing_notice(const std::vector<RunRecord>& records);

/// Theory against measurement: a table with a row a kind and one of the compiled transformer, if there is
/// one, then the conclusions in words.
report::Html comparison(const StudyConfig& config, const std::vector<KindSummary>& kinds,
                        const CompiledModel& compiled);

/// A plot for wide and for narrow screens with its caption; a sentence if there is nothing to draw.
report::Html plot_figure(const report::Plot& plot, const std::string& id_prefix, const report::Html& caption);

/// One row a run, complete or not.
report::Html runs_table(const std::vector<RunRecord>& records);

/// Model, words and training of every run, in full.
report::Html configuration(const StudyConfig& config);

}  // namespace yore::study
