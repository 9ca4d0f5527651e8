// The pictures of a study of capture.
#pragma once
#include <vector>

#include "yore/report/plot.h"
#include "yore/study/capture/kinds.h"

namespace yore::study {

/// Samples against sizes, both logarithmic, of kinds of one task at the error of this index: 1 + n as points,
/// the best law as a line with its band. A size without a number is a bar from the most that was tried to
/// twice that.
report::Plot needed_by_size(const std::vector<const CaptureKind*>& kinds, std::size_t error);

}  // namespace yore::study
