// For tests of what is drawn.
#pragma once
#include <cmath>
#include <cstdint>
#include <vector>

namespace yore::tasks::testing {

/// The upper 0.1 % point of chi-square, by Wilson and Hilferty's approximation.
inline double chi_square_limit(double degrees) {
  const double t = 2 / (9 * degrees);
  return degrees * std::pow(1 - t + 3.0902 * std::sqrt(t), 3);
}

/// Chi-square of counts against `expected`, over chi_square_limit: below 1 the counts fit.
inline double chi_square_ratio(const std::vector<std::int64_t>& counts, const std::vector<double>& expected) {
  double statistic = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double off = static_cast<double>(counts[i]) - expected[i];
    statistic += off * off / expected[i];
  }
  return statistic / chi_square_limit(static_cast<double>(counts.size()) - 1);
}

/// As above, all cells being equally likely.
inline double uniformity_ratio(const std::vector<std::int64_t>& counts) {
  double sum = 0;
  for (const std::int64_t n : counts) sum += static_cast<double>(n);
  return chi_square_ratio(counts,
                          std::vector<double>(counts.size(), sum / static_cast<double>(counts.size())));
}

}  // namespace yore::tasks::testing
