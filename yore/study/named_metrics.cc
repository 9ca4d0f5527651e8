#include "yore/study/named_metrics.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/base/near_names.h"
#include "yore/study/measured_text.h"

namespace yore::study {
namespace {

void add_new(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// What some kinds measure.
struct Measured {
  std::vector<std::string> sets;
  std::vector<std::string> metrics;  ///< of the set that is asked about
};

Measured measured(const std::vector<const Kind*>& kinds, const std::string& set, TaskMeasure& measure) {
  Measured all;
  for (const Kind* kind : kinds)
    for (const SetSize& size : measure.of(kind->config).sets) {
      add_new(all.sets, size.name);
      if (size.name != set) continue;
      for (const std::string& metric : size.metrics) add_new(all.metrics, metric);
    }
  return all;
}

/// Throws unless the kinds measure `metric` of `set`; `place` and `about` say who names them.
void require_measured(const std::vector<const Kind*>& kinds, const std::string& set,
                      const std::string& metric, TaskMeasure& measure, const std::string& place,
                      const std::string& about) {
  const Measured all = measured(kinds, set, measure);
  const auto require = [&](const char* what, const std::string& found,
                           const std::vector<std::string>& known) {
    if (!holds(known, found))
      throw base::InputError(
          place, fmt::format("{}{}: there is no {} \"{}\" in these runs, expected one of {}{}", about, what,
                             what, found, fmt::join(known, ", "), base::did_you_mean(found, known)));
  };
  require("set", set, all.sets);
  require("metric", metric, all.metrics);
}

std::string place_of(const std::string& place, const char* table) {
  return (place.empty() ? "" : place + ": ") + table;
}

/// The runs' own metric where none is named; said once for all of one table.
void settle(std::string& metric, const std::vector<const Kind*>& kinds, TaskMeasure& measure,
            const char* table, std::vector<std::string>& notes) {
  if (!metric.empty() || kinds.empty()) return;
  metric = measure.of(kinds.front()->config).task->goal().metric;
  add_new(notes,
          fmt::format("{} without a metric: {} is taken, by which these runs are judged", table, metric));
}

}  // namespace

void settle_metrics(StudyConfig& config, TaskMeasure& measure) {
  if (config.published.empty() && config.contrasts.empty()) return;
  const std::vector<Kind> all = kinds(config);
  for (PublishedValue& value : config.published) {
    std::vector<const Kind*> about;
    for (const Kind& kind : all)
      if (matches(kind, value.where)) about.push_back(&kind);
    if (about.empty()) continue;
    settle(value.metric, about, measure, "published", config.notes);
    require_measured(about, value.set, value.metric, measure, place_of(value.place, "published"),
                     where_text(value.where) + ": ");
  }
  for (Contrast& contrast : config.contrasts)
    for (const Kind& kind : all) {
      settle(contrast.metric, {&kind}, measure, "contrast", config.notes);
      require_measured({&kind}, contrast.set, contrast.metric, measure, place_of(contrast.place, "contrast"),
                       "");
    }
}

}  // namespace yore::study
