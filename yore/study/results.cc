#include "yore/study/results.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "yore/base/error.h"
#include "yore/runs/run_folder.h"
#include "yore/study/executor.h"
#include "yore/tasks/common/evaluation_sets.h"

namespace yore::study {
namespace {

// Metrics that stand for one case each (a length, a witness word) are for plug-ins that know them: they have
// several entries of one set and name.
bool is_single(const std::vector<base::Metric>& all, const base::Metric& metric) {
  return std::count_if(all.begin(), all.end(), [&](const base::Metric& m) {
           return m.set == metric.set && m.name == metric.name;
         }) > 1;
}

void add_run(KindResults& results, const runs::RunResult& result) {
  results.goal = result.goal;
  for (const base::Metric& metric : result.metrics) {
    if (is_single(result.metrics, metric) || metric.count == 0) continue;
    auto it = std::find_if(results.metrics.begin(), results.metrics.end(), [&](const MetricSummary& m) {
      return m.set == metric.set && m.name == metric.name;
    });
    if (it == results.metrics.end()) {
      results.metrics.push_back(
          {metric.set, metric.name, metric.keys.contains("correct"), std::nullopt, {}, {}});
      it = results.metrics.end() - 1;
      if (metric.keys.contains("chance")) it->chance = metric.keys.at("chance").get<double>();
      if (metric.keys.contains("positives")) {
        const auto positives = metric.keys.at("positives").get<std::int64_t>();
        it->constant = static_cast<double>(std::max(positives, metric.count - positives)) /
                       static_cast<double>(metric.count);
      }
      if (metric.keys.contains("baselines"))
        for (const auto& [name, value] : metric.keys.at("baselines").items())
          it->baselines.emplace_back(name, value.get<double>());
    }
    it->spread.add(metric.value);
    it->one_class = it->one_class || metric.keys.value(tasks::kOneClass, false);
  }
}

}  // namespace

std::vector<RunRecord> collect(const std::vector<PlannedRun>& runs) {
  std::vector<RunRecord> records;
  for (const PlannedRun& run : runs) {
    RunRecord record{run, std::nullopt, progress_of(run)};
    try {
      if (runs::is_finished(run.folder)) record.result = runs::read_result(run.folder);
    } catch (const base::InputError&) {  // damage_of() says why, and execute() has said so
    }
    records.push_back(std::move(record));
  }
  return records;
}

void Spread::add(double value) {
  min = runs == 0 ? value : std::min(min, value);
  max = runs == 0 ? value : std::max(max, value);
  const double before = mean;
  mean += (value - mean) / (runs + 1);
  ++runs;
  // The running mean may leave the interval by a rounding error, which would show as 100% that is not.
  mean = std::clamp(mean, min, max);
  squares_ += (value - before) * (value - mean);
}

double Spread::deviation() const {
  return runs < 2 ? 0 : std::sqrt(std::max(0.0, squares_) / (runs - 1));
}

const MetricSummary* KindResults::find(const std::string& set, const std::string& name) const {
  const auto it = std::find_if(metrics.begin(), metrics.end(),
                               [&](const MetricSummary& m) { return m.set == set && m.name == name; });
  return it == metrics.end() ? nullptr : &*it;
}

std::vector<KindResults> summarise_runs(const StudyConfig& config, const std::vector<RunRecord>& records) {
  std::vector<KindResults> all;
  for (const Kind& kind : kinds(config)) {
    KindResults results{kind, 0, 0, 0, "accuracy", {}};
    for (const RunRecord& record : records) {
      if (record.run.kind != kind.name) continue;
      ++results.planned;
      if (!record.result) continue;
      ++results.complete;
      if (record.usable())
        add_run(results, *record.result);
      else
        ++results.diverged;
    }
    all.push_back(std::move(results));
  }
  // What nothing was measured of is measured as the others of its task.
  for (KindResults& results : all)
    if (results.complete == results.diverged)
      for (const KindResults& other : all)
        if (other.complete > other.diverged &&
            other.kind.config.task.at("name") == results.kind.config.task.at("name"))
          results.goal = other.goal;
  return all;
}

std::string percent(double fraction) {
  if (!std::isfinite(fraction)) return "not measured";
  // Tenths of a percent as whole numbers; the small addend undoes what 0.997 * 1000 = 996.99.. would lose.
  const auto tenths =
      fraction >= 1 ? 1000 : std::min(999, static_cast<int>(std::floor(fraction * 1000 + 1e-9)));
  return tenths % 10 == 0 ? fmt::format("{}%", tenths / 10) : fmt::format("{}.{}%", tenths / 10, tenths % 10);
}

std::string shown(const MetricSummary& metric, double value) {
  return metric.share ? percent(value) : fmt::format("{:.4g}", value);
}

}  // namespace yore::study
