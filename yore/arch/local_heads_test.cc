// Which heads become local, and what is refused.
#include "yore/arch/local_heads.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "yore/arch/options.h"
#include "yore/base/test_refusal.h"

namespace yore::arch {
namespace {

Model layers_of(const std::string& mixer, const std::string& positions = "none") {
  ModelOptions c;
  c.attention = ModelOptions{}.attention;
  c.mixer = mixer;
  c.width = 8;
  c.heads = 2;
  c.mlp_width = 12;
  c.positions = positions;
  return expand(c, 5, ReadOutKind::Vocabulary);
}

TEST(LocalHeads, TheGlobalOnesAreFound) {
  const Model model = layers_of("attention/gla/attention:lookback=[3,-1]/attention:lookback=2");
  EXPECT_EQ(global_heads(model), (std::vector<HeadPlace>{{0, 0}, {0, 1}, {2, 1}}));
}

TEST(LocalHeads, ThoseAndNothingElse) {
  const Model model = layers_of("attention:strict=false/attention", "rotary");
  const Model changed = with_local_heads(model, {{0, 1}, {1, 0}}, 7, 2);
  EXPECT_EQ(changed.blocks[0].mixer.options["lookback"], Json::parse("[-1,6]"));
  EXPECT_EQ(changed.blocks[1].mixer.options["lookback"], Json::parse("[7,-1]"));  // strict: not itself
  EXPECT_EQ(changed.blocks[0].mixer.options["sinks"], 2);
  EXPECT_EQ(with_local_heads(model, {{0, 0}, {0, 1}}, 7, 2).blocks[1], model.blocks[1]);
  EXPECT_EQ(with_local_heads(model, {}, 7, 2), model);
  EXPECT_LT(state_bytes(changed, 1000), state_bytes(model, 1000));
}

TEST(LocalHeads, Refusals) {
  using base::refused;
  const Model plain = layers_of("attention"), beside = layers_of("attention:lookback=[-1,3]");
  EXPECT_TRUE(
      refused([&] { with_local_heads(plain, {}, 0, 0); }, "--window: expected 1 to 1000000000, found 0"));
  EXPECT_TRUE(refused([&] { with_local_heads(plain, {}, 4, -1); }, "--sinks: expected 0 to 1000000000"));
  EXPECT_TRUE(refused([&] { with_local_heads(beside, {{0, 0}}, 4, 1); }, "--sinks: layer 0 has heads with"));
  EXPECT_TRUE(refused([&] { with_local_heads(layers_of("attention", "alibi"), {{0, 0}}, 4, 1); }, "ALiBi"));
  // Sinks that a layer has are those of the heads made local, too.
  const Model sinks = layers_of("attention:lookback=[-1,3],sinks=3");
  for (const int other : {0, 2})
    EXPECT_TRUE(refused(
        [&] {
          with_local_heads(sinks, {{0, 0}}, 4, other);
        },
        "--sinks: expected 3, found " + std::to_string(other)));
  EXPECT_EQ(with_local_heads(sinks, {{0, 0}}, 4, 3).blocks[0].mixer.options["sinks"], 3);
  EXPECT_THROW(with_local_heads(beside, {{0, 1}}, 4, 0), std::invalid_argument);
  EXPECT_THROW(with_local_heads(plain, {{3, 0}}, 4, 0), std::invalid_argument);
}

}  // namespace
}  // namespace yore::arch
