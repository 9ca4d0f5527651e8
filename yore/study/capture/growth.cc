#include "yore/study/capture/growth.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace yore::study {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
/// Laws speak of no fewer samples than e to the minus this, and of no more than e to this.
constexpr double kMostLog = 40;

/// ln(1 + n), continued to negative n as an odd function.
double scaled(double samples) {
  return std::copysign(std::log1p(std::abs(samples)), samples);
}
double unscaled(double y) {
  return std::copysign(std::expm1(std::abs(y)), y);
}

/// ln of the standard normal distribution function, also where that itself would be 0.
double log_normal_below(double z) {
  if (z > -10) return std::log(0.5 * std::erfc(-z / std::numbers::sqrt2));
  const double s = 1 / (z * z);
  return -0.5 * z * z - std::log(-z) - 0.5 * std::log(2 * std::numbers::pi) +
         std::log1p(-s + 3 * s * s - 15 * s * s * s);
}
/// ln of the probability of low < z <= high.
double log_normal_between(double low, double high) {
  if (low > 0) return log_normal_between(-high, -low);  // the tail in which digits are not lost
  const double upper = high == kInfinity ? 0 : log_normal_below(high);
  if (low == -kInfinity) return upper;
  return upper + std::log1p(-std::exp(std::min(log_normal_below(low) - upper, -1e-300)));
}

bool all_exact(std::span<const Needed> points) {
  return std::all_of(points.begin(), points.end(), [](const Needed& p) { return p.above == p.most; });
}

// The law with the most likely deviation of exact points.
LawFit with_deviation(LawFit law, std::span<const Needed> points) {
  double squares = 0;
  for (const Needed& p : points) {
    const double off = scaled(p.most) - scaled(law.at(p.size));
    squares += off * off;
  }
  law.deviation = std::max(kLeastDeviation, std::sqrt(squares / static_cast<double>(points.size())));
  return law;
}

double log_likelihood(const LawFit& law, std::span<const Needed> points) {
  double sum = 0;
  for (const Needed& p : points) {
    const double mean = scaled(law.at(p.size)), s = law.deviation;
    if (p.above == p.most) {
      const double z = (scaled(p.most) - mean) / s;
      sum += -0.5 * z * z - std::log(s) - 0.5 * std::log(2 * std::numbers::pi);
    } else {
      const double low = p.above == -kInfinity ? -kInfinity : (scaled(p.above) - mean) / s;
      const double high = p.censored() ? kInfinity : (scaled(p.most) - mean) / s;
      sum += std::max(log_normal_between(low, high), -1e12);
    }
  }
  return sum;
}

using Vector = std::array<double, 3>;

/// The place of the smallest value near `start`, by the simplex method of Nelder & Mead (1965) with its usual
/// factors, in the first `dimensions` numbers.
Vector minimum(const auto& value_of, const Vector& start, std::size_t dimensions) {
  struct Corner {
    Vector x;
    double value;
  };
  std::vector<Corner> corners = {{start, value_of(start)}};
  for (std::size_t d = 0; d < dimensions; ++d) {
    Vector x = start;
    x[d] += 0.7;
    corners.push_back({x, value_of(x)});
  }
  constexpr int kMostSteps = 600;
  for (int step = 0; step < kMostSteps; ++step) {
    std::stable_sort(corners.begin(), corners.end(),
                     [](const Corner& a, const Corner& b) { return a.value < b.value; });
    double width = 0;
    for (std::size_t d = 0; d < dimensions; ++d)
      for (const Corner& c : corners) width = std::max(width, std::abs(c.x[d] - corners.front().x[d]));
    if (width < 1e-7) break;
    Corner& worst = corners.back();
    Vector middle{};
    for (std::size_t c = 0; c < dimensions; ++c)
      for (std::size_t d = 0; d < dimensions; ++d)
        middle[d] += corners[c].x[d] / static_cast<double>(dimensions);
    const auto along = [&](double factor) {
      Corner corner{worst.x, 0};
      for (std::size_t d = 0; d < dimensions; ++d)
        corner.x[d] = middle[d] + factor * (worst.x[d] - middle[d]);
      corner.value = value_of(corner.x);
      return corner;
    };
    const Corner reflected = along(-1);
    if (reflected.value < corners.front().value) {
      const Corner expanded = along(-2);
      worst = expanded.value < reflected.value ? expanded : reflected;
    } else if (reflected.value < corners[dimensions - 1].value) {
      worst = reflected;
    } else {
      const Corner contracted = along(reflected.value < worst.value ? -0.5 : 0.5);
      if (contracted.value < std::min(worst.value, reflected.value)) {
        worst = contracted;
      } else {
        for (std::size_t c = 1; c < corners.size(); ++c) {
          for (std::size_t d = 0; d < dimensions; ++d)
            corners[c].x[d] = 0.5 * (corners[c].x[d] + corners.front().x[d]);
          corners[c].value = value_of(corners[c].x);
        }
      }
    }
  }
  return std::min_element(corners.begin(), corners.end(),
                          [](const Corner& a, const Corner& b) { return a.value < b.value; })
      ->x;
}

