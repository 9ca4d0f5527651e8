// Layers of the gated delta rule whose gate never closes, or at once.
#include <gtest/gtest.h>

#include <limits>

#include "yore/mixers/common/layer_test_support.h"

namespace yore::mixers {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Rates of 0 are decays of 1: a DeltaNet layer with the same parameters, to the bit.
TEST(GatedDeltaNetLayer, WithoutDecayIsDeltaNetToTheBit) {
  const auto gated = make_mixer(
      "gated_delta_net", {8, {{"heads", 2}, {"head_dim", 4}, {"expand_v", 1.0}, {"output_gate", true}}});
  const auto plain = make_mixer("delta_net", {8, {{"heads", 2}, {"output_gate", true}}});
  Named parameters = random_parameters(*gated, 1);
  parameters["log_rate"].fill_(-kInfinity);
  bind(*gated, parameters);
  bind(*plain, parameters);
  const PackedRows rows = packed_rows({40, 1, 7});
  const at::Tensor x = random_numbers({48, 8}, 9);
  const Pass a = pass(*gated, parameters, x, rows), b = pass(*plain, parameters, x, rows);
  EXPECT_TRUE(at::equal(a.y, b.y));
  EXPECT_TRUE(at::equal(a.x, b.x));
  for (const auto& [name, gradient] : b.parameters)
    EXPECT_TRUE(at::equal(a.parameters.at(name), gradient)) << name;
  EXPECT_TRUE(finite(a));
}

// Rates and rows that are far out: decays of 1 and 0 side by side, and numbers everywhere.
TEST(GatedDeltaNetLayer, StaysFiniteAtTheEndsOfItsGate) {
  const auto layer = make_mixer("gated_delta_net", {8, {{"heads", 2}, {"head_dim", 4}}});
  Named parameters = random_parameters(*layer, 1);
  bind(*layer, parameters);
  const PackedRows rows = packed_rows({40, 1, 7});
  for (const double log_rate : {-kInfinity, -100.0, 0.0, 100.0, 1000.0})
    for (const double size : {0.0, 1.0, 1e3, 1e6}) {
      {
        const at::NoGradGuard no_gradients;
        parameters["log_rate"].fill_(log_rate);
      }
      EXPECT_TRUE(finite(pass(*layer, parameters, random_numbers({48, 8}, 9) * size, rows)))
          << "log rate " << log_rate << ", rows of size " << size;
    }
}

}  // namespace
}  // namespace yore::mixers
