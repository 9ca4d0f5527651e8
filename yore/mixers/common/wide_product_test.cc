// Products of many rows with bfloat16 weights against sums in long double, on every target.
#include "yore/mixers/common/wide_product.h"

#include "yore/mixers/common/narrow_test_support.h"

namespace yore::mixers {
namespace {

class Wide : public OnEachTarget {};
INSTANTIATE_TEST_SUITE_P(Kernels, Wide, ::testing::ValuesIn(kernels::available_targets()),
                         [](const auto& target) { return target.param; });

// Less and more than a panel's rows, the rows that are packed at once, the outputs of a tile and of a task,
// and the inputs that are gone through at once.
TEST_P(Wide, IsTheSumInHighPrecision) {
  for (const auto& [rows, in, out] : std::vector<std::array<std::int64_t, 3>>{{1, 1, 1},
                                                                              {9, 3, 5},
                                                                              {31, 16, 12},
                                                                              {32, 33, 49},
                                                                              {33, 512, 48},
                                                                              {70, 513, 13},
                                                                              {12, 1100, 100},
                                                                              {256, 15, 7},
                                                                              {300, 40, 60}}) {
    const NarrowArrays a(rows, in, out);
    std::vector<float> y, threads;
    wide_product(a.product(rows, in, out, y));
    NarrowProduct two = a.product(rows, in, out, threads);
    two.threads = 2;
    wide_product(two);
    EXPECT_EQ(y, threads);
    EXPECT_TRUE(a.is_product(y, rows, in, out)) << rows << " " << in << " " << out;
  }
}

// Rows of x and y may be parts of wider arrays, of which the rest stays as it is; a bias may be absent; and
// what a row gives does not depend on the rows beside it.
TEST_P(Wide, RowsStandApart) {
  const std::int64_t rows = 37, in = 50, out = 20, x_row = 53, y_row = 24;
  const NarrowArrays a(rows, in, out);
  std::vector<float> close;
  NarrowProduct p = a.product(rows, in, out, close);
  p.bias = nullptr;
  wide_product(p);
  std::vector<float> x(static_cast<std::size_t>(rows * x_row), std::numeric_limits<float>::quiet_NaN()),
      y(static_cast<std::size_t>(rows * y_row), 3.0f);
  for (std::int64_t r = 0; r < rows; ++r) std::copy_n(a.x.begin() + r * in, in, x.begin() + r * x_row);
  for (const std::int64_t some : {rows, std::int64_t{1}}) {
    p.rows = some;
    p.x = x.data();
    p.x_row = x_row;
    p.y = y.data();
    p.y_row = y_row;
    wide_product(p);
    for (std::int64_t r = 0; r < rows; ++r) {
      EXPECT_TRUE(std::equal(close.begin() + r * out, close.begin() + (r + 1) * out, y.begin() + r * y_row));
      for (std::int64_t o = out; o < y_row; ++o) EXPECT_EQ(y[static_cast<std::size_t>(r * y_row + o)], 3.0f);
    }
  }
}

// Every bfloat16, one after another, by a row of 1: widening is exact.
TEST_P(Wide, WideningIsExact) {
  constexpr std::int64_t kAll = 1 << 16, kIn = 7;
  std::vector<std::uint16_t> weight(kAll * kIn, 0);
  for (std::int64_t o = 0; o < kAll; ++o)
    weight[static_cast<std::size_t>(o * kIn + o % kIn)] = static_cast<std::uint16_t>(o);
  const std::vector<float> x(kIn, 1.0f);
  std::vector<float> y(kAll);
  wide_product({1, kIn, kAll, x.data(), kIn, weight.data(), nullptr, y.data(), kAll, 1});
  for (std::size_t o = 0; o < y.size(); ++o) {
    const float exact = base::from_bfloat16(static_cast<std::uint16_t>(o));
    if (std::isnan(exact)) {
      ASSERT_TRUE(std::isnan(y[o])) << o;
    } else if (std::isnormal(exact)) {  // a target may take what is smaller for 0
      ASSERT_EQ(y[o], exact) << o;
    }
  }
}

}  // namespace
}  // namespace yore::mixers
