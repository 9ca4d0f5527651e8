#include "yore/mixers/blurry_window/table.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace yore::mixers::blurry {
namespace {

std::int64_t row_size(const Setting& s) {
  return static_cast<std::int64_t>(s.heads.size()) * s.slots;
}

/// x_t[m] of math.md, in (-slots / 2, slots / 2]: tokens over stretch are reduced as whole numbers, since t /
/// r in floating point drifts by hundredths of a slot over a million tokens.
double coordinate(const Head& head, std::int64_t t, std::int64_t m, std::int64_t slots) {
  const std::int64_t whole = slots * head.numerator;
  const std::int64_t reduced = (t % whole * head.denominator) % whole - m * head.numerator;
  double x = static_cast<double>(reduced) / static_cast<double>(head.numerator) + head.phase;
  x = std::remainder(x, static_cast<double>(slots));
  return x;
}

double weight(const Setting& s, const Head& head, std::int64_t t, std::int64_t m) {
  const double x = coordinate(head, t, m, s.slots);
  double w = dirichlet(x, s.slots);
  if (s.kernel == Kernel::MainLobe && std::abs(x) >= 1) w = 0;
  if (s.kernel == Kernel::Squared) w *= w;
  if (s.gain_over_stretch) w *= static_cast<double>(head.denominator) / static_cast<double>(head.numerator);
  return w;
}

}  // namespace

double dirichlet(double x, std::int64_t slots) {
  const double m = static_cast<double>(slots);
  x = std::remainder(x, m);
  if (x == 0) return 1;
  if (x == std::round(x)) return 0;
  const double top = std::sin(std::numbers::pi * x), angle = std::numbers::pi * x / m;
  return top / (m * (slots % 2 == 1 ? std::sin(angle) : std::tan(angle)));
}

Table::Table(Setting setting) : setting_(std::move(setting)) {
  const Setting& s = setting_;
  if (s.slots < 1 || s.heads.empty())
    throw std::invalid_argument("blurry window: slots and heads must be at least 1");
  for (const Head& head : s.heads)
    if (head.denominator < 1 || head.numerator < head.denominator ||
        head.numerator > kMostNumbers / s.slots || !std::isfinite(head.phase))
      throw std::invalid_argument("blurry window: a stretch must be at least 1");
  period_ = blurry::period(s);
  if (period_ == 0) throw std::invalid_argument("blurry window: the period of these stretches is too long");

  const std::int64_t row = row_size(s);
  for (std::int64_t t = 0; t < period_; ++t)
    for (const Head& head : s.heads)
      for (std::int64_t m = 0; m < s.slots; ++m) {
        write_.push_back(weight(s, head, t, m));
        log_decay_.push_back(std::log1p(-write_.back()));
      }
  // How much slots hold: period after period, until one is like the one before.
  std::vector<double> now(static_cast<std::size_t>(row), 0);
  const std::int64_t most_periods = std::clamp<std::int64_t>(kMostNumbers / (period_ * row), 2, 200);
  bool settled = false;
  for (std::int64_t n = 0; n < most_periods && !settled; ++n) {
    const std::size_t before = filled_.size();
    for (std::int64_t t = 0; t < period_; ++t)
      for (std::size_t i = 0; i < now.size(); ++i) {
        const double w = write_[static_cast<std::size_t>(t * row) + i];
        now[i] = (1 - w) * now[i] + w;
        // Rounding leaves next to nothing where there should be nothing.
        filled_.push_back(std::abs(now[i]) < 1e-12 ? 0 : now[i]);
      }
    warm_ = n * period_;
    if (n == 0) continue;
    const std::size_t size = filled_.size() - before;
    settled = std::equal(filled_.begin() + static_cast<std::ptrdiff_t>(before), filled_.end(),
                         filled_.begin() + static_cast<std::ptrdiff_t>(before - size),
                         [](double x, double y) { return std::abs(x - y) < 1e-9; });
  }
}

}  // namespace yore::mixers::blurry
