#include "yore/training/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace yore::training {

double learning_rate(const runs::TrainingConfig& config, std::int64_t step) {
  if (step < config.warmup_steps)
    return config.learning_rate * static_cast<double>(step + 1) / static_cast<double>(config.warmup_steps);
  const double span = static_cast<double>(std::max<std::int64_t>(1, config.steps - config.warmup_steps));
  const double done = std::min(1.0, static_cast<double>(step - config.warmup_steps) / span);
  const double cosine = 0.5 * (1.0 + std::cos(std::numbers::pi * done));
  return config.learning_rate * (config.final_learning_rate + (1.0 - config.final_learning_rate) * cosine);
}

}  // namespace yore::training
