#include "yore/study/theory/length_curve.h"

#include <algorithm>

#include "yore/tasks/formal/scores.h"

namespace yore::study {

using report::Plot;

tasks::DataConfig data_of(const Json& task) {
  Json options = task;
  options.erase("name");
  return tasks::data_config(options);
}

namespace {

report::Shade training_range(const tasks::DataConfig& data) {
  return {static_cast<double>(data.train_min_length), static_cast<double>(data.train_max_length),
          "trained on"};
}

}  // namespace

std::vector<LengthBin> length_bins(const tasks::DataConfig& data, int parts) {
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
  const tasks::DataConfig data = data_of(config.base.task);
  const auto bins = length_bins(data, 6);
  Plot plot;
  plot.label = "Accuracy against the length of the word, for each kind";
  plot.x_label = "length of the word";
  plot.y_label = "accuracy, %";
  plot.shade = training_range(data);
  plot.series = series_by_kind(config, records, true, [&](const RunRecord& record, CurveValues& values) {
    if (!record.usable()) return;
    const tasks::RecognitionScores scores =
        tasks::recognition_scores(record.result->metrics, record.run.name);
    for (const LengthBin& bin : bins) {
      std::int64_t words = 0, correct = 0;
      for (const auto& length : scores.lengths)
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

}  // namespace yore::study
