#include "yore/training/metrics.h"

#include <fmt/format.h>

namespace yore::training {

base::Json to_json(const runs::HistoryPoint& point) {
  return {{"step", point.step},
          {"loss", point.loss},
          {"validation_accuracy", point.validation_accuracy},
          {"learning_rate", point.learning_rate},
          {"seconds", point.seconds}};
}

runs::HistoryPoint history_point_from_json(const base::Json& json) {
  runs::HistoryPoint point;
  point.step = json.at("step").get<std::int64_t>();
  point.loss = json.at("loss").get<double>();
  point.validation_accuracy = json.at("validation_accuracy").get<double>();
  point.learning_rate = json.at("learning_rate").get<double>();
  point.seconds = json.at("seconds").get<double>();
  return point;
}

void write_metrics(const std::filesystem::path& folder, const std::vector<runs::HistoryPoint>& history) {
  std::string lines, table = "step,loss,validation_accuracy,learning_rate,seconds\n";
  for (const runs::HistoryPoint& p : history) {
    lines += to_json(p).dump() + "\n";
    table +=
        fmt::format("{},{},{},{},{}\n", p.step, p.loss, p.validation_accuracy, p.learning_rate, p.seconds);
  }
  base::write_file(folder / runs::files::kMetricsJsonl, lines);
  base::write_file(folder / runs::files::kMetricsCsv, table);
}

}  // namespace yore::training
