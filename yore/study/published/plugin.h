// Values from the literature, or from earlier runs, beside the measured ones.
#pragma once
#include "yore/study/plugin.h"

namespace yore::study {

/// Applies to studies that name published values; null else. Adds a table "published against measured", and
/// published.json: {"title", "scale", "values": [{"where", "set", "metric", "published", "tolerance",
/// "source", "measured" or null, "deviation", "runs", "within" or null}]}.
std::unique_ptr<Plugin> published_plugin(const StudyConfig& config);

namespace files {
inline constexpr const char* kPublished = "published.json";
}  // namespace files

}  // namespace yore::study
