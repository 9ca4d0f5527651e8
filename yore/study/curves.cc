#include "yore/study/curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "yore/study/measured_text.h"

namespace yore::study {
namespace {

using report::Plot;
using report::Series;

// "hybrid:1, 16" of the values of all axes but one.
std::string title_without(const Kind& kind, const std::string& axis) {
  std::string title;
  for (const auto& [path, value] : kind.values)
    if (path != axis) title += (title.empty() ? "" : ", ") + titled_value(path, value);
  return title;
}

// Whether the runs' goal is a share of cases, which is shown in percent.
bool goal_is_share(const std::vector<RunRecord>& records) {
  for (const RunRecord& record : records)
    if (record.result)
      for (const base::Metric& metric : record.result->metrics)
        if (metric.name == record.result->goal) return metric.keys.contains("correct");
  return false;
}

}  // namespace

std::vector<Panel> panels(const StudyConfig& config) {
  const std::vector<Kind> all = kinds(config);
  std::vector<const Axis*> varying;
  for (const Axis& axis : config.axes)
    if (axis.path != kSeed && axis.values.size() > 1) varying.push_back(&axis);
  if (all.size() <= kMostLines || varying.size() < 2) return {{"", config}};
  const Axis& first = *varying.front();
  std::vector<Panel> list;
  for (const Json& value : first.values) {
    Panel panel{fmt::format("{}: {}", first.path, value_text(value)), config};
    panel.config.settled.emplace();
    for (Kind kind : all)
      if (std::find(kind.values.begin(), kind.values.end(), std::pair(first.path, value)) !=
          kind.values.end()) {
        kind.title = title_without(kind, first.path);
        panel.config.settled->push_back(std::move(kind));
      }
    list.push_back(std::move(panel));
  }
  return list;
}

std::vector<Series> series_by_kind(const StudyConfig& config, const std::vector<RunRecord>& records,
                                   bool markers, const Drawn& drawn) {
  std::vector<Series> all;
  int style = 0;
  for (const Kind& kind : kinds(config)) {
    CurveValues values;
    for (const auto& record : records)
      if (record.usable() && record.run.kind == kind.name) drawn(record, values);  // as the tables
    // The style stays with the kind even if another kind has nothing to show.
    // A line of one point would not be seen.
    Series series{kind.title, {}, style++, true, markers || values.size() < 2, false};
    for (const auto& [x, spread] : values) {
      series.points.emplace_back(x, spread.mean, spread.min, spread.max);
      series.band = series.band || spread.runs > 1;
    }
    if (!series.points.empty()) all.push_back(std::move(series));
  }
  return all;
}

std::pair<double, double> percent_range(const std::vector<Series>& all) {
  double low = 45;
  for (const auto& series : all)
    for (const auto& point : series.points) low = std::min(low, point.low);
  return {std::max(-2.0, 10 * std::floor(low / 10) - (low < 45 ? 0 : 5)), 102};
}

Plot loss_by_step(const StudyConfig& config, const std::vector<RunRecord>& records) {
  Plot plot;
  plot.label = "Training loss against step, for each kind";
  plot.x_label = "step";
  plot.y_label = "training loss";
  plot.log_y = true;
  plot.series = series_by_kind(config, records, false, [](const RunRecord& record, CurveValues& values) {
    for (const auto& point : record.result->history)
      if (std::isfinite(point.loss)) values[static_cast<double>(point.step)].add(point.loss);
  });
  return plot;
}

Plot validation_by_step(const StudyConfig& config, const std::vector<RunRecord>& records) {
  std::string goal = "accuracy";
  for (const RunRecord& record : records)
    if (record.result) goal = record.result->goal;
  const bool share = goal_is_share(records);
  Plot plot;
  plot.label = fmt::format("Validation {} against step, for each kind", goal);
  plot.x_label = "step";
  plot.y_label = share ? goal + ", %" : goal;
  plot.series = series_by_kind(config, records, false, [&](const RunRecord& record, CurveValues& values) {
    for (const auto& point : record.result->history)
      if (std::isfinite(point.validation))
        values[static_cast<double>(point.step)].add((share ? 100 : 1) * point.validation);
  });
  if (share) plot.y_range = percent_range(plot.series);
  return plot;
}

bool has_curve(const Plot& plot) {
  return std::any_of(plot.series.begin(), plot.series.end(),
                     [](const Series& series) { return series.points.size() > 1; });
}

}  // namespace yore::study
