#include "yore/budget/bench.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/budget/harden.h"
#include "yore/model/checkpoint.h"
#include "yore/runs/run_folder.h"
#include "yore/study/grid.h"
#include "yore/training/evaluate.h"

namespace yore::budget {
namespace {

/// Tokens of a pass whose speed is measured.
constexpr std::int64_t kTokens = 4096;

/// The task's set on which quality is measured, and how.
class Quality {
 public:
  explicit Quality(const Subject& subject) : task_(task_of(subject, "budget bench")), goal_(task_->goal()) {
    std::vector<tasks::EvaluationSet> tests = task_->tests();
    set_ = tests.empty() ? task_->validation() : std::move(tests.front());
  }
  double of(const arch::ModelFile& file, const std::string& source) const {
    return training::goal_value(training::evaluate(model::from_file(file, source).model, *task_, set_),
                                goal_);
  }
  const std::string& set() const { return set_.name; }
  const std::string& metric() const { return goal_.metric; }
  SpeedSample sample() const {
    SpeedSample sample;
    const tasks::Batch& batch = set_.batch;
    for (std::int64_t b = 0;
         b < batch.sequences() && (b == 0 || batch.starts[static_cast<std::size_t>(b) + 1] <= kTokens); ++b)
      sample.starts.push_back(batch.starts[static_cast<std::size_t>(b) + 1]);
    sample.tokens.assign(batch.tokens.begin(), batch.tokens.begin() + sample.starts.back());
    return sample;
  }

 private:
  std::unique_ptr<tasks::Task> task_;
  tasks::Goal goal_;
  tasks::EvaluationSet set_;
};

arch::ModelFile scaled(arch::ModelFile file, const arch::PerHead& factors) {
  arch::scale_heads(file, factors);
  return file;
}

int falling_gates(const model::Model& model) {
  int falls = 0;
  arch::PerHead before;
  for (int percent = 1; percent <= 100; ++percent) {
    const arch::PerHead now = model::gate_values(model.description(), model.parameters(), percent / 100.0);
    for (std::size_t l = 0; l < before.size(); ++l)
      for (std::size_t h = 0; h < before[l].size(); ++h) falls += now[l][h] < before[l][h];
    before = now;
  }
  return falls;
}

double mean_of(const arch::PerHead& values) {
  double sum = 0, count = 0;
  for (const std::vector<double>& layer : values)
    for (const double v : layer) sum += v, ++count;
  return sum / count;
}

bool contains(const arch::KeptHeads& larger, const arch::KeptHeads& smaller) {
  for (std::size_t l = 0; l < smaller.size(); ++l)
    if (!std::includes(larger[l].begin(), larger[l].end(), smaller[l].begin(), smaller[l].end()))
      return false;
  return true;
}

/// What is equal of runs that differ by their seed alone.
std::string kind_of(const std::filesystem::path& path, const Subject& subject) {
  if (!runs::is_run_folder(path)) return subject.source;
  runs::RunConfig config = runs::read_config(path);
  config.training.seed = 0;
  return runs::to_json(config).dump();
}

}  // namespace

BenchRun bench(const std::filesystem::path& path, const BenchOptions& options) {
  const Subject subject = read_subject(path);
  for (const double budget : options.budgets)
    arch::require_budget(arch::attention_heads(subject.file.model), budget, "--budgets");
  const Quality quality(subject);
  const SpeedSample sample = quality.sample();
  const model::Model model = gated_model(subject);
  BenchRun run{subject.source,
               kind_of(path, subject),
               subject.file.task.at("name").get<std::string>(),
               quality.metric(),
               quality.set(),
               subject.gates.has_value(),
               quality.of(subject.file, subject.source),
               0,
               0,
               {}};
  if (run.gates) run.falls = falling_gates(model);
  std::vector<Rank> ranks = options.ranks;
  if (ranks.empty())
    ranks = run.gates ? std::vector{Rank::Gate} : std::vector{Rank::Norm, Rank::Sensitivity, Rank::Random};
  std::vector<double> budgets = options.budgets;
  std::sort(budgets.begin(), budgets.end());
  for (const Rank by : ranks) {
    std::optional<arch::KeptHeads> smaller;
    for (const double budget : budgets) {
      RankOptions rank = options.rank;
      rank.by = by;
      rank.budget = budget;
      BenchRow row;
      row.by = by;
      row.budget = budget;
      const Hardened hard = harden(subject, rank, {});
      row.hard = quality.of(hard.file, subject.source);
      if (smaller) run.not_nested += !contains(hard.kept, *smaller);
      smaller = hard.kept;
      if (run.gates) {
        const arch::PerHead gates = model::gate_values(model.description(), model.parameters(), budget);
        row.mean_gate = mean_of(gates);
        row.soft = quality.of(scaled(subject.file, gates), subject.source);
      }
      // With all heads there is nothing to adapt to.
      const bool adapts = options.adapt.steps > 0 && budget < 1;
      const Hardened last = adapts ? harden(subject, rank, options.adapt) : hard;
      row.adapted = adapts ? quality.of(last.file, subject.source) : row.hard;
      row.kept = last.kept;
      row.kept_share = mean_of(arch::mask_of(subject.file.model, last.kept));
      if (options.seconds > 0)
        row.speed = measure_speed(
            model,
            model::from_file(arch::slice_heads(last.file, last.kept, subject.source), subject.source).model,
            last.kept, sample, options.seconds);
      run.rows.push_back(std::move(row));
    }
  }
  return run;
}

std::vector<std::filesystem::path> bench_folders(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path / study::files::kStudy)) return {path};
  std::vector<std::filesystem::path> all;
  const std::filesystem::path runs = path / study::files::kRuns;
  if (std::filesystem::is_directory(runs))
    for (const auto& entry : std::filesystem::directory_iterator(runs))
      if (runs::is_run_folder(entry) && runs::is_finished(entry)) all.push_back(entry.path());
  if (all.empty()) throw base::InputError(path.string(), "is a study without a finished run");
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace yore::budget
