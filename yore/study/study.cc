#include "yore/study/study.h"

#include "yore/base/interrupt.h"
#include "yore/report/svg.h"
#include "yore/study/wrap_up.h"

namespace yore::study {

int Outcome::exit_code() const {
  if (executed.interrupted) return base::interrupt_exit_code();
  return executed.failed.empty() ? 0 : 1;
}

Outcome run_study(const StudyConfig& config, const Execution& given) {
  const Execution execution = with_messages(given);
  // Everything that can be refused is refused before anything is trained.
  validate(config);
  validate(execution);
  report::require_picture_programs();
  const auto runs = plan(config, execution.folder);
  claim_folder(execution.folder, config);
  check_run_folders(runs);
  const Verdicts verdicts = classify_all(config);
  base::write_file(execution.folder / files::kVerdict,
                   expressivity::to_json(verdicts.at(config.classify.lookback)).dump(2) + "\n");
  Outcome outcome;
  outcome.planned = static_cast<int>(runs.size());
  outcome.executed = execute(runs, execution);
  outcome.measured = measured(write_study(config, verdicts, execution.folder, execution.command).records);
  outcome.report = execution.folder / files::kReport;
  say_outcome(outcome, execution);
  return outcome;
}

}  // namespace yore::study
