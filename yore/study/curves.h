// Measurements as curves: one series a kind, mean over seeds with the band from the worst to the best.
#pragma once
#include <functional>
#include <map>
#include <vector>

#include "yore/report/plot.h"
#include "yore/study/results.h"

namespace yore::study {

/// One kind's series: x to the values of its runs.
using CurveValues = std::map<double, Spread>;
using Drawn = std::function<void(const RunRecord&, CurveValues&)>;
/// A series a kind that has points, as `drawn` gives them for each complete run.
std::vector<report::Series> series_by_kind(const StudyConfig& config, const std::vector<RunRecord>& records,
                                           bool markers, const Drawn& drawn);
/// From the lowest value shown, down to a multiple of ten, up to just above 100, so that a line at 100 is
/// seen whole.
std::pair<double, double> percent_range(const std::vector<report::Series>& all);

/// Mean training loss (log axis), and the validation (an accuracy in percent), against step.
report::Plot loss_by_step(const StudyConfig& config, const std::vector<RunRecord>& records);
report::Plot validation_by_step(const StudyConfig& config, const std::vector<RunRecord>& records);

/// Whether there is anything to draw.
bool has_points(const report::Plot& plot);

}  // namespace yore::study