/// Where a point may stand on the scale ln(1 + n), to begin the search.
double guess_of(const Needed& p) {
  if (p.censored()) return scaled(p.above) + 0.7;
  if (p.above == -kInfinity) return 0.5 * scaled(p.most);
  return 0.5 * (scaled(p.above) + scaled(p.most));
}

/// The search's numbers as a law. It looks for the values at both ends, of a power for their logarithms.
LawFit law_of(LawFit law, const Vector& x, double least_deviation) {
  if (law.law == Law::Power) {
    law.low = std::exp(std::clamp(x[0], -kMostLog, kMostLog));
    law.high = std::exp(std::clamp(x[1], -kMostLog, kMostLog));
  } else {
    law.low = unscaled(std::clamp(x[0], -kMostLog, kMostLog));
    law.high = law.law == Law::Constant ? law.low : unscaled(std::clamp(x[1], -kMostLog, kMostLog));
  }
  law.deviation = std::clamp(std::exp(law.law == Law::Constant ? x[1] : x[2]), least_deviation, 1e3);
  return law;
}

}  // namespace

Needed exactly(double size, double samples) {
  return {size, samples, samples};
}
Needed least_on_grid(double size, double samples) {
  if (samples == 0) return {size, -kInfinity, 0.5};
  return {size, samples == 1 ? 0.5 : samples / 2, samples};
}
Needed more_than(double size, double samples) {
  return {size, samples, kInfinity};
}

std::string name_of(Law law) {
  return law == Law::Constant ? "constant" : law == Law::Logarithm ? "logarithm" : "power";
}

double LawFit::at(double size) const {
  const double u = std::log(size / low_size) / std::log(high_size / low_size);
  if (law == Law::Power) return low * std::pow(high / low, u);
  return low + (high - low) * u;
}
double LawFit::slope() const {
  return (high - low) / std::log(high_size / low_size);
}
double LawFit::offset() const {
  return low - slope() * std::log(low_size);
}
double LawFit::exponent() const {
  return std::log(high / low) / std::log(high_size / low_size);
}
double LawFit::factor() const {
  return low * std::pow(low_size, -exponent());
}
std::string LawFit::text() const {
  if (law == Law::Constant) return fmt::format("{:.3g}", std::max(0.0, low));
  if (law == Law::Power) return fmt::format("{:.3g} T^{:.2g}", factor(), exponent());
  // One size alone needs samples: any slope fits, if it is steep enough.
  if (std::abs(offset()) > 1e6)
    return fmt::format("0 to T = {:.3g}, then a step", std::exp(-offset() / slope()));
  return fmt::format("{:.3g} {} {:.3g} ln T", offset(), slope() < 0 ? "-" : "+", std::abs(slope()));
}

LawFit fit(Law law, std::span<const Needed> points) {
  LawFit frame;
  frame.law = law;
  const auto [first, last] = std::minmax_element(
      points.begin(), points.end(), [](const Needed& a, const Needed& b) { return a.size < b.size; });
  frame.low_size = first->size;
  frame.high_size = last->size;
  double least = kInfinity, most = -kInfinity;
  for (const Needed& p : points) {
    least = std::min(least, guess_of(p));
    most = std::max(most, guess_of(p));
  }
  const auto on_scale = [&](double y) {
    return law == Law::Power ? std::log(std::max(unscaled(y), 1e-3)) : y;
  };
  const std::size_t values = law == Law::Constant ? 1 : 2;
  // Of exact points the best deviation has a formula; else it is looked for with the rest.
  const bool exact = all_exact(points);
  const bool on_grid = std::any_of(points.begin(), points.end(),
                                   [](const Needed& p) { return p.above != p.most && !p.censored(); });
  const auto read = [&](const Vector& x) {
    const LawFit found = law_of(frame, x, on_grid ? kLeastDeviationOnGrid : kLeastDeviation);
    return exact ? with_deviation(found, points) : found;
  };
  LawFit best = frame;
  best.log_likelihood = -kInfinity;
  // From several places: the likelihood of intervals may have more than one peak.
  for (const auto& [low, high] : {std::pair(guess_of(*first), guess_of(*last)), std::pair(least, most)}) {
    Vector start{on_scale(low), on_scale(high), -1};
    if (law == Law::Constant) start = {0.5 * (low + high), -1, 0};
    const Vector x = minimum([&](const Vector& v) { return -log_likelihood(read(v), points); }, start,
                             values + (exact ? 0 : 1));
    LawFit found = read(x);
    found.log_likelihood = log_likelihood(found, points);
    if (found.log_likelihood > best.log_likelihood) best = found;
  }
  best.bic = static_cast<double>(values + 1) * std::log(static_cast<double>(points.size())) -
             2 * best.log_likelihood;
  return best;
}

}  // namespace yore::study
