// Options of attention without torch: one canonical form, what follows from it, what cannot be meant.
#include "yore/mixers/attention/options.h"

#include <gtest/gtest.h>

#include <cmath>

#include "yore/base/test_refusal.h"
#include "yore/mixers/common/alibi.h"

namespace yore::mixers {
namespace {

using base::Json;

const Spec& spec() {
  return find_spec("attention");
}

TEST(AttentionOptions, AreCompleteAndOfOneForm) {
  const Json full = spec().complete(6, {{"heads", 2}, {"lookback", 3}, {"strict", true}});
  EXPECT_EQ(full, (Json{{"heads", 2},
                        {"kv_heads", 2},
                        {"head_width", 3},
                        {"lookback", {3, 3}},
                        {"strict", true},
                        {"positions", "none"},
                        {"rotary_base", 10000.0},
                        {"rotary_fraction", 1.0},
                        {"rotary_style", "half"},
                        {"rotary_scaling", "none"},
                        {"bias", true},
                        {"out_bias", true},
                        {"qk_norm", "none"},
                        {"qk_norm_epsilon", 1e-6},
                        {"scale", 1 / std::sqrt(3.0)},
                        {"soft_cap", 0.0},
                        {"sinks", 0},
                        {"sink_logits", false}}));
  // Two ways to say one thing.
  const std::pair<Json, Json> same[] = {
      {{{"window", 3}}, {{"lookback", 2}}},
      {{{"bias", false}}, {{"bias", false}, {"out_bias", false}}},
      {{{"kv_heads", 0}}, {{"kv_heads", 4}}},
      {{{"scale", 1}}, {{"scale", 1.0}}},
      {{{"scale", 0}}, {{"scale", 1 / std::sqrt(2.0)}}},
      {{{"positions", "rotary"}, {"rotary_base", 500}}, {{"positions", "rotary"}, {"rotary_base", 500.0}}},
      {{{"value_scale", "off"}}, Json::object()},
      {{{"value_scale", "on"}}, {{"value_scale", "on"}, {"value_scale_sigma", 1 / std::sqrt(24.0)}}},
      {{{"mask", "causal"}, {"weights", "softmax"}}, Json::object()},
      {{{"mask", "none"}}, {{"mask", "none"}, {"weights", "softmax"}}},
      {{{"positions", "rotary"}, {"rotary_scaling", "yarn:[4,2048]"}},
       {{"positions", "rotary"}, {"rotary_scaling", "yarn:4,2048,32,1"}}},
  };
  for (const auto& [a, b] : same) {
    EXPECT_EQ(spec().complete(8, a).dump(), spec().complete(8, b).dump());
    EXPECT_EQ(spec().complete(8, spec().complete(8, a)).dump(), spec().complete(8, a).dump());  // unchanged
  }
}

TEST(AttentionOptions, ThatCannotBeMeantAreRefusedByName) {
  const auto refused = [](const Json& options, const std::string& part) {
    EXPECT_TRUE(base::refused([&] { spec().complete(16, options); }, part)) << options;
  };
  refused({{"kv_heads", 3}}, "kv_heads: expected a divisor of the 4 heads, found 3");
  refused({{"kv_heads", 8}}, "kv_heads: expected a divisor");
  refused({{"kv_heads", -1}}, "kv_heads: expected a divisor");
  refused({{"rotary_base", 500.0}}, "rotary_base: expected positions=rotary beside it");
  refused({{"rotary_scaling", "linear:2"}, {"positions", "alibi"}},
          "rotary_scaling: expected positions=rotary");
  refused({{"positions", "rotary"}, {"rotary_base", 1}}, "rotary_base: expected more than 1, found 1");
  refused({{"positions", "rotary"}, {"rotary_fraction", 0}}, "rotary_fraction: expected more than 0");
  refused({{"positions", "rotary"}, {"rotary_fraction", 0.3}}, "an even number of dims, found 0.3");
  refused({{"positions", "rotary"}, {"rotary_fraction", 0.25}}, "an even number of dims, found 0.25");
  refused({{"positions", "rotary"}, {"rotary_style", "adjacnt"}}, "did you mean adjacent?");
  refused({{"positions", "rotary"}, {"rotary_scaling", "ntk:2"}}, "expected none, linear:FACTOR");
  refused({{"bias", "qkv"}}, "bias: expected true or false");
  refused({{"out_bias", "no"}}, "out_bias: expected true or false, found \"no\"");
  refused({{"qk_norm", "layer"}}, "qk_norm: expected one of none, rms, rms+1");
  refused({{"qk_norm_epsilon", 0.1}}, "qk_norm_epsilon: expected a qk_norm beside it");
  refused({{"qk_norm", "rms"}, {"qk_norm_epsilon", -1.0}}, "qk_norm_epsilon: expected at least 0");
  refused({{"scale", -1.0}}, "scale: expected more than 0");
  refused({{"scale", std::numeric_limits<double>::infinity()}}, "scale: expected more than 0");
  refused({{"soft_cap", -50.0}}, "soft_cap: expected 0 (none) or 1e-30 to 1e30, found -50.0");
  refused({{"sinks", 2}}, "sinks: expected 0 where every head is global");
  refused({{"sinks", -2}, {"lookback", 1}}, "sinks: expected 0 to 1000000000");
  refused({{"lookback", ~std::uint64_t{0}}}, "lookback: expected whole numbers of -1 (global) to 1000000000");
  refused({{"window", 2'000'000'000}}, "window: expected 1 to 1000000000, found 2000000000");
  refused({{"sink_logits", 1}}, "sink_logits: expected true or false");
  refused({{"weights", "hard"}}, "weights: expected softmax, or hard together with mask=none");
  refused({{"mask", "non"}}, "mask: expected one of causal, none");
  refused({{"mask", "none"}, {"lookback", 3}}, "lookback: expected global beside mask=none");
  refused({{"mask", "none"}, {"strict", true}}, "strict: expected false beside mask=none");
  refused({{"mask", "none"}, {"positions", "alibi"}}, "positions: expected none beside mask=none");
  refused({{"mask", "none"}, {"sink_logits", true}}, "sink_logits: expected false beside mask=none");
  refused({{"mask", "none"}, {"soft_cap", 5.0}}, "soft_cap: expected 0 beside mask=none");
  refused({{"value_scale", "backward"}}, "value_scale: expected one of off, on, backward_only");
  refused({{"value_scale_sigma", 0.1}}, "value_scale_sigma: expected a value_scale beside it");
  refused({{"value_scale", "on"}, {"value_scale_sigma", -1.0}}, "value_scale_sigma: expected 0 or 1e-15");
}

std::vector<std::pair<std::string, std::vector<std::int64_t>>> shapes(std::int64_t width,
                                                                      const Json& options) {
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> list;
  for (const ParameterSpec& p : spec().parameters({width, options})) list.emplace_back(p.name, p.shape);
  return list;
}

// width head_width sigma^2: for the default sigma a third of the head's width.
TEST(AttentionOptions, TheConstantOfValueScale) {
  const auto constant = [](const Json& options) {
    return read_attention_options({12, spec().complete(12, options)}).value_scale_constant;
  };
  EXPECT_NEAR(constant({{"heads", 2}, {"value_scale", "on"}}), 2.0, 1e-15);
  EXPECT_NEAR(constant({{"heads", 4}, {"value_scale", "backward_only"}, {"value_scale_sigma", 0.5}}), 9.0,
              1e-14);
}

TEST(AttentionOptions, ParametersFollow) {
  using Shapes = decltype(shapes(0, {}));
  EXPECT_EQ(shapes(6, {{"heads", 2}}),
            (Shapes{{"qkv.weight", {18, 6}}, {"qkv.bias", {18}}, {"out.weight", {6, 6}}, {"out.bias", {6}}}));
  EXPECT_EQ(shapes(6, {{"heads", 4}, {"kv_heads", 2}, {"head_width", 5}, {"out_bias", false}}),
            (Shapes{{"qkv.weight", {40, 6}}, {"qkv.bias", {40}}, {"out.weight", {6, 20}}}));
  EXPECT_EQ(shapes(6, {{"heads", 2}, {"bias", false}, {"qk_norm", "rms"}, {"sink_logits", true}}),
            (Shapes{{"qkv.weight", {18, 6}},
                    {"out.weight", {6, 6}},
                    {"q_norm.weight", {3}},
                    {"k_norm.weight", {3}},
                    {"sink_logits", {2}}}));
  const Shapes two = {{"qkv.weight", {12, 6}}, {"out.weight", {6, 6}}};
  const auto with = [](const char* scale) {
    return shapes(6, {{"heads", 2}, {"kv_heads", 1}, {"bias", false}, {"value_scale", scale}});
  };
  EXPECT_EQ(with("on"), (Shapes{two[0], two[1], {"value_scale.theta", {1}}}));
  EXPECT_EQ(with("backward_only"), two);
  for (const auto& [norm, start] : {std::pair{"rms", Start::One}, {"rms+1", Start::Zero}})
    EXPECT_EQ(spec().parameters({6, {{"heads", 2}, {"qk_norm", norm}}})[4].start, start);
}

// By hand, 100 tokens: key head 0 serves lookbacks 3 and 20, key head 1 a global head.
TEST(AttentionOptions, StateAndCostCountKeyHeads) {
  const Json options = {
      {"heads", 4}, {"kv_heads", 2}, {"head_width", 8}, {"lookback", {3, 20, -1, 7}}, {"sinks", 5}};
  EXPECT_EQ(spec().state_bytes({32, options}, 100), (20 + 5 + 100) * 2 * 8 * 4);
  EXPECT_EQ(spec().state_bytes({32, options}, 4), (4 + 4 + 4) * 2 * 8 * 4);
  // Two maps of 32 numbers, two of 16; at position 50 each head's window, itself and (but for the global one)
  // the sinks.
  EXPECT_EQ(spec().flops({32, options}, 50),
            2.0 * 32 * (32 + 16 + 16 + 32) + (3 + 20 + 50 + 7 + 4 + 3 * 5) * 4.0 * 8);
  EXPECT_EQ(spec().flops({32, options}, 2), 2.0 * 32 * (32 + 16 + 16 + 32) + (4 * 2 + 4) * 4.0 * 8);
}

// Powers of two as ever. 12 heads as in Press et al.'s program: 8 slopes 1/2, 1/4 .. 1/256, then 2^-0.5,
// 2^-1.5, 2^-2.5, 2^-3.5.
TEST(AttentionOptions, SlopesOfAnyNumberOfHeads) {
  EXPECT_EQ(alibi_slopes(1), (std::vector<double>{std::exp2(-8)}));
  EXPECT_EQ(alibi_slopes(4), (std::vector<double>{0.25, 0.0625, 0.015625, 0.00390625}));
  const std::vector<double> twelve = alibi_slopes(12);
  ASSERT_EQ(twelve.size(), 12u);
  for (int h = 0; h < 8; ++h) EXPECT_EQ(twelve[static_cast<std::size_t>(h)], std::exp2(-(h + 1)));
  for (int h = 0; h < 4; ++h) EXPECT_DOUBLE_EQ(twelve[static_cast<std::size_t>(8 + h)], std::exp2(-0.5 - h));
  EXPECT_EQ(alibi_slopes(3), (std::vector<double>{0.0625, 0.00390625, 0.25}));
}

}  // namespace
}  // namespace yore::mixers
