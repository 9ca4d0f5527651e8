#include "yore/training/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace yore::training {

namespace {

/// The phase of a step (null past all), and where that stretch begins and was to end.
struct Place {
  const runs::Phase* phase = nullptr;
  std::int64_t begin = 0, end = 0;
};
Place place_of(const runs::TrainingConfig& config, std::int64_t step) {
  std::int64_t begin = 0;
  for (const runs::Phase& phase : config.phases) {
    if (step < begin + phase.steps) return {&phase, begin, begin + phase.steps};
    begin += phase.steps;
  }
  for (const runs::Continuation& there : config.continued) {
    if (step < there.at) return {nullptr, begin, there.steps};
    begin = std::max(begin, there.at);
  }
  return {nullptr, begin, config.steps};
}

}  // namespace

const runs::Phase* phase_at(const runs::TrainingConfig& config, std::int64_t step) {
  return place_of(config, step).phase;
}

bool continued_at(const runs::TrainingConfig& config, std::int64_t step) {
  return std::any_of(config.continued.begin(), config.continued.end(),
                     [&](const runs::Continuation& there) { return there.at == step; });
}

double learning_rate(const runs::TrainingConfig& config, std::int64_t step) {
  const auto [phase, begin, end] = place_of(config, step);
  const std::int64_t here = step - begin;
  const double full =
      phase != nullptr && phase->learning_rate > 0 ? phase->learning_rate : config.learning_rate;
  if (here < config.warmup_steps)
    return full * static_cast<double>(here + 1) / static_cast<double>(config.warmup_steps);
  if (phase != nullptr) return full;
  const double span = static_cast<double>(std::max<std::int64_t>(1, end - begin - config.warmup_steps));
  const double done = std::min(1.0, static_cast<double>(here - config.warmup_steps) / span);
  const double cosine = 0.5 * (1.0 + std::cos(std::numbers::pi * done));
  return full * (config.final_learning_rate + (1.0 - config.final_learning_rate) * cosine);
}

}  // namespace yore::training
