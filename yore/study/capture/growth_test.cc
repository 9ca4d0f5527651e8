#include "yore/study/capture/growth.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace yore::study {
namespace {

// On the scale ln(1 + n) a power of large numbers is a line: least squares has the same answer, by a formula.
TEST(GrowthFit, OfLargeNumbersIsLeastSquares) {
  const std::vector<double> noise = {0.1, -0.2, 0.05, 0.15, -0.1};
  std::vector<Needed> points;
  double sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (std::size_t i = 0; i < noise.size(); ++i) {
    const double size = 8 * std::exp2(i), n = 1e6 * std::pow(size, 0.7) * std::exp(noise[i]);
    points.push_back(exactly(size, n));
    const double x = std::log(size), y = std::log1p(n);
    sx += x, sy += y, sxx += x * x, sxy += x * y;
  }
  const double n = 5, slope = (n * sxy - sx * sy) / (n * sxx - sx * sx), offset = (sy - slope * sx) / n;
  double squares = 0;
  for (const Needed& p : points) {
    const double residual = std::log1p(p.most) - offset - slope * std::log(p.size);
    squares += residual * residual;
  }
  const LawFit power = fit(Law::Power, points);
  EXPECT_NEAR(power.exponent(), slope, 1e-5);
  EXPECT_NEAR(std::log(power.factor()), offset, 1e-4);
  EXPECT_NEAR(power.deviation, std::sqrt(squares / n), 1e-5);
  const double likelihood = -n / 2 * (std::log(2 * std::numbers::pi * squares / n) + 1);
  EXPECT_NEAR(power.log_likelihood, likelihood, 1e-6);
  EXPECT_NEAR(power.bic, 3 * std::log(n) - 2 * likelihood, 1e-6);
}

// The best constant is the mean on that scale.
TEST(GrowthFit, OfAConstantIsTheMean) {
  std::vector<Needed> points;
  double mean = 0;
  for (const double n : {3.0, 5.0, 4.0, 7.0}) {
    points.push_back(exactly(8 * (1 + static_cast<double>(points.size())), n));
    mean += std::log1p(n) / 4;
  }
  const LawFit constant = fit(Law::Constant, points);
  EXPECT_NEAR(constant.low, std::expm1(mean), 1e-5);
  EXPECT_EQ(constant.low, constant.high);
  EXPECT_EQ(constant.at(100), constant.low);
}

// Against the sum over the same intervals by the definition, on a grid of laws around the answer.
TEST(GrowthFit, OfIntervalsIsTheMostLikelyLaw) {
  const std::vector<Needed> points = {least_on_grid(8, 0), least_on_grid(16, 4), least_on_grid(32, 4),
                                      least_on_grid(64, 16), more_than(128, 16)};
  const auto below = [](double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); };
  const auto scale = [](double n) { return std::copysign(std::log1p(std::abs(n)), n); };
  const auto likelihood = [&](double a, double b, double s) {
    double sum = 0;
    for (const Needed& p : points) {
      const double mean = scale(a + b * std::log(p.size));
      const double upper = p.censored() ? 1 : below((scale(p.most) - mean) / s);
      const double lower = std::isinf(p.above) ? 0 : below((scale(p.above) - mean) / s);
      sum += std::log(upper - lower);
    }
    return sum;
  };
  const LawFit law = fit(Law::Logarithm, points);
  const double at_best = likelihood(law.offset(), law.slope(), law.deviation);
  EXPECT_NEAR(law.log_likelihood, at_best, 1e-6);
  for (const double da : {-0.5, -0.1, 0.0, 0.1, 0.5})
    for (const double db : {-0.2, -0.05, 0.0, 0.05, 0.2})
      for (const double ds : {1.0, 1.02, 1.1, 1.5})
        EXPECT_LE(likelihood(law.offset() + da, law.slope() + db, law.deviation * ds), at_best + 1e-6);
}

TEST(GrowthFit, IntervalsAreThoseOfTheGrid) {
  EXPECT_EQ(least_on_grid(8, 4), (Needed{8, 2, 4}));
  EXPECT_EQ(least_on_grid(8, 1), (Needed{8, 0.5, 1}));
  EXPECT_EQ(least_on_grid(8, 0).most, 0.5);
  EXPECT_TRUE(more_than(8, 64).censored());
  EXPECT_FALSE(exactly(8, 64).censored());
}

TEST(GrowthFit, LawsAreWrittenAsFormulas) {
  LawFit law;
  law.law = Law::Logarithm;
  law.low_size = 1, law.high_size = std::numbers::e;
  law.low = 5, law.high = 3;
  EXPECT_EQ(law.text(), "5 - 2 ln T");
  LawFit step = law;  // no size but the last needs any: the slope is as steep as the search went
  step.low = -1e13, step.high = 1e13;
  EXPECT_EQ(step.text(), "0 to T = 1.65, then a step");
  law.law = Law::Power;
  law.high = 5 * std::numbers::e;
  EXPECT_EQ(law.text(), "5 T^1");
  law.law = Law::Constant;
  law.low = 5;
  EXPECT_EQ(law.text(), "5");
}

}  // namespace
}  // namespace yore::study
