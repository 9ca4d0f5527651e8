// The phases of a run: stretches of steps with another task or other parameters that learn. Their rates are
// the schedule's (schedule.h).
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "yore/model/parameters.h"
#include "yore/runs/run_config.h"
#include "yore/tasks/task.h"

namespace yore::training {

/// What is trained in a phase.
struct PhaseParts {
  std::unique_ptr<tasks::Task> task;  ///< null = the run's
  std::vector<char> learns;           ///< a mark for each parameter
};

class Phases {
 public:
  /// Those of the configuration, which must outlive this, on a run of this task. Throws
  /// InputError("training.phases..") for a task that the run's model or its test sets do not allow, and for a
  /// pattern that no parameter's name matches.
  Phases(const runs::RunConfig& config, const tasks::Task& task, const model::Parameters& parameters);

  /// Of the phase that the step is in; null past all phases.
  const PhaseParts* at(std::int64_t step) const;
  /// In how many of the steps before this one each parameter did not learn.
  std::vector<std::int64_t> missed_before(std::int64_t step) const;

 private:
  const runs::TrainingConfig& config_;
  std::size_t parameters_;
  std::vector<PhaseParts> parts_;  ///< of config_.phases
};

}  // namespace yore::training
