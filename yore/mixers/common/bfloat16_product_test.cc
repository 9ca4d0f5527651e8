// Products of rounded rows with bfloat16 weights against sums in long double, on every unit there is.
#include "yore/mixers/common/bfloat16_product.h"

#include "yore/mixers/common/narrow_test_support.h"

namespace yore::mixers {
namespace {

// Less and more than a panel's rows, the rows that are packed at once, and the outputs and inputs of a block;
// an odd number of inputs has half a pair at its end.
TEST(Bfloat16Product, IsTheSumOfRoundedRows) {
  if (bfloat16_units().empty()) GTEST_SKIP() << "this processor has neither AMX nor AVX-512-BF16";
  for (const Bfloat16Unit unit : bfloat16_units())
    for (const auto& [rows, in, out] : std::vector<std::array<std::int64_t, 3>>{{1, 1, 1},
                                                                                {9, 3, 5},
                                                                                {31, 16, 12},
                                                                                {32, 33, 49},
                                                                                {33, 64, 64},
                                                                                {70, 513, 33},
                                                                                {12, 1100, 100},
                                                                                {256, 15, 7},
                                                                                {300, 48, 70}}) {
      NarrowArrays a(rows, in, out);
      std::vector<float> y, threads;
      bfloat16_product(a.product(rows, in, out, y), unit);
      NarrowProduct two = a.product(rows, in, out, threads);
      two.threads = 2;
      bfloat16_product(two, unit);
      EXPECT_EQ(y, threads);
      // Eight significant bits: rounding to nearest changes a number by at most 2^-8 of it.
      EXPECT_TRUE(a.is_product(y, rows, in, out, 0x1p-8L)) << rows << " " << in << " " << out;
      for (float& x : a.x) x = base::from_bfloat16(base::to_bfloat16(x));
      EXPECT_TRUE(a.is_product(y, rows, in, out)) << "rounded: " << rows << " " << in << " " << out;
    }
}

// What is beside the rows, and behind the weights, stays out of it, whatever it is.
TEST(Bfloat16Product, RowsStandApart) {
  if (bfloat16_units().empty()) GTEST_SKIP() << "this processor has neither AMX nor AVX-512-BF16";
  const std::int64_t rows = 37, in = 50, out = 20, x_row = 53, y_row = 24;
  for (const Bfloat16Unit unit : bfloat16_units()) {
    NarrowArrays a(rows, in, out);
    std::vector<float> close;
    NarrowProduct p = a.product(rows, in, out, close);
    p.bias = nullptr;
    bfloat16_product(p, unit);
    a.weight.resize(a.weight.size() + 100, 0x7FC0);  // not numbers
    p.weight = a.weight.data();
    std::vector<float> x(static_cast<std::size_t>(rows * x_row), std::numeric_limits<float>::quiet_NaN()),
        y(static_cast<std::size_t>(rows * y_row), 3.0f);
    for (std::int64_t r = 0; r < rows; ++r) std::copy_n(a.x.begin() + r * in, in, x.begin() + r * x_row);
    p.x = x.data();
    p.x_row = x_row;
    p.y = y.data();
    p.y_row = y_row;
    bfloat16_product(p, unit);
    for (std::int64_t r = 0; r < rows; ++r) {
      EXPECT_TRUE(std::equal(close.begin() + r * out, close.begin() + (r + 1) * out, y.begin() + r * y_row));
      for (std::int64_t o = out; o < y_row; ++o) EXPECT_EQ(y[static_cast<std::size_t>(r * y_row + o)], 3.0f);
    }
  }
}

TEST(Bfloat16Product, RefusesUnitsThatAreNotThere) {
  const std::vector<Bfloat16Unit> units = bfloat16_units();
  for (const Bfloat16Unit unit : {Bfloat16Unit::Tiles, Bfloat16Unit::Vectors})
    if (std::find(units.begin(), units.end(), unit) == units.end()) {
      EXPECT_THROW(bfloat16_product({}, unit), std::invalid_argument);
    } else {
      EXPECT_NO_THROW(bfloat16_product({}, unit)) << "no rows";
    }
}

}  // namespace
}  // namespace yore::mixers
