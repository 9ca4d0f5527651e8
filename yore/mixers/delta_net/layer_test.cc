// DeltaNet layers where nothing comes in.
#include <gtest/gtest.h>

#include "yore/mixers/common/layer_test_support.h"

namespace yore::mixers {
namespace {

// A row of zeros makes keys and queries of zeros; their norm must not turn them into something else, or their
// gradients into what is no number.
TEST(DeltaNetLayer, KeysOfZerosStayZerosWithFiniteGradients) {
  for (const base::Json& options :
       {base::Json{{"heads", 2}}, base::Json{{"heads", 2}, {"conv", 0}},
        base::Json{{"heads", 2}, {"qk_activation", "relu"}, {"qk_norm", "sum"}}}) {
    const auto layer = make_mixer("delta_net", {8, options});
    Named parameters = random_parameters(*layer, 1);
    bind(*layer, parameters);
    const PackedRows rows = packed_rows({1, 20});
    at::Tensor x = random_numbers({21, 8}, 9);
    for (const std::int64_t row : {0, 5, 6, 7, 8, 20}) x[row].zero_();
    const Pass some = pass(*layer, parameters, x, rows);
    EXPECT_TRUE(finite(some)) << options.dump();
    EXPECT_TRUE(at::equal(some.y[0], at::zeros({8}, at::kDouble)));
    const Pass none = pass(*layer, parameters, at::zeros_like(x), rows);
    EXPECT_TRUE(finite(none)) << options.dump();
    EXPECT_TRUE(at::equal(none.y, at::zeros_like(x)));
  }
}

}  // namespace
}  // namespace yore::mixers
