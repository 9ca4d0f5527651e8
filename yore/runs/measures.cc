#include "yore/runs/measures.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/base/near_names.h"

namespace yore::runs {

std::vector<std::string> parse_measures(const std::string& text, const std::string& source) {
  const std::vector<std::string> known = {measures::kSinks, measures::kW8A8};
  std::vector<std::string> names;
  for (std::size_t at = 0; !text.empty() && at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string name = text.substr(at, end - at);
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw base::InputError(
          source, fmt::format("expected {}, separated by commas, found \"{}\"{}", fmt::join(known, " or "),
                              name, base::did_you_mean(name, known)));
    if (std::find(names.begin(), names.end(), name) != names.end())
      throw base::InputError(source, fmt::format("\"{}\" is there twice", name));
    names.push_back(name);
    at = end + 1;
  }
  return names;
}

std::string quantised_name(const std::string& metric) {
  return metric + "_" + measures::kW8A8;
}

const std::vector<std::string>& sink_metric_names() {
  static const std::vector<std::string> names = {"sink_rate",   "sink_rate_max",   "sink_heads",
                                                 "out_norm_t0", "out_norm_t0_max", "out_norm_ratio",
                                                 "mlp_norm_t0", "mlp_norm_t0_max"};
  return names;
}

std::vector<std::string> with_measures(const std::vector<std::string>& measures, bool validation,
                                       std::vector<std::string> metrics) {
  const std::vector<std::string> own = metrics;
  for (const std::string& measure : measures) {
    if (measure == measures::kSinks && validation)
      metrics.insert(metrics.end(), sink_metric_names().begin(), sink_metric_names().end());
    if (measure == measures::kW8A8)
      for (const std::string& name : own) metrics.push_back(quantised_name(name));
  }
  return metrics;
}

}  // namespace yore::runs
