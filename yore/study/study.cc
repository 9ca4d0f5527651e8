#include "yore/study/study.h"

#include "yore/base/interrupt.h"
#include "yore/report/svg.h"
#include "yore/study/wrap_up.h"

namespace yore::study {

int Outcome::exit_code() const {
  if (executed.interrupted) return base::interrupt_exit_code();
  return executed.failed.empty() && compiled_is_fine ? 0 : 1;
}

Outcome run_study(const StudyConfig& asked, const Execution& given) {
  const Execution execution = with_messages(given);
  // Everything that can be refused is refused before anything is written.
  validate(asked);
  validate(execution);
  report::require_picture_programs();
  StudyConfig config = asked;
  config.init.clear();
  Verdicts verdicts = classify_all(config);
  CompiledModel compiled = compile_model(config, verdicts);
  if (!asked.init.empty()) {
    config.init = asked.init;
    config.compiled_shape = shape_of(compiled);
    verdicts = classify_all(config, std::move(verdicts));
  }
  const auto runs = plan(config, execution.folder);
  claim_folder(execution.folder, config);
  check_run_folders(runs);
  measure(compiled, config, execution.folder, execution);
  base::write_file(execution.folder / files::kVerdict,
                   expressivity::to_json(verdicts.at(config.classify.lookback)).dump(2) + "\n");
  Outcome outcome;
  outcome.planned = static_cast<int>(runs.size());
  outcome.executed = execute(runs, execution);
  outcome.measured =
      measured(write_study(config, verdicts, compiled, execution.folder, execution.command).records);
  outcome.compiled_is_fine = !compiled.compiled || compiled.right();
  outcome.report = execution.folder / files::kReport;
  say_outcome(outcome, execution);
  return outcome;
}

}  // namespace yore::study
