#include "yore/mixers/blurry_window/table.h"

#include <algorithm>
#include <cmath>
#include <mutex>
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
  // Rounding must not pass 1: 1 minus it is a decay.
  return std::min(1.0, top / (m * (slots % 2 == 1 ? std::sin(angle) : std::tan(angle))));
}

Table::Table(Setting setting, std::int64_t most_numbers) : setting_(std::move(setting)) {
  const Setting& s = setting_;
  if (s.slots < 1 || s.heads.empty())
    throw std::invalid_argument("blurry window: slots and heads must be at least 1");
  for (const Head& head : s.heads)
    if (head.denominator < 1 || head.numerator < head.denominator ||
        head.numerator > kMostNumbers / s.slots || !std::isfinite(head.phase))
      throw std::invalid_argument("blurry window: a stretch must be at least 1");
  if (s.ages() && s.kernel == Kernel::Signed)
    throw std::invalid_argument("blurry window: no ages with weights below 0");
  period_ = blurry::period(s);
  if (period_ == 0) throw std::invalid_argument("blurry window: the period of these stretches is too long");

  const auto numbers = static_cast<std::size_t>(period_ * row_size(s));
  write_.reserve(numbers);
  log_decay_.reserve(numbers);
  for (std::int64_t t = 0; t < period_; ++t)
    for (const Head& head : s.heads)
      for (std::int64_t m = 0; m < s.slots; ++m) {
        write_.push_back(weight(s, head, t, m));
        log_decay_.push_back(std::log1p(-write_.back()));
      }
  fill(most_numbers);
}

// How much slots hold, and how old it is: period after period, until one is like the one before.
void Table::fill(std::int64_t most_numbers) {
  const Setting& s = setting_;
  const std::int64_t row = row_size(s);
  const bool delta = s.erase == Erase::Delta, ages = s.ages();
  const auto slots = static_cast<std::size_t>(s.slots);
  // Ages are those of what slots hold when they fade (math.md, "Age"): `held` and `age` of that.
  std::vector<double> now(static_cast<std::size_t>(row), 0), held = now, age = now;
  const auto token = [&](const double* write) {
    for (std::size_t h = 0; h < s.heads.size(); ++h) {
      double given = 0;  // what slots give for the token's weights
      if (delta)
        for (std::size_t i = h * slots; i < (h + 1) * slots; ++i) given += write[i] * now[i];
      for (std::size_t i = h * slots; i < (h + 1) * slots; ++i) {
        const double w = write[i];
        now[i] = delta ? now[i] + w * (1 - given) : (1 - w) * now[i] + w;
        // Rounding leaves next to nothing where there should be nothing.
        filled_.push_back(std::abs(now[i]) < 1e-12 ? 0 : now[i]);
        if (!ages) continue;
        const double left = (1 - w) * held[i];
        held[i] = left + w;
        age[i] = held[i] > 0 ? left * (age[i] + 1) / held[i] : 0;
        bias_.push_back(-s.heads[h].age_bias * age[i]);
      }
    }
  };
  const std::int64_t numbers = period_ * row;
  // The delta rule takes many periods (math.md, "Erasing by the delta rule"): to a float's precision then.
  const double tolerance = delta ? 1e-7 : 1e-9;
  // Whether a period is like the one before; `relative`: numbers above 1 may differ by a share of theirs.
  const auto repeats = [&](const std::vector<double>& x, bool relative) {
    return std::equal(x.end() - numbers, x.end(), x.end() - 2 * numbers, [&](double a, double b) {
      return std::abs(a - b) < tolerance * (relative ? std::max(1.0, std::abs(a)) : 1);
    });
  };
  const std::int64_t room = (most_numbers - 2 * numbers) / (numbers * (ages ? 2 : 1));
  const std::int64_t most_periods =
      delta ? std::min(room, kMostFilled / numbers) : std::min<std::int64_t>(room, 200);
  filled_.reserve(static_cast<std::size_t>(2 * numbers));
  if (ages) bias_.reserve(static_cast<std::size_t>(2 * numbers));
  std::int64_t n = 0;
  const auto settled = [&](bool relative) {
    return n > 1 && repeats(filled_, relative) && (!ages || repeats(bias_, relative));
  };
  while (n < most_periods && !settled(false)) {
    for (std::int64_t t = 0; t < period_; ++t) token(write_.data() + t * row);
    warm_ = n++ * period_;
    if (std::any_of(filled_.end() - numbers, filled_.end(),
                    [](double x) { return !(std::abs(x) <= kHighestFilling); }))
      throw std::invalid_argument("blurry window: what slots hold grows beyond 1e30");
  }
  // Large numbers never come within so little of each other.
  if (!settled(false) && (delta || !settled(true)))
    throw std::invalid_argument("blurry window: it takes too long until what slots hold repeats");
}

std::shared_ptr<const Table> table_of(const Setting& setting) {
  static std::mutex mutex;
  static std::vector<std::weak_ptr<const Table>> known;
  // Options are completed several times before a layer keeps their table.
  static std::shared_ptr<const Table> last;
  const std::lock_guard<std::mutex> lock(mutex);
  std::erase_if(known, [](const auto& table) { return table.expired(); });
  for (const auto& weak : known)
    if (std::shared_ptr<const Table> table = weak.lock(); table && table->setting() == setting)
      return last = table;
  last = std::make_shared<const Table>(setting);
  known.push_back(last);
  return last;
}

}  // namespace yore::mixers::blurry
