#include "yore/study/curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace yore::study {
namespace {

using report::Plot;
using report::Series;

}  // namespace

std::vector<Series> series_by_kind(const StudyConfig& config, const std::vector<RunRecord>& records,
                                   bool markers, const Drawn& drawn) {
  std::vector<Series> all;
  int style = 0;
  for (const Kind& kind : kinds(config)) {
    CurveValues values;
    for (const auto& record : records)
      if (record.result && record.run.kind == kind.name) drawn(record, values);
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
  const bool accuracy = goal == "accuracy";
  Plot plot;
  plot.label = fmt::format("Validation {} against step, for each kind", goal);
  plot.x_label = "step";
  plot.y_label = accuracy ? "accuracy, %" : goal;
  plot.series = series_by_kind(config, records, false, [&](const RunRecord& record, CurveValues& values) {
    for (const auto& point : record.result->history)
      if (std::isfinite(point.validation))
        values[static_cast<double>(point.step)].add((accuracy ? 100 : 1) * point.validation);
  });
  if (accuracy) plot.y_range = percent_range(plot.series);
  return plot;
}

bool has_points(const Plot& plot) {
  for (const auto& series : plot.series)
    for (const auto& point : series.points)
      if ((!plot.log_x || point.x > 0) && (!plot.log_y || (point.y > 0 && point.low > 0))) return true;
  return false;
}

}  // namespace yore::study
