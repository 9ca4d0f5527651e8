// The learning rate over a run.
#pragma once
#include <cstdint>

#include "yore/runs/run_config.h"

namespace yore::training {

/// Rate of step 0..steps-1: linear over the first warmup_steps (step 0 gets 1/warmup_steps of it, the last of
/// them all of it), then half a cosine down to final_learning_rate * learning_rate at step `steps`.
double learning_rate(const runs::TrainingConfig& config, std::int64_t step);

}  // namespace yore::training
