#include "yore/study/study.h"

#include "yore/base/interrupt.h"
#include "yore/report/svg.h"
#include "yore/study/wrap_up.h"

namespace yore::study {

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
  const std::vector<std::unique_ptr<Plugin>> plugins = plugins_for(config);
  for (const auto& plugin : plugins) plugin->prepare(config);
  validate(config);
  const auto runs = plan(config, execution.folder);
  claim_folder(execution.folder, config);
  check_run_folders(runs);
  for (const auto& plugin : plugins) plugin->measure(config, execution);
  Outcome outcome;
  outcome.planned = static_cast<int>(runs.size());
  outcome.executed = execute(runs, execution);
  outcome.measured = measured(write_study(config, plugins, execution.folder, execution.command).records);
  for (const auto& plugin : plugins) {
    outcome.plugins_are_fine = outcome.plugins_are_fine && plugin->fine();
    for (std::string& line : plugin->statements()) outcome.statements.push_back(std::move(line));
  }
  outcome.report = execution.folder / files::kReport;
  say_outcome(outcome, execution);
  return outcome;
}

}  // namespace yore::study
