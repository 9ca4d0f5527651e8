// Products with bfloat16 weights against sums in long double, on every target.
#include "yore/mixers/common/narrow_product.h"

#include "yore/mixers/common/narrow_test_support.h"

namespace yore::mixers {
namespace {

class Narrow : public OnEachTarget {};
INSTANTIATE_TEST_SUITE_P(Kernels, Narrow, ::testing::ValuesIn(kernels::available_targets()),
                         [](const auto& target) { return target.param; });

TEST_P(Narrow, IsTheSumInHighPrecision) {
  for (const std::int64_t rows : {1, 2, 3, 8})
    for (const std::int64_t in : {1, 3, 16, 31, 32, 33, 100, 576})
      for (const std::int64_t out : {1, 5, 64, 67, 130}) {
        const NarrowArrays a(rows, in, out);
        std::vector<float> y, threads;
        narrow_product(a.product(rows, in, out, y));
        NarrowProduct two = a.product(rows, in, out, threads);
        two.threads = 2;
        narrow_product(two);
        EXPECT_EQ(y, threads);
        EXPECT_TRUE(a.is_product(y, rows, in, out)) << rows << " " << in << " " << out;
      }
}

// What a row gives does not depend on the rows beside it, so that chunks and single tokens agree to the bit.
TEST_P(Narrow, RowsDoNotKnowOfEachOther) {
  const std::int64_t rows = 5, in = 70, out = 66;
  const NarrowArrays a(rows, in, out);
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

}  // namespace
}  // namespace yore::mixers
