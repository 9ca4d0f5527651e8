#include "yore/budget/speed.h"

#include <algorithm>
#include <chrono>

#include "yore/base/budget.h"
#include "yore/base/interrupt.h"

namespace yore::budget {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_between(Clock::time_point a, Clock::time_point b) {
  return std::chrono::duration<double>(b - a).count();
}

double pass(const model::Model& model, const model::Input& input) {
  const Clock::time_point start = Clock::now();
  model.forward(input);
  return seconds_between(start, Clock::now());
}

/// Seconds from what each block's mixer is given to what it hands on, and of the whole pass behind them.
std::vector<double> timed_pass(const model::Model& model, const model::Input& input) {
  std::vector<double> all(model.description().blocks.size() + 1, 0.0);
  const Clock::time_point start = Clock::now();
  Clock::time_point last = start;
  model::Context context;
  context.probe = [&](model::Point point, int block, const at::Tensor& rows) {
    const Clock::time_point now = Clock::now();
    if (point == model::Point::MixerOut) all[static_cast<std::size_t>(block)] = seconds_between(last, now);
    last = now;
    return rows;
  };
  model.forward(input, context);
  all.back() = seconds_between(start, Clock::now());
  return all;
}

}  // namespace

Speed measure_speed(const model::Model& whole, const model::Model& sliced, const arch::KeptHeads& kept,
                    const SpeedSample& sample, double seconds) {
  const at::NoGradGuard no_gradients;
  const model::Input input = model::pack(sample.starts, sample.tokens);
  const std::vector<int> heads = arch::attention_heads(whole.description());
  pass(whole, input);  // fills caches and tables
  pass(sliced, input);
  Speed speed;
  double of_sliced = 0;
  std::vector<double> parts;  // of the fastest timed pass
  const auto keep_less = [](double& least, double value) {
    least = least == 0 ? value : std::min(least, value);
  };
  const Clock::time_point start = Clock::now();
  for (int round = 0; round < 5 || seconds_between(start, Clock::now()) < seconds; ++round) {
    if (base::interrupted()) throw base::Interrupted("measuring the speed");
    keep_less(speed.seconds, pass(whole, input));
    keep_less(of_sliced, pass(sliced, input));
    std::vector<double> now = timed_pass(whole, input);
    if (parts.empty() || now.back() < parts.back()) parts = std::move(now);
  }
  speed.speed_up = speed.seconds / of_sliced;
  double saved = 0;
  for (std::size_t l = 0; l < heads.size(); ++l) {
    if (heads[l] == 0) continue;
    const double share = parts[l] / parts.back();
    speed.share += share;
    saved += share * (1 - static_cast<double>(kept[l].size()) / heads[l]);
  }
  speed.formula = 1 / (1 - saved);
  return speed;
}

}  // namespace yore::budget
