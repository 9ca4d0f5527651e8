// Products with bfloat16 weights against sums in long double, on every target.
#include "yore/mixers/common/narrow_product.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "yore/base/random.h"
#include "yore/kernels/targets.h"

namespace yore::mixers {
namespace {

using kernels::available_targets;
using kernels::choose_target;
using kernels::last_target;

float widened(std::uint16_t x) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(x) << 16);
}

class Narrow : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { choose_target(GetParam()); }
  void TearDown() override {
    EXPECT_EQ(last_target(), GetParam()) << "another target ran";
    choose_target("");
  }
};
INSTANTIATE_TEST_SUITE_P(Kernels, Narrow, ::testing::ValuesIn(available_targets()),
                         [](const auto& target) { return target.param; });

struct Arrays {
  std::vector<float> x, bias;
  std::vector<std::uint16_t> weight;
  Arrays(std::int64_t rows, std::int64_t in, std::int64_t out) {
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
};

TEST_P(Narrow, IsTheSumInHighPrecision) {
  for (const std::int64_t rows : {1, 2, 3, 8})
    for (const std::int64_t in : {1, 3, 16, 31, 32, 33, 100, 576})
      for (const std::int64_t out : {1, 5, 64, 67, 130}) {
        const Arrays a(rows, in, out);
        std::vector<float> y, threads;
        narrow_product(a.product(rows, in, out, y));
        NarrowProduct two = a.product(rows, in, out, threads);
        two.threads = 2;
        narrow_product(two);
        EXPECT_EQ(y, threads);
        for (std::int64_t r = 0; r < rows; ++r)
          for (std::int64_t o = 0; o < out; ++o) {
            long double sum = a.bias[static_cast<std::size_t>(o)], size = std::abs(sum);
            for (std::int64_t i = 0; i < in; ++i) {
              const long double term =
                  static_cast<long double>(a.x[static_cast<std::size_t>(r * in + i)]) *
                  static_cast<long double>(widened(a.weight[static_cast<std::size_t>(o * in + i)]));
              sum += term;
              size += std::abs(term);
            }
            // A sum of n terms in any order errs by at most (n - 1) half epsilons of the terms' sizes.
            const long double bound =
                static_cast<long double>(in + 1) * std::numeric_limits<float>::epsilon() / 2 * size;
            ASSERT_NEAR(static_cast<double>(y[static_cast<std::size_t>(r * out + o)]),
                        static_cast<double>(sum), static_cast<double>(bound))
                << rows << " " << in << " " << out;
          }
      }
}

// What a row gives does not depend on the rows beside it, so that chunks and single tokens agree to the bit.
TEST_P(Narrow, RowsDoNotKnowOfEachOther) {
  const std::int64_t rows = 5, in = 70, out = 66;
  const Arrays a(rows, in, out);
  std::vector<float> all, one;
  narrow_product(a.product(rows, in, out, all));
  for (std::int64_t r = 0; r < rows; ++r) {
    NarrowProduct p = a.product(1, in, out, one);
    p.x += r * in;
    p.bias = a.bias.data();
    narrow_product(p);
    EXPECT_TRUE(std::equal(one.begin(), one.end(), all.begin() + r * out));
  }
}

TEST_P(Narrow, WideningIsExact) {
  std::vector<std::uint16_t> from(1 << 16);
  for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<std::uint16_t>(i);
  std::vector<float> to(from.size() + 1, 3.0f);
  const auto count = static_cast<std::int64_t>(from.size()) - 3;
  widen(from.data(), count, to.data());
  for (std::size_t i = 0; i + 3 < from.size(); ++i)
    ASSERT_EQ(std::bit_cast<std::uint32_t>(to[i]), static_cast<std::uint32_t>(i) << 16);
  EXPECT_EQ(to[from.size() - 3], 3.0f) << "nothing is written beyond";
}

}  // namespace
}  // namespace yore::mixers
