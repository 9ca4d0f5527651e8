#include "yore/study/study.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/base/text.h"
#include "yore/report/svg.h"
#include "yore/study/estimate.h"
#include "yore/study/named_metrics.h"
#include "yore/study/numbers.h"
#include "yore/study/study_report.h"

namespace yore::study {
namespace {

Execution with_messages(Execution execution) {
  if (!execution.say) execution.say = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
  return execution;
}

// The day in UTC, "2026-01-31".
std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  return fmt::format("{:04}-{:02}-{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
}

// Writes numbers.csv, numbers.json, report.html and the plug-ins' files of a study from the results that are
// there, and says how many runs have one.
int write_study(const StudyConfig& config, const std::vector<std::unique_ptr<Plugin>>& plugins,
                const fs::path& folder, const std::string& command) {
  StudyData data{config, collect(plan(config, folder)), {}, command, describe_machine(), today()};
  data.kinds = summarise_runs(config, data.records);
  for (const auto& plugin : plugins) plugin->take(config, data.records, data.kinds);
  const std::vector<Plugin::File> beside = study_files(data, plugins);
  for (const Plugin::File& file : beside) base::write_file(folder / file.name, file.content);
  base::write_file(folder / files::kReport, study_report(data, plugins, beside));
  return static_cast<int>(std::count_if(data.records.begin(), data.records.end(),
                                        [](const RunRecord& r) { return r.result.has_value(); }));
}

void say_outcome(const Outcome& outcome, const Execution& execution) {
  const Executed& e = outcome.executed;
  if (e.found_complete > 0)
    execution.say(base::counted(e.found_complete, "run") + " had a result before and were kept");
  const auto damaged = static_cast<int>(
      std::count_if(e.failed.begin(), e.failed.end(), [](const FailedRun& run) { return run.damaged; }));
  if (const int failed = static_cast<int>(e.failed.size()) - damaged; failed > 0)
    execution.say(base::counted(failed, "run") + " failed; the same command tries them again");
  if (damaged > 0)
    execution.say(base::counted(damaged, "run") +
                  " cannot be read; their folders have to be deleted, see above");
  if (e.busy > 0)
    execution.say(base::counted(e.busy, "run") + " left to other processes, which train them now");
  execution.say(fmt::format("{} of {} runs measured; report: {}", outcome.measured, outcome.planned,
                            outcome.report.string()));
  if (e.interrupted)
    execution.say("stopped; what was done is kept. The same command goes on: " + execution.command);
}

// What is left to do of the study as it is now, against the budget.
std::string check_budget(const StudyConfig& config, const Execution& execution) {
  const std::vector<PlannedRun> runs = left_to_do(plan(config, execution.folder), execution);
  const double seconds = estimated_seconds(runs);
  std::string estimate = fmt::format("{} {} estimated to take {} one after another, the budget is {}",
                                     base::counted(std::ssize(runs), "run"), runs.size() == 1 ? "is" : "are",
                                     time_text(seconds), time_text(execution.budget_seconds));
  if (seconds > execution.budget_seconds) throw base::InputError("--budget", estimate);
  return estimate;
}

}  // namespace

int Outcome::exit_code() const {
  if (executed.interrupted) return base::interrupt_exit_code();
  return executed.failed.empty() && plugins_are_fine ? 0 : 1;
}

Outcome run_study(const StudyConfig& asked, const Execution& given) {
  const Execution execution = with_messages(given);
  // Everything that can be refused is refused before anything is written.
  validate(execution);
  report::require_picture_programs();
  StudyConfig config = asked;
  settle(config);
  validate(config);
  TaskMeasure measure;
  settle_metrics(config, measure);
  const std::vector<std::unique_ptr<Plugin>> plugins = plugins_for(config);
  for (const auto& plugin : plugins) plugin->prepare(config);
  validate(config);
  const auto runs = plan(config, execution.folder);
  check_folder(execution.folder, config);  // whose runs would count against the budget
  if (execution.budget_seconds > 0) execution.say(check_budget(config, execution));
  claim_folder(execution.folder, config);
  check_run_folders(runs);
  for (const std::string& note : config.notes) execution.say("note: " + note);
  for (const auto& plugin : plugins) plugin->measure(config, execution);
  Outcome outcome;
  outcome.planned = static_cast<int>(runs.size());
  outcome.executed = execute(runs, execution);
  const base::FinishingUp report;
  outcome.measured = write_study(config, plugins, execution.folder, execution.command);
  for (const auto& plugin : plugins) {
    outcome.plugins_are_fine = outcome.plugins_are_fine && plugin->fine();
    for (std::string& line : plugin->statements()) outcome.statements.push_back(std::move(line));
  }
  outcome.report = execution.folder / files::kReport;
  say_outcome(outcome, execution);
  return outcome;
}

}  // namespace yore::study
