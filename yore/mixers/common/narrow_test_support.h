// For tests of products with matrices in bfloat16.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "yore/base/bfloat16.h"
#include "yore/base/random.h"
#include "yore/kernels/targets.h"
#include "yore/mixers/common/narrow_product.h"

namespace yore::mixers {

/// A test whose parameter is the SIMD target that its kernels must have run on.
class OnEachTarget : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { kernels::choose_target(GetParam()); }
  void TearDown() override {
    EXPECT_EQ(kernels::last_target(), GetParam()) << "another target ran";
    kernels::choose_target("");
  }
};

/// Random operands of a product.
struct NarrowArrays {
  std::vector<float> x, bias;
  std::vector<std::uint16_t> weight;
  NarrowArrays(std::int64_t rows, std::int64_t in, std::int64_t out) {
    base::Random random(7);
    const auto draw = [&] { return static_cast<float>(random.uniform() * 2 - 1); };
    for (std::int64_t i = 0; i < rows * in; ++i) x.push_back(draw());
    for (std::int64_t i = 0; i < out; ++i) bias.push_back(draw());
    for (std::int64_t i = 0; i < in * out; ++i)
      weight.push_back(static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(draw()) >> 16));
  }
  NarrowProduct product(std::int64_t rows, std::int64_t in, std::int64_t out, std::vector<float>& y) const {
    y.assign(static_cast<std::size_t>(rows * out), std::numeric_limits<float>::quiet_NaN());
    return {rows, in, out, x.data(), in, weight.data(), bias.data(), y.data(), out, 1};
  }
  /// Whether y [rows, out] is that product: a sum of n terms in any order errs by at most (n - 1) half
  /// epsilons of the terms' sizes, here by `more` of them besides.
  ::testing::AssertionResult is_product(const std::vector<float>& y, std::int64_t rows, std::int64_t in,
                                        std::int64_t out, long double more = 0) const {
    const auto at = [](std::int64_t i) { return static_cast<std::size_t>(i); };
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t o = 0; o < out; ++o) {
        long double sum = bias[at(o)], size = std::abs(sum);
        for (std::int64_t i = 0; i < in; ++i) {
          const long double term =
              static_cast<long double>(x[at(r * in + i)]) * base::from_bfloat16(weight[at(o * in + i)]);
          sum += term;
          size += std::abs(term);
        }
        const long double bound =
            static_cast<long double>(in + 1) * std::numeric_limits<float>::epsilon() / 2 * size + more * size;
        if (!(std::abs(static_cast<long double>(y[at(r * out + o)]) - sum) <= bound))
          return ::testing::AssertionFailure() << "row " << r << ", output " << o << ": "
                                               << y[at(r * out + o)] << " for " << static_cast<double>(sum);
      }
    return ::testing::AssertionSuccess();
  }
};

}  // namespace yore::mixers
