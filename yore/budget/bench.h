// What budgets do to models: quality with soft gates, with hard ones, after adaptation; speed once the other
// heads are sliced away, beside the formula. Over runs that differ by their seeds alone: mean, lowest and
// highest.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "yore/base/files.h"
#include "yore/budget/adapt.h"
#include "yore/budget/speed.h"

namespace yore::budget {

struct BenchOptions {
  std::vector<double> budgets{0.25, 0.5, 0.75, 1};
  std::vector<Rank> ranks;  ///< empty: gate of a model with gates, else norm, sensitivity and random
  RankOptions rank;         ///< what is drawn for ranking
  AdaptOptions adapt;
  double seconds = 1;  ///< of measuring speed, a budget
};

/// One model at one budget.
struct BenchRow {
  Rank by = Rank::Gate;
  double budget = 1;
  arch::KeptHeads kept;   ///< after adaptation
  double kept_share = 1;  ///< of all heads
  double mean_gate = 1;   ///< of a model with gates, as the next one
  double soft = 0;        ///< the quality with its soft gates
  double hard = 0;        ///< of the hardened model, not adapted
  double adapted = 0;     ///< and adapted; as `hard` without adaptation
  Speed speed;            ///< of the sliced model
};

struct BenchRun {
  std::string source;  ///< the folder
  std::string kind;    ///< equal for runs that differ by their seed alone
  std::string task, metric, set;
  bool gates = false;
  double dense = 0;  ///< the quality with all heads
  /// Pairs of a head and two neighbouring budgets of 0.01, 0.02 .. 1 at which its gate falls: none, by its
  /// formula.
  int falls = 0;
  /// Neighbouring budgets of the bench at which a head that the smaller one keeps is not kept by the larger
  /// one.
  int not_nested = 0;
  std::vector<BenchRow> rows;
};

/// The budgets differ, and so do the ranks; InputError("--budgets") as arch::require_budget, before anything
/// is measured. Quality is the goal of the model's task on its first test set, or its validation set if it
/// has none. Speed is that of a forward pass over the first sequences of that set.
BenchRun bench(const std::filesystem::path& path, const BenchOptions& options);

/// The folders of models that a path means: the finished runs of a study's folder, or itself.
std::vector<std::filesystem::path> bench_folders(const std::filesystem::path& path);

/// {"runs": [..], "summary": [{"sources", "task", "rank", "budget", "seeds", "adapted": {"mean", "low",
/// "high"},
/// ..}]}, a line of the summary for the runs of a kind.
base::Json bench_json(const std::vector<BenchRun>& runs);
/// The summary as lines.
std::string bench_lines(const base::Json& json);

}  // namespace yore::budget
