// Measurements as curves: one series a kind, mean over seeds with the band from the worst to the best.
#pragma once
#include <vector>

#include "yore/report/plot.h"
#include "yore/study/summary.h"

namespace yore::study {

/// Intervals of length that a plot shows as one point: the training range and every bucket cut into at most
/// `parts` equal ones.
struct LengthBin {
  int low = 0, high = 0;
};
std::vector<LengthBin> length_bins(const runs::DataConfig& data, int parts);

/// Accuracy (in percent) against length, training lengths shaded. A point is a bin; x is its middle. Kinds
/// without usable runs have no series.
report::Plot accuracy_by_length(const StudyConfig& config, const std::vector<RunRecord>& records);

/// Mean training loss (log axis), and validation accuracy in percent, against step.
report::Plot loss_by_step(const StudyConfig& config, const std::vector<RunRecord>& records);
report::Plot validation_by_step(const StudyConfig& config, const std::vector<RunRecord>& records);

/// Whether there is anything to draw.
bool has_points(const report::Plot& plot);

}  // namespace yore::study
