// The plug-in that draws accuracy against the bytes of the state.
#pragma once
#include <memory>

#include "yore/report/plot.h"
#include "yore/study/pareto/points.h"
#include "yore/study/plugin.h"

namespace yore::study {

namespace files {
inline constexpr const char* kParetoCsv = "pareto.csv";    ///< a line a kind and test set
inline constexpr const char* kParetoJson = "pareto.json";  ///< the same, and the sentences
}  // namespace files

/// The picture of one set: a line a family over its best points, bars from the lowest to the highest seed,
/// the state in KiB on a logarithmic axis, baselines and chance as horizontal lines.
report::Plot accuracy_by_state(const StateSet& set);

/// Applies where an axis varies the mixers, none the task, and the states of the kinds are not all of one
/// size.
std::unique_ptr<Plugin> pareto_plugin(const StudyConfig& config);

}  // namespace yore::study
