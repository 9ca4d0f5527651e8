// How parameters start: the distributions that mixers::Start names.
#include "yore/model/parameters.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace yore::model {
namespace {

using mixers::Start;

/// A parameter of n numbers in double.
std::vector<double> started(Start start, double low, double high, std::int64_t n = 4000) {
  const Parameters p({{"p", {n}, start, false, low, high}}, 3, at::kDouble);
  const double* first = p.flat().data_ptr<double>();
  return {first, first + n};
}

/// The largest distance between the share of numbers up to x and that of a uniform distribution (Kolmogorov
/// and Smirnov): above 1.95 / sqrt(n) once in a thousand.
void expect_uniform(std::vector<double> x, double low, double high) {
  std::sort(x.begin(), x.end());
  EXPECT_GE(x.front(), low - 1e-12);
  EXPECT_LE(x.back(), high + 1e-12);
  double worst = 0;
  const auto n = static_cast<double>(x.size());
  for (std::size_t i = 0; i < x.size(); ++i)
    worst = std::max(worst, std::abs((x[i] - low) / (high - low) - (static_cast<double>(i) + 0.5) / n));
  EXPECT_LT(worst, 1.95 / std::sqrt(n));
}

std::vector<double> each(std::vector<double> x, double (*f)(double)) {
  for (double& y : x) y = f(y);
  return x;
}

TEST(Parameters, LogUniformIsTheLogarithmOfAUniformNumber) {
  for (const auto& [low, high] : {std::pair{0.0, 16.0}, {1.0, 16.0}}) {
    const std::vector<double> x = started(Start::LogUniform, low, high);
    for (const double y : x) EXPECT_TRUE(std::isfinite(y));
    expect_uniform(each(x, [](double y) { return std::exp(y); }), low, high);
  }
  for (const double y : started(Start::LogUniform, 1, 1, 5)) EXPECT_EQ(y, 0);
}

TEST(Parameters, SoftplusLogUniformIsUniformInTheLogarithmOfItsSoftplus) {
  const auto log_of_softplus = [](double y) { return std::log(std::log1p(std::exp(y))); };
  expect_uniform(each(started(Start::SoftplusLogUniform, 1e-3, 0.1), log_of_softplus), std::log(1e-3),
                 std::log(0.1));
  for (const double y : started(Start::SoftplusLogUniform, 2, 2, 5))
    EXPECT_NEAR(std::log1p(std::exp(y)), 2, 1e-14);
}

TEST(Parameters, FanInGoesByTheLastDimensionAndUnitHasVarianceOne) {
  const Parameters p({{"a", {1000, 4}, Start::FanIn}, {"b", {4000}, Start::Unit}}, 3, at::kDouble);
  const double* x = p.flat().data_ptr<double>();
  expect_uniform({x, x + 4000}, -0.5, 0.5);
  expect_uniform({x + 4000, x + 8000}, -std::sqrt(3.0), std::sqrt(3.0));
}

}  // namespace
}  // namespace yore::model
