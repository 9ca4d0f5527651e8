// Measurements as curves: one series a kind, mean over seeds with the band from the worst to the best.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <utility>
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
/// Kinds that are drawn in one picture.
struct Panel {
  std::string title;   ///< "task.language: name:parity"; empty where it has all kinds
  StudyConfig config;  ///< the study with these kinds alone
};
/// More lines than this in one picture are not told apart.
inline constexpr std::size_t kMostLines = 12;
/// One panel with all kinds; where these are more than kMostLines and several axes vary, one for each value
/// of the first of them, in which a kind is titled by its other values.
std::vector<Panel> panels(const StudyConfig& config);

/// From the lowest value shown, down to a multiple of ten, up to just above 100, so that a line at 100 is
/// seen whole.
std::pair<double, double> percent_range(const std::vector<report::Series>& all);

/// Mean training loss (log axis), and the validation (a share in percent), against step.
report::Plot loss_by_step(const StudyConfig& config, const std::vector<RunRecord>& records);
report::Plot validation_by_step(const StudyConfig& config, const std::vector<RunRecord>& records);

/// Whether some series has more points than one.
bool has_curve(const report::Plot& plot);

}  // namespace yore::study
