// Accuracy against the length of the word.
#pragma once
#include "yore/study/curves.h"
#include "yore/tasks/formal/data_config.h"

namespace yore::study {

/// The options of a task "formal", typed.
tasks::DataConfig data_of(const Json& task);

/// Intervals of length that a plot shows as one point: the training range and every bucket cut into at most
/// `parts` equal ones.
struct LengthBin {
  int low = 0, high = 0;
};
std::vector<LengthBin> length_bins(const tasks::DataConfig& data, int parts);

/// Accuracy (in percent) against length, training lengths shaded. A point is a bin; x is its middle. Kinds
/// without usable runs have no series.
report::Plot accuracy_by_length(const StudyConfig& config, const std::vector<RunRecord>& records);

}  // namespace yore::study
