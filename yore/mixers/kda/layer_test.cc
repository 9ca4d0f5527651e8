// Layers of Kimi delta attention as layers of the gated delta rule, and at the ends of their gates.
#include <gtest/gtest.h>

#include "yore/mixers/common/layer_test_support.h"

namespace yore::mixers {
namespace {

// Where all channels of a head decay alike, the low-rank map of the decays is one map: the product of its
// two.
TEST(KdaLayer, WithOneDecayForAllChannelsIsTheGatedDeltaRule) {
  const std::int64_t heads = 2, keys = 4;
  const base::Json sizes = {{"heads", heads}, {"head_dim", keys}, {"expand_v", 2.0}, {"output_gate", false}};
  const auto kda = make_mixer("kda", {8, sizes}), gated = make_mixer("gated_delta_net", {8, sizes});
  Named parameters = random_parameters(*kda, 1);
  const auto alike = [&](const at::Tensor& x) {
    return x.unsqueeze(1).expand({heads, keys, -1}).flatten(0, 1);
  };
  const at::Tensor out = random_numbers({heads, 8}, 20), bias = random_numbers({heads, 1}, 21);
  parameters["decay_out.weight"] = alike(out).contiguous();
  parameters["decay_out.bias"] = alike(bias).flatten().contiguous();
  parameters["decay.weight"] = at::mm(out, parameters["decay_in.weight"]);
  parameters["decay.bias"] = bias.flatten();
  bind(*kda, parameters);
  bind(*gated, parameters);
  const PackedRows rows = packed_rows({40, 1, 7});
  const at::Tensor x = random_numbers({48, 8}, 9);
  const Pass a = pass(*kda, parameters, x, rows), b = pass(*gated, parameters, x, rows);
  EXPECT_TRUE(at::allclose(a.y, b.y, 1e-12, 1e-12));
  EXPECT_TRUE(at::allclose(a.x, b.x, 1e-11, 1e-11));
  for (const char* name :
       {"qkv.weight", "conv.weight", "beta.weight", "log_rate", "out_norm.weight", "out.weight"})
    EXPECT_TRUE(at::allclose(a.parameters.at(name), b.parameters.at(name), 1e-11, 1e-11)) << name;
  EXPECT_TRUE(at::allclose(a.parameters.at("decay_out.bias").view({heads, keys}).sum(1),
                           b.parameters.at("decay.bias"), 1e-11, 1e-11));
}

TEST(KdaLayer, StaysFiniteAtTheEndsOfItsGate) {
  for (const double bound : {0.0, -5.0}) {
    const auto layer = make_mixer("kda", {8, {{"heads", 2}, {"head_dim", 4}, {"lower_bound", bound}}});
    Named parameters = random_parameters(*layer, 1);
    bind(*layer, parameters);
    const PackedRows rows = packed_rows({40, 1, 7});
    for (const double log_rate : {-1000.0, -100.0, 0.0, 100.0, 1000.0})
      for (const double size : {0.0, 1.0, 1e3, 1e6}) {
        {
          const at::NoGradGuard no_gradients;
          parameters["log_rate"].fill_(log_rate);
        }
        EXPECT_TRUE(finite(pass(*layer, parameters, random_numbers({48, 8}, 9) * size, rows)))
            << "bound " << bound << ", log rate " << log_rate << ", rows of size " << size;
      }
  }
}

}  // namespace
}  // namespace yore::mixers
