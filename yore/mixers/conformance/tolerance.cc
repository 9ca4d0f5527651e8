#include "yore/mixers/conformance/tolerance.h"

#include <algorithm>
#include <cmath>

#include "yore/base/random.h"

namespace yore::mixers::conformance {
namespace {

/// The c of tolerance.h.
constexpr double kRoundings = 3;

/// Every number moved by a share `step` of itself, up or down.
std::vector<Numbers> moved(std::vector<Numbers> in, double step, std::uint64_t seed) {
  base::Random random(seed);
  for (Numbers& array : in)
    for (double& x : array) x *= random.uniform() < 0.5 ? 1 - step : 1 + step;
  return in;
}

double sum(const Numbers& terms) {
  double total = 0;
  for (const double x : terms) total += x;
  return total;
}

Judged judged(double value, double operations, double size, double sensitivity) {
  return {value, kRoundings * std::sqrt(operations) * (size + sensitivity), kMostError * size};
}

}  // namespace

double Judged::allowed(double unit) const {
  return std::min((unit + kUnit<double>)*scale, cap);
}

std::vector<Judged> judge(const Function& f, const std::vector<Numbers>& in, double operations, double step) {
  const Numbers value = f(in);
  Numbers sensitivity(value.size(), 0.0);
  for (std::uint64_t seed : {1, 2, 3}) {
    const Numbers other = f(moved(in, step, seed));
    for (std::size_t i = 0; i < value.size(); ++i)
      sensitivity[i] = std::max(sensitivity[i], std::abs(other[i] - value[i]) / step);
  }
  double size = 0;
  for (const double x : value) size = std::max(size, std::abs(x));
  std::vector<Judged> all;
  for (std::size_t i = 0; i < value.size(); ++i)
    all.push_back(judged(value[i], operations, size, sensitivity[i]));
  return all;
}

Judged judge_sum(const Function& f, const std::vector<Numbers>& in, double operations, double floor) {
  const Numbers terms = f(in);
  const double value = sum(terms);
  double squares = 0, sensitivity = 0;
  for (const double x : terms) squares += x * x;
  for (std::uint64_t seed : {1, 2})
    sensitivity = std::max(sensitivity, std::abs(sum(f(moved(in, kStep, seed))) - value) / kStep);
  return judged(value, operations, std::sqrt(squares) + floor, sensitivity);
}

void Worst::see(double right, double got, double allowed, std::size_t at) {
  const double error = std::abs(got - right);
  if (error == 0 || std::isnan(ratio)) return;
  if (!(error <= ratio * allowed)) ratio = error / allowed, index = at, found = got, expected = right;
}

}  // namespace yore::mixers::conformance
