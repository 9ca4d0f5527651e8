// Matrices kept in bfloat16 against the same ones widened, in double.
#include "yore/mixers/common/linear_map.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <limits>

#include "yore/mixers/common/bfloat16_product.h"

namespace yore::mixers {
namespace {

// Few rows take one way, many another; matrices larger than what is widened at a time, widths that are no
// multiple of anything.
TEST(LinearMap, TakesMatricesInBfloat16) {
  at::manual_seed(3);
  for (const std::int64_t rows : {0, 1, 3, 8, 9, 40})
    for (const auto& [in, out] : {std::pair<std::int64_t, std::int64_t>{5, 7}, {33, 64}, {2048, 300}})
      for (const bool with_bias : {false, true}) {
        const at::Tensor x = at::randn({rows, in}), weight = at::randn({out, in}).to(at::kBFloat16),
                         bias = with_bias ? at::randn({out}) : at::Tensor();
        const at::Tensor y = linear_map(x, weight, bias), wide = weight.to(at::kDouble).t();
        ASSERT_EQ(y.scalar_type(), at::kFloat);
        ASSERT_EQ(y.sizes(), (at::IntArrayRef{rows, out}));
        at::Tensor exact = at::mm(x.to(at::kDouble), wide);
        // A sum of n terms in any order errs by at most (n + 1) half epsilons of the terms' sizes.
        at::Tensor bound = at::mm(x.to(at::kDouble).abs(), wide.abs());
        if (with_bias) {
          exact = exact + bias.to(at::kDouble);
          bound = bound + bias.to(at::kDouble).abs();
        }
        bound = bound * (static_cast<double>(in + 2) * std::numeric_limits<float>::epsilon() / 2);
        EXPECT_TRUE((y.to(at::kDouble) - exact).abs().le(bound).all().item<bool>()) << rows << " " << in;
      }
}

// Only while that is asked for, and only products of many rows.
TEST(LinearMap, RoundsRowsOnRequest) {
  if (bfloat16_units().empty()) {
    EXPECT_THROW(Bfloat16Rows(), std::invalid_argument);
    GTEST_SKIP() << "this processor has neither AMX nor AVX-512-BF16";
  }
  const at::Tensor x = at::randn({40, 33}), weight = at::randn({20, 33}).to(at::kBFloat16);
  const at::Tensor exact = linear_map(x, weight), few = linear_map(x.narrow(0, 0, 8), weight);
  {
    const Bfloat16Rows rounded;
    const at::Tensor y = linear_map(x, weight), wide = weight.to(at::kDouble).t();
    const at::Tensor bound = at::mm(x.to(at::kDouble).abs(), wide.abs()) *
                             (0x1p-9 + 35 * std::numeric_limits<float>::epsilon() / 2);
    EXPECT_TRUE((y.to(at::kDouble) - at::mm(x.to(at::kDouble), wide)).abs().le(bound).all().item<bool>());
    EXPECT_FALSE(at::equal(y, exact));
    EXPECT_TRUE(at::equal(linear_map(x.narrow(0, 0, 8), weight), few));
  }
  EXPECT_TRUE(at::equal(linear_map(x, weight), exact));
}

TEST(LinearMap, TakesRowsInAnyShape) {
  const at::Tensor x = at::randn({2, 3, 5}), weight = at::randn({4, 5}), bias = at::randn({4});
  const at::Tensor y = linear_map(x, weight, bias);
  ASSERT_EQ(y.sizes(), (at::IntArrayRef{2, 3, 4}));
  EXPECT_TRUE(at::equal(y[1], linear_map(x[1], weight, bias)));
}

TEST(LinearMap, RefusesWhatDoesNotFit) {
  const at::Tensor weight = at::zeros({3, 4}).to(at::kBFloat16);
  EXPECT_THROW(linear_map(at::zeros({2, 5}), weight), std::invalid_argument);
  EXPECT_THROW(linear_map(at::zeros({2, 4}).to(at::kDouble), weight), std::invalid_argument);
}

}  // namespace
}  // namespace yore::mixers
