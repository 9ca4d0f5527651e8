// ABC layers over many tokens.
#include <gtest/gtest.h>

#include "yore/mixers/common/layer_test_support.h"
#include "yore/mixers/state.h"

namespace yore::mixers {
namespace {

// What a token adds to a slot's sum is a few roundings of the sum in float, all to the same side here: summed
// up in float, these are a part of a thousand after some thousand tokens.
TEST(AbcLayer, SumsOfManyTokensAreThoseOfWholeSequences) {
  constexpr std::int64_t kManyTokens = 20000;
  const auto layer = make_mixer("abc", {1,
                                        {{"heads", 1},
                                         {"slots", 1},
                                         {"expand_k", 1.0},
                                         {"positions", "none"},
                                         {"norm", "none"},
                                         {"output_gate", false}}});
  std::vector<at::Tensor> values;
  for (const ParameterSpec& p : layer->parameters()) values.push_back(at::ones(p.shape, at::kFloat));
  layer->bind(values);
  const PackedRows rows = packed_rows({kManyTokens});
  at::Tensor x = at::full({kManyTokens, 1}, 0.01, at::kFloat);
  x[0] = 12;
  const at::Tensor whole = layer->forward(x, rows), steps = layer->advance(*layer->start({1, 0, 0}), x, rows);
  EXPECT_LT((steps - whole).abs().max().item<double>(), 1e-4);
}

}  // namespace
}  // namespace yore::mixers
