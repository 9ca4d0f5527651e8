#include "yore/study/curves.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

namespace yore::study {
namespace {

using report::Plot;
using report::Series;

// One kind's series: x to the values of its runs, as drawn(run) gives them.
using Values = std::map<double, Spread>;
using Drawn = std::function<void(const RunRecord&, Values&)>;

std::vector<Series> series_by_kind(const StudyConfig& config, const std::vector<RunRecord>& records,
                                   bool markers, const Drawn& drawn) {
  std::vector<Series> all;
  int style = 0;
  for (const Kind& kind : kinds(config)) {
    Values values;
    for (const auto& record : records)
      if (record.result && record.run.attention == kind.name) drawn(record, values);
    // The style stays with the kind even if another kind has nothing to show.
    Series series{kind.title(), {}, style++, true, markers, false};
    for (const auto& [x, spread] : values) {
      series.points.emplace_back(x, spread.mean, spread.min, spread.max);
      series.band = series.band || spread.runs > 1;
    }
    if (!series.points.empty()) all.push_back(std::move(series));
  }
  return all;
}

// From the lowest value shown, down to a multiple of ten, up to just above 100, so that a line at 100 is seen
// whole.
std::pair<double, double> percent_range(const std::vector<Series>& all) {
  double low = 45;
  for (const auto& series : all)
    for (const auto& point : series.points) low = std::min(low, point.low);
  return {std::max(-2.0, 10 * std::floor(low / 10) - (low < 45 ? 0 : 5)), 102};
}

report::Shade training_range(const runs::DataConfig& data) {
  return {static_cast<double>(data.train_min_length), static_cast<double>(data.train_max_length),
          "trained on"};
}

}  // namespace

std::vector<LengthBin> length_bins(const runs::DataConfig& data, int parts) {
  std::vector<LengthBin> bins;
  const auto cut = [&](int low, int high) {
    const int lengths = high - low + 1, pieces = std::min(parts, lengths);
    for (int i = 0; i < pieces; ++i)
      bins.push_back({low + lengths * i / pieces, low + lengths * (i + 1) / pieces - 1});
  };
  cut(data.train_min_length, data.train_max_length);
  for (const auto& [low, high] : data.test_buckets) cut(low, high);
  return bins;
}

Plot accuracy_by_length(const StudyConfig& config, const std::vector<RunRecord>& records) {
  const auto& data = config.base.data;
  const auto bins = length_bins(data, 6);
  Plot plot;
  plot.label = "Accuracy against the length of the word, for each kind of attention";
  plot.x_label = "length of the word";
  plot.y_label = "accuracy, %";
  plot.shade = training_range(data);
  plot.series = series_by_kind(config, records, true, [&](const RunRecord& record, Values& values) {
    if (!record.usable()) return;
    for (const LengthBin& bin : bins) {
      std::int64_t words = 0, correct = 0;
      for (const auto& length : record.result->lengths)
        if (length.length >= bin.low && length.length <= bin.high) {
          words += length.words;
          correct += length.correct;
        }
      if (words > 0)
        values[(bin.low + bin.high) / 2.0].add(100.0 * static_cast<double>(correct) /
                                               static_cast<double>(words));
    }
  });
  plot.y_range = percent_range(plot.series);
  if (!bins.empty())
    plot.x_range = {
        0, std::max_element(bins.begin(), bins.end(), [](auto a, auto b) { return a.high < b.high; })->high};
  plot.references = {{50, "guessing"}};
  return plot;
}

Plot loss_by_step(const StudyConfig& config, const std::vector<RunRecord>& records) {
  Plot plot;
  plot.label = "Training loss against step, for each kind of attention";
  plot.x_label = "step";
  plot.y_label = "training loss";
  plot.log_y = true;
  plot.series = series_by_kind(config, records, false, [](const RunRecord& record, Values& values) {
    for (const auto& point : record.result->history)
      if (std::isfinite(point.loss)) values[static_cast<double>(point.step)].add(point.loss);
  });
  return plot;
}

Plot validation_by_step(const StudyConfig& config, const std::vector<RunRecord>& records) {
  Plot plot;
  plot.label = "Validation accuracy against step, for each kind of attention";
  plot.x_label = "step";
  plot.y_label = "accuracy, %";
  plot.series = series_by_kind(config, records, false, [](const RunRecord& record, Values& values) {
    for (const auto& point : record.result->history)
      if (std::isfinite(point.validation_accuracy))
        values[static_cast<double>(point.step)].add(100 * point.validation_accuracy);
  });
  plot.y_range = percent_range(plot.series);
  return plot;
}

bool has_points(const Plot& plot) {
  for (const auto& series : plot.series)
    for (const auto& point : series.points)
      if ((!plot.log_x || point.x > 0) && (!plot.log_y || (point.y > 0 && point.low > 0))) return true;
  return false;
}

}  // namespace yore::study
