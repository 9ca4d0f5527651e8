// Decays against the formulas in long double, and where the formulas' parts leave the range of numbers.
#include "yore/mixers/common/decay.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <limits>

namespace yore::mixers {
namespace {

/// -e^a softplus(x) and its derivatives by a and x.
struct Right {
  double value, by_rate, by_x;
};
Right softplus_right(long double a, long double x) {
  const long double rate = std::exp(a),
                    softplus = x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
  if (rate * softplus > 1000) return {-1000, 0, 0};
  return {static_cast<double>(-rate * softplus), static_cast<double>(-rate * softplus),
          static_cast<double>(-rate / (1 + std::exp(-x)))};
}
Right bounded_right(long double a, long double x, long double bound) {
  const long double rate = std::exp(a), s = 1 / (1 + std::exp(-rate * x));
  const long double slope = bound * s * (1 - s);
  return {static_cast<double>(bound * s), static_cast<double>(slope * rate * x),
          static_cast<double>(slope * rate)};
}

at::Tensor leaf(double x, at::ScalarType type) {
  return at::full({1}, x, type).set_requires_grad(true);
}

template <class Function>
Right got(double a, double x, at::ScalarType type, const Function& f) {
  const at::Tensor rate = leaf(a, type), in = leaf(x, type), y = f(rate, in);
  const auto grads = torch::autograd::grad({y.sum()}, {rate, in});
  return {y.item<double>(), grads[0].item<double>(), grads[1].item<double>()};
}

void expect_near(const Right& found, const Right& right, double share, double floor) {
  const auto near = [&](double a, double b) { EXPECT_NEAR(a, b, share * std::abs(b) + floor); };
  near(found.value, right.value);
  near(found.by_rate, right.by_rate);
  near(found.by_x, right.by_x);
}

TEST(Decay, IsItsFormulaToAllDigits) {
  for (const at::ScalarType type : {at::kDouble, at::kFloat}) {
    const double share = type == at::kDouble ? 1e-14 : 1e-5, floor = type == at::kDouble ? 1e-300 : 1e-37;
    for (const double a : {-30.0, -3.0, 0.0, 2.75, 20.0, 40.0})
      for (const double x : {-60.0, -40.5, -39.5, -20.0, -1.0, 0.0, 0.5, 19.0, 21.0, 100.0}) {
        SCOPED_TRACE(testing::Message() << "log rate " << a << ", x " << x);
        expect_near(got(a, x, type, softplus_decay), softplus_right(a, x), share, floor);
        if (a < 5) {
          const auto bounded = [](const at::Tensor& rate, const at::Tensor& in) {
            return bounded_decay(rate, in, -5);
          };
          // 1 - sigmoid has an absolute error.
          expect_near(got(a, x, type, bounded), bounded_right(a, x, -5), share,
                      type == at::kDouble ? 1e-12 : 1e-3);
        }
      }
  }
}

TEST(Decay, ARateBeyondAllNumbersTimesNextToNothingIsNoDecay) {
  for (const at::ScalarType type : {at::kDouble, at::kFloat}) {
    // e^100 is no float, and softplus(-200) is 0 in floats.
    EXPECT_EQ(std::exp(got(100, -200, type, softplus_decay).value), 1);
    EXPECT_NEAR(std::exp(got(100, -100, type, softplus_decay).value), std::exp(-1.0), 1e-5);
    EXPECT_FLOAT_EQ(static_cast<float>(got(0, 100, type, softplus_decay).value), -100);
  }
}

TEST(Decay, StaysFiniteWithFiniteDerivatives) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const at::ScalarType type : {at::kDouble, at::kFloat})
    for (const double a : {-infinity, -1000.0, 0.0, 88.0, 100.0, 1000.0})
      for (const double x : {-1e30, -1000.0, -100.0, 0.0, 100.0, 1000.0}) {
        SCOPED_TRACE(testing::Message() << "log rate " << a << ", x " << x);
        const auto bounded = [](const at::Tensor& rate, const at::Tensor& in) {
          return bounded_decay(rate, in, -5);
        };
        for (const Right& r : {got(a, x, type, softplus_decay), got(a, x, type, bounded)}) {
          EXPECT_TRUE(std::isfinite(r.value)) << r.value;
          EXPECT_TRUE(std::isfinite(r.by_rate)) << r.by_rate;
          EXPECT_TRUE(std::isfinite(r.by_x)) << r.by_x;
          EXPECT_LE(r.value, 0);
        }
        EXPECT_GE(got(a, x, type, bounded).value, -5);
      }
}

}  // namespace
}  // namespace yore::mixers
