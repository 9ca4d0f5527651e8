// Intervals of reals, and how far float32 arithmetic can be from them.
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>

namespace yore::compiler {

struct Interval {
  double low = 0, high = 0;

  double magnitude() const { return std::max(std::abs(low), std::abs(high)); }
  bool empty() const { return low > high; }
  Interval& operator+=(const Interval& x) {
    low += x.low, high += x.high;
    return *this;
  }
  /// The smallest interval around both; an empty one adds nothing.
  void join(const Interval& x) { low = std::min(low, x.low), high = std::max(high, x.high); }
  Interval widened(double by) const { return {low - by, high + by}; }
};

inline constexpr Interval kEmpty{std::numeric_limits<double>::infinity(),
                                 -std::numeric_limits<double>::infinity()};

inline constexpr Interval kAnything{-std::numeric_limits<double>::infinity(),
                                    std::numeric_limits<double>::infinity()};

inline Interval operator*(double c, const Interval& x) {
  return c >= 0 ? Interval{c * x.low, c * x.high} : Interval{c * x.high, c * x.low};
}
inline Interval operator*(const Interval& a, const Interval& b) {
  const auto [low, high] = std::minmax({a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high});
  return {low, high};
}

/// gamma_n of numerical analysis: a sum of products with n roundings on any path, in whatever order, is off
/// by at most this times the sum of the products' magnitudes. Also covers the double arithmetic of the bound
/// itself, a billionth of it.
inline double gamma(double n) {
  constexpr double kUnit = 0x1p-24;
  return n * kUnit < 0.5 ? n * kUnit / (1 - n * kUnit) : std::numeric_limits<double>::infinity();
}

}  // namespace yore::compiler
