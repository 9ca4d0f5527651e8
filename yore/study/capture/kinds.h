// What a study of capture found of each of its kinds, and the sentences that this supports.
#pragma once
#include <string>
#include <vector>

#include "yore/study/capture/ladder.h"
#include "yore/study/results.h"
#include "yore/tasks/task.h"

namespace yore::study {

/// A kind at one of the errors.
struct CaptureAt {
  double eps = 0;
  NeededSet needed;
  Judgement judgement;
};

struct CaptureKind {
  std::string name, title;
  std::string task;   ///< its name in the registry
  std::string model;  ///< the values of the other axes; empty if there are none
  tasks::Sizes sizes_of_task;
  std::vector<int> sizes;
  std::int64_t most = 0;  ///< the largest number of samples tried
  std::size_t seeds = 0;
  std::vector<CaptureAt> at;  ///< of each of runs::kCaptureErrors
};

/// A kind's errors, fitted and judged.
CaptureKind capture_of(const Kind& kind, const std::vector<RunRecord>& records);

/// "8: 0, 16: 4, 32: more than 256".
std::string needed_text(const NeededSet& needed);

/// "induction, attention, error 0.05: consistent with capture: over T = 8 to 128 n is ..".
std::string statement(const CaptureKind& kind, const CaptureAt& at);

/// Whether costlier procedures are captured less often, model by model, at each error: one sentence each;
/// none where the study has no task of either sort.
std::vector<std::string> bias_statements(const std::vector<CaptureKind>& kinds);

}  // namespace yore::study
