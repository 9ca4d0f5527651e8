// The kernel of V-scale against its formula in long double, its gradients against finite differences, on
// every target.
#include "yore/mixers/attention/value_scale.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "yore/base/random.h"
#include "yore/kernels/targets.h"

namespace yore::mixers::kernel {
namespace {

class ValueScaleKernel : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { kernels::choose_target(GetParam()); }
  void TearDown() override {
    EXPECT_EQ(kernels::last_target(), GetParam()) << "another target ran";
    kernels::choose_target("");
  }
};
INSTANTIATE_TEST_SUITE_P(Kernels, ValueScaleKernel, ::testing::ValuesIn(kernels::available_targets()),
                         [](const auto& target) { return target.param; });

constexpr std::int64_t kPad = 3;  // numbers between heads, which must not be read

/// Rows with gaps, and a gradient without.
template <class T>
struct ScaleCase {
  std::int64_t rows, heads, dim;
  std::vector<T> v, g, constant;

  ScaleCase(std::int64_t n, std::int64_t h, std::int64_t d) : rows(n), heads(h), dim(d) {
    base::Random random(11);
    const auto draw = [&] { return static_cast<T>(2 * random.uniform() - 1); };
    v.assign(static_cast<std::size_t>(n * h * (d + kPad)), std::numeric_limits<T>::quiet_NaN());
    for (std::int64_t i = 0; i < n * h; ++i)
      for (std::int64_t c = 0; c < d; ++c) at(i, c) = draw();
    for (std::int64_t i = 0; i < n * h * d; ++i) g.push_back(draw());
    for (std::int64_t i = 0; i < h; ++i) constant.push_back(static_cast<T>(0.1 + random.uniform() * 3));
  }
  /// Number c of row i / heads of head i % heads.
  T& at(std::int64_t i, std::int64_t c) { return v[static_cast<std::size_t>(i * (dim + kPad) + c)]; }
  ValueRows<T> values(int threads = 1) const {
    return {rows, heads, dim, v.data(), heads * (dim + kPad), dim + kPad, constant.data(), threads};
  }
  std::size_t size() const { return g.size(); }

  /// sum of g times the scaled values, as the formula says.
  long double objective() {
    long double sum = 0;
    for (std::int64_t i = 0; i < rows * heads; ++i) {
      const long double phi = share(i);
      for (std::int64_t c = 0; c < dim; ++c)
        sum += phi * static_cast<long double>(at(i, c)) *
               static_cast<long double>(g[static_cast<std::size_t>(i * dim + c)]);
    }
    return sum;
  }
  long double share(std::int64_t i) {
    long double r = 0;
    for (std::int64_t c = 0; c < dim; ++c) r += static_cast<long double>(at(i, c)) * at(i, c);
    return r / (r + static_cast<long double>(constant[static_cast<std::size_t>(i % heads)]));
  }
};

template <class T>
void check_values() {
  for (const std::int64_t dim : {1, 3, 4, 8, 17, 64, 256}) {
    ScaleCase<T> c(5, 2, dim);
    std::vector<T> out(c.size(), std::numeric_limits<T>::quiet_NaN());
    scale_values(c.values(), out.data());
    for (std::int64_t i = 0; i < c.rows * c.heads; ++i)
      for (std::int64_t d = 0; d < dim; ++d) {
        const long double right = c.share(i) * static_cast<long double>(c.at(i, d));
        // The sum of squares, all of one sign, errs by dim roundings, the formula by a few more.
        const long double bound =
            static_cast<long double>(dim + 6) * std::numeric_limits<T>::epsilon() / 2 * std::abs(right);
        ASSERT_NEAR(static_cast<double>(out[static_cast<std::size_t>(i * dim + d)]),
                    static_cast<double>(right), static_cast<double>(bound))
            << dim;
      }
  }
}
TEST_P(ValueScaleKernel, IsTheFormula) {
  check_values<float>();
  check_values<double>();
}

// Central differences of the formula in long double: their error is of the order of h^2 = 1e-10 times third
// derivatives of order 1, plus rounding 1e-19 / h.
TEST_P(ValueScaleKernel, GradientsAreThoseOfFiniteDifferences) {
  constexpr double kStep = 1e-5, kBound = 1e-8;
  for (const std::int64_t dim : {1, 5, 16}) {
    ScaleCase<double> c(3, 2, dim);
    std::vector<double> grad(c.size(), std::numeric_limits<double>::quiet_NaN()), log_constant(2);
    scale_values_backward(c.values(), c.g.data(), grad.data(), log_constant.data());
    const auto slope = [&](double& x, double less, double more) {
      const double kept = x;
      x = more;
      const long double up = c.objective();
      x = less;
      const long double down = c.objective();
      x = kept;
      return static_cast<double>(up - down);
    };
    for (std::int64_t i = 0; i < c.rows * c.heads; ++i)
      for (std::int64_t d = 0; d < dim; ++d) {
        double& x = c.at(i, d);
        EXPECT_NEAR(grad[static_cast<std::size_t>(i * dim + d)],
                    slope(x, x - kStep, x + kStep) / ((x + kStep) - (x - kStep)), kBound);
      }
    for (std::size_t h = 0; h < 2; ++h) {
      double& x = c.constant[h];
      EXPECT_NEAR(log_constant[h], slope(x, x * std::exp(-kStep), x * std::exp(kStep)) / (2 * kStep), kBound);
    }
  }
}

TEST_P(ValueScaleKernel, ThreadsChangeNothing) {
  const ScaleCase<float> c(1000, 3, 24);
  std::vector<float> out(c.size()), other(c.size()), grad(c.size()), grad_other(c.size()), sums(3),
      sums_other(3);
  scale_values(c.values(1), out.data());
  scale_values(c.values(4), other.data());
  EXPECT_EQ(out, other);
  scale_values_backward(c.values(1), c.g.data(), grad.data(), sums.data());
  scale_values_backward(c.values(4), c.g.data(), grad_other.data(), sums_other.data());
  EXPECT_EQ(grad, grad_other);
  EXPECT_EQ(sums, sums_other);
}

// phi is 0 at a row of zeros, with gradient 0, and 1 far beyond C, where r overflows.
TEST_P(ValueScaleKernel, TheEndsAreFinite) {
  ScaleCase<float> c(2, 1, 4);
  for (std::int64_t d = 0; d < 4; ++d) {
    c.at(0, d) = 0;
    c.at(1, d) = 1e30f;
  }
  std::vector<float> out(8), grad(8), sums(1);
  scale_values(c.values(), out.data());
  EXPECT_EQ(out, (std::vector<float>{0, 0, 0, 0, 1e30f, 1e30f, 1e30f, 1e30f}));
  scale_values_backward(c.values(), c.g.data(), grad.data(), sums.data());
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(grad[i], i < 4 ? 0 : c.g[i]);
  EXPECT_EQ(sums[0], 0);
}

}  // namespace
}  // namespace yore::mixers::kernel
