// What can be measured of a finished model beside its task's metrics, by name: of training.measure and of
// `yore evaluate --measure`. Torch-free: the measuring itself is training/measure.h.
#pragma once
#include <string>
#include <vector>

namespace yore::runs {

namespace measures {
inline constexpr const char* kSinks = "sinks";  ///< attention sinks and large activations (training/sinks.h)
inline constexpr const char* kW8A8 =
    "w8a8";  ///< the task's metrics with weights and activations in 8 bits (training/fake_quantise.h)
}  // namespace measures

/// "sinks,w8a8" (perhaps empty) as names, each once. Throws InputError(`source`) with the nearest.
std::vector<std::string> parse_measures(const std::string& text, const std::string& source);

/// What "w8a8" calls a metric of the task.
std::string quantised_name(const std::string& metric);
/// The names that "sinks" adds to the validation set.
const std::vector<std::string>& sink_metric_names();

/// The names of the metrics that a set has with these measures: `metrics`, those of the task, and what is
/// added.
std::vector<std::string> with_measures(const std::vector<std::string>& measures, bool validation,
                                       std::vector<std::string> metrics);

}  // namespace yore::runs
