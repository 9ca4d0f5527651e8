// Options of the attention layer that cannot be meant, and what V-scale's control promises.
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "yore/base/error.h"
#include "yore/base/test_refusal.h"
#include "yore/mixers/common/layer_test_support.h"
#include "yore/mixers/mixer.h"

namespace yore::mixers {
namespace {

void refused(const MixerSetting& setting, const std::string& part) {
  try {
    make_mixer("attention", setting);
    ADD_FAILURE() << "made; expected an error with: " << part;
  } catch (const base::InputError& e) {
    EXPECT_NE(std::string(e.what()).find(part), std::string::npos) << e.what();
  }
}

TEST(AttentionLayer, RefusesOptionsByName) {
  const auto with = [](const std::string& option, const base::Json& value) {
    MixerSetting setting{6, {{"heads", 2}, {"head_width", 4}, {"lookback", {-1, 1}}}};
    setting.options[option] = value;
    return setting;
  };
  make_mixer("attention", with("strict", true));
  refused(with("windw", 3), "unknown option \"windw\"; did you mean window?");
  refused(with("window", 3), "window or lookback, not both");
  refused(with("lookback", base::Json::array({1})), "a list of 2 numbers, one a head, found [1]");
  refused(with("lookback", {1, -2}), "whole numbers of -1 (global) to 1000000000");
  refused(with("lookback", {1, 1.5}), "whole numbers");
  refused(with("strict", 1), "true or false, found 1");
  refused(with("positions", "sinusoidal"), "one of none, rotary, alibi");
}

TEST(AttentionLayer, RefusesImpossibleShapes) {
  refused({6, {{"heads", 0}}}, "heads: expected 1 to 4096, found 0");
  refused({6, {{"heads", 4}}}, "width 6: 4 heads do not divide; expected");
  refused({6, {{"heads", 1}, {"head_width", 257}}}, "head_width: expected 1 to 256, found 257");
  refused(
      {3, {{"heads", 1}, {"positions", "rotary"}}},
      "width 3: 1 head does not divide into multiples of 2; expected a width that is a multiple of 2, or an "
      "even head_width");
  refused({6, {{"heads", 2}, {"window", 3}, {"strict", true}}}, "strict=false");
}

TEST(AttentionLayer, AWindowCountsThePositionItself) {
  EXPECT_EQ(make_mixer("attention", {6, {{"heads", 2}, {"window", 3}}})->setting().options,
            make_mixer("attention", {6, {{"heads", 2}, {"lookback", 2}}})->setting().options);
}

// The control of V-scale: every way through the layer gives the bits of a layer without it; only gradients
// differ.
TEST(AttentionLayer, ValuesScaledBackwardOnlyAreTheBitsOfNone) {
  const PackedRows rows = packed_rows({5, 3, 9});
  for (const base::Json& more : {base::Json::object(), base::Json{{"kv_heads", 2}, {"positions", "rotary"}},
                                 base::Json{{"lookback", 2}}})
    for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
      const auto with = [&](const char* scale) {
        base::Json options = {{"heads", 4}, {"head_width", 6}, {"value_scale", scale}};
        options.update(more);
        return make_mixer("attention", {10, options});
      };
      const auto off = with("off"), control = with("backward_only");
      Named all = random_parameters(*off, 1);
      for (auto& [name, value] : all) value = value.to(type);
      bind(*off, all);
      bind(*control, all);
      const at::Tensor x = random_numbers({17, 10}, 9).to(type);
      const Pass a = pass(*off, all, x, rows), b = pass(*control, all, x, rows);
      EXPECT_TRUE(at::equal(a.y, b.y));
      EXPECT_FALSE(at::allclose(a.x, b.x));
      EXPECT_TRUE(at::equal(a.parameters.at("out.weight"), b.parameters.at("out.weight")));
      EXPECT_TRUE(at::equal(off->forward_last(x, rows), control->forward_last(x, rows)));
      const auto s = off->start({3}), t = control->start({3});
      EXPECT_TRUE(at::equal(off->advance(*s, x, rows), control->advance(*t, x, rows)));
    }
}

TEST(AttentionEncoder, RefusesWhatNeedsAPast) {
  const auto layer = make_mixer("attention", {4, find_spec("attention").complete(4, {{"mask", "none"}})});
  EXPECT_TRUE(base::refused([&] { layer->start({1, 0, 0}); }, "cannot go on token by token"));
}

}  // namespace
}  // namespace yore::mixers
