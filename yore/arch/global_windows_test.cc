// Which heads become windows, and what is refused. What such a model computes is the same description's
// business as any other's (conformance tests of attention).
#include "yore/arch/global_windows.h"

#include <gtest/gtest.h>

#include "yore/arch/options.h"
#include "yore/base/test_refusal.h"

namespace yore::arch {
namespace {

Model model_of(const std::string& mixer, const std::string& positions = "none") {
  ModelOptions c;
  c.attention = ModelOptions{}.attention;
  c.mixer = mixer;
  c.width = 8;
  c.heads = 2;
  c.mlp_width = 12;
  c.positions = positions;
  return expand(c, 5, ReadOutKind::Vocabulary);
}

TEST(GlobalWindows, EveryGlobalHeadAndNothingElse) {
  const Model model = model_of("attention:strict=false/attention:lookback=[-1,3]/gla/attention:lookback=2");
  const Model changed = with_global_windows(model, 7, 0);
  EXPECT_EQ(changed.blocks[0].mixer.options["lookback"], Json::parse("[6,6]"));
  EXPECT_EQ(changed.blocks[1].mixer.options["lookback"], Json::parse("[7,3]"));  // strict: not itself
  Model back = changed;
  back.blocks[0].mixer.options["lookback"] = Json::parse("[-1,-1]");
  back.blocks[1].mixer.options["lookback"] = Json::parse("[-1,3]");
  EXPECT_EQ(back, model);
  // Both know what they cost: the window does not grow.
  EXPECT_EQ(state_bytes(changed, 1000), state_bytes(changed, 100000));
  EXPECT_LT(state_bytes(model, 1000), state_bytes(model, 100000));
}

TEST(GlobalWindows, SinksStay) {
  const Model changed = with_global_windows(model_of("attention/attention:lookback=2", "rotary"), 4, 3);
  EXPECT_EQ(changed.blocks[0].mixer.options["sinks"], 3);
  EXPECT_EQ(changed.blocks[1].mixer.options["sinks"], 0);
}

TEST(GlobalWindows, AFullCacheIsWhatGlobalHeadsKeep) {
  const Model windows = model_of("attention:window=3,strict=false,sinks=1/gla", "rotary"),
              global = model_of("attention:strict=false/gla", "rotary");
  EXPECT_EQ(with_full_caches(windows), global);
  EXPECT_EQ(with_full_caches(with_global_windows(global, 9, 2)), global);
}

TEST(GlobalWindows, Refusals) {
  const Model plain = model_of("attention"), beside = model_of("attention:lookback=[-1,3]");
  using base::refused;
  EXPECT_TRUE(refused([&] { with_global_windows(plain, 0, 0); },
                      "--window-global: expected 1 to 1000000000, found 0"));
  EXPECT_TRUE(refused([&] { with_global_windows(plain, 1, -1); }, "--sinks: expected 0 to 1000000000"));
  EXPECT_TRUE(refused([&] { with_global_windows(model_of("gla/attention:lookback=2"), 4, 0); },
                      "--window-global: the model (gla/attention) has no global attention head"));
  EXPECT_TRUE(refused([&] { with_global_windows(beside, 4, 1); }, "--sinks: layer 0 has heads with"));
  with_global_windows(beside, 4, 0);
  const Model alibi = model_of("attention", "alibi");
  EXPECT_TRUE(refused([&] { with_global_windows(alibi, 4, 1); }, "--sinks: layer 0 has ALiBi"));
  with_global_windows(alibi, 4, 0);
  ModelOptions encoder;
  encoder.strict = false;
  encoder.mixer = "attention:mask=none";
  EXPECT_TRUE(refused([&] { with_global_windows(expand(encoder, 4, ReadOutKind::Accept), 4, 0); },
                      "--window-global: layer 0 has mask=none"));
}

}  // namespace
}  // namespace yore::arch
