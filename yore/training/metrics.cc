#include "yore/training/metrics.h"

#include <fmt/format.h>

#include "yore/runs/event_file.h"

namespace yore::training {

void write_metrics(const std::filesystem::path& folder, const std::vector<runs::HistoryPoint>& history,
                   const std::string& goal) {
  std::string lines, table = fmt::format("step,loss,validation_{},learning_rate,seconds\n", goal);
  for (const runs::HistoryPoint& p : history) {
    lines += runs::to_json(p).dump() + "\n";
    table += fmt::format("{},{},{},{},{}\n", p.step, p.loss, p.validation, p.learning_rate, p.seconds);
  }
  base::write_file(folder / runs::files::kMetricsJsonl, lines);
  base::write_file(folder / runs::files::kMetricsCsv, table);
  runs::write_events(folder, history, goal, {});
}

}  // namespace yore::training
