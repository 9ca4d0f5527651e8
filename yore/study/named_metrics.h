// The sets and metrics that a study's published values and contrasts name, held against what its runs will
// measure, before any of them is trained.
#pragma once
#include "yore/study/estimate.h"
#include "yore/study/grid.h"

namespace yore::study {

/// Gives those without a metric the one by which their runs are judged (tasks::Goal), with a note that says
/// so. Throws InputError with the nearest names for a set or a metric that is not measured: of a contrast by
/// every kind, of a published value by any kind that it is about. Values and contrasts that are about no kind
/// at all are their plug-ins' business.
void settle_metrics(StudyConfig& config, TaskMeasure& measure);

}  // namespace yore::study
