// The learning rate over a run.
#pragma once
#include <cstdint>

#include "yore/runs/run_config.h"

namespace yore::training {

/// The phase that `step` is in; null past all phases.
const runs::Phase* phase_at(const runs::TrainingConfig& config, std::int64_t step);

/// Whether a finished run was continued at this step, of whose schedule that is step 0 again.
bool continued_at(const runs::TrainingConfig& config, std::int64_t step);

/// Rate of step 0..steps-1. Past all phases: linear over the first warmup_steps (step 0 gets 1/warmup_steps
/// of it, the last of them all of it), then half a cosine down to final_learning_rate * learning_rate at step
/// `steps`; both count from the end of the phases. Where the run was
/// continued (TrainingConfig::continued) both begin again, to end where the stretch was to end: a warm
/// restart (Loshchilov & Hutter 2017, SGDR, arXiv 1608.03983). Within a phase: the same warm-up, then
/// constant, and no other for the run having been continued there.
double learning_rate(const runs::TrainingConfig& config, std::int64_t step);

}  // namespace yore::training
