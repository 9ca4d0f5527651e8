// Differences between two values of an axis, with their uncertainty, beside published ones.
#pragma once
#include "yore/study/plugin.h"

namespace yore::study {

/// Applies to studies that name contrasts; null else. Adds a table of differences a contrast with the
/// sentence that they support, and contrasts.json: [{"path", "of", "against", "set", "metric", "source",
/// "rows": [{"where", "mean" or null, "half_interval" or null, "pairs", "sign": "below" | "above" | "open" |
/// "unknown", "published" or null}], "conclusion"}].
std::unique_ptr<Plugin> contrasts_plugin(const StudyConfig& config);

namespace files {
inline constexpr const char* kContrasts = "contrasts.json";
}  // namespace files

}  // namespace yore::study
