// How does the number of samples n that a size T of a task needs grow with T? Three laws are fitted, by their
// largest likelihood, and compared by the Bayesian information criterion (BIC):
//
//   constant    n = a
//   logarithm   n = a + b ln T       what algorithmic capture asks for, b = 0 included (arXiv 2603.11161)
//   power       n = c T^p
//
// The noise is normal and of one deviation in ln(1 + n), so that it is relative where n is large. A number
// that was looked for on a grid is known to lie in an interval only, and a size at which no number of the
// grid was enough is known to need more than the largest: both enter by the probability of their interval,
// never as a number.
#pragma once
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace yore::study {

/// What is known of the samples that a size needs: more than `above`, and at most `most`; exactly that number
/// where both are equal.
struct Needed {
  double size = 0;
  double above = 0, most = 0;
  bool censored() const { return most == std::numeric_limits<double>::infinity(); }
  bool operator==(const Needed&) const = default;
  auto operator<=>(const Needed&) const = default;
};
Needed exactly(double size, double samples);
/// Of 0, 1, 2, 4 .., `samples` was the least that is enough. A law that gives less than half a sample needs
/// none.
Needed least_on_grid(double size, double samples);
/// No number up to `samples` was enough.
Needed more_than(double size, double samples);

enum class Law { Constant, Logarithm, Power };
std::string name_of(Law law);  ///< "constant", "logarithm", "power"

/// A law with its numbers. Of the range that it was fitted on, the values at both ends determine it.
struct LawFit {
  Law law = Law::Constant;
  double low_size = 1, high_size = 1;  ///< the range
  double low = 0, high = 0;            ///< n there; of a constant equal
  double deviation = 0;                ///< of ln(1 + n)
  double log_likelihood = 0, bic = 0;
  /// n at a size; a logarithm may be negative, which means that none are needed.
  double at(double size) const;
  double slope() const;      ///< b of the logarithm
  double offset() const;     ///< a of the logarithm
  double exponent() const;   ///< p of the power
  double factor() const;     ///< c of the power
  std::string text() const;  ///< "4 + 3 ln T"
};

/// A deviation below this is not believed, were the numbers ever so smooth; where any is known to an interval
/// of the grid only, none below what rounding to a factor of two makes, ln 2 / sqrt(12).
inline constexpr double kLeastDeviation = 0.005, kLeastDeviationOnGrid = 0.2;

/// The law's most likely numbers. At least two sizes.
LawFit fit(Law law, std::span<const Needed> points);

}  // namespace yore::study
