// What the runs of a study measured, gathered by kind, whatever the task.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "yore/runs/run_result.h"
#include "yore/study/grid.h"

namespace yore::study {

/// A run of the grid with what it measured, if it is complete.
struct RunRecord {
  PlannedRun run;
  std::optional<runs::RunResult> result;
  double progress = 0;  ///< fraction of its steps done
  /// Complete and its loss stayed finite: only then do its scores mean something.
  bool usable() const { return result && result->status != "nan"; }
};

/// Reads what is there. A result that cannot be read is none (execute() reports it).
std::vector<RunRecord> collect(const std::vector<PlannedRun>& runs);

/// A number over several runs. `runs` = 0: not measured, the rest means nothing.
struct Spread {
  int runs = 0;
  double mean = 0, min = 0, max = 0;
  /// Sample standard deviation; 0 for fewer than two runs.
  double deviation() const;
  void add(double value);

 private:
  double squares_ = 0;  ///< sum of squared distances from the mean (Welford)
};

/// One number of one set and how the runs of a kind did.
struct MetricSummary {
  std::string set, name;
  bool share = false;  ///< a fraction of cases, shown in percent
  std::optional<double> chance;
  std::vector<std::pair<std::string, double>> baselines;  ///< what else its values are held against
  Spread spread;
  bool one_class = false;            ///< of a set with one right answer for all, where it means nothing
  std::optional<double> constant{};  ///< of sets of two answers, what the better constant one scores
};

/// One kind, all its seeds.
struct KindResults {
  Kind kind;
  int planned = 0, complete = 0, diverged = 0;
  std::string goal = "accuracy";  ///< by which its runs are judged
  std::vector<MetricSummary>
      metrics;  ///< in the order of the results; sets that stand for single cases left out
  const MetricSummary* find(const std::string& set, const std::string& name) const;
};

/// One a kind, in the order of kinds().
std::vector<KindResults> summarise_runs(const StudyConfig& config, const std::vector<RunRecord>& records);

/// A percentage with one decimal, rounded down, so that only 1 reads "100%"; "not measured" if it is not a
/// number.
std::string percent(double fraction);
/// The number as its metric is shown: percent, or four digits.
std::string shown(const MetricSummary& metric, double value);

}  // namespace yore::study
