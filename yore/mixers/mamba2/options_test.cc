// Options of Mamba-2 layers that cannot be meant, and where its parameters start.
#include "yore/mixers/mamba2/options.h"

#include <gtest/gtest.h>

#include "yore/base/error.h"

namespace yore::mixers {
namespace {

void mamba2_refused(std::int64_t width, const base::Json& options, const std::string& part) {
  try {
    complete_mamba2_options(width, options);
    ADD_FAILURE() << "accepted; expected an error with: " << part;
  } catch (const base::InputError& e) {
    EXPECT_NE(std::string(e.what()).find(part), std::string::npos) << e.what();
  }
}

TEST(Mamba2Options, RefusesWhatDoesNotFit) {
  mamba2_refused(
      16, base::Json::object(),
      "width 16: expand = 2 of it are 32 channels, which do not make 1 to 4096 heads of head_width "
      "64 (the default); expected a head_width that divides the channels, or 0 with heads=N");
  mamba2_refused(48, {{"head_width", 64}},
                 "96 channels, which do not make 1 to 4096 heads of head_width 64;");
  mamba2_refused(7, {{"head_width", 0}, {"heads", 4}},
                 "width 7: expand = 2 of it are 14, which 4 heads do not divide; expected a width that is a "
                 "multiple of 2, or heads=1 or 2 or 7 or 14");
  mamba2_refused(64, {{"head_width", 0}}, "head_width: expected 1 or more, or heads beside it");
  mamba2_refused(4096, {{"head_width", 0}, {"heads", 1}}, "head_width: expected 1 to 1024, found 8192");
  mamba2_refused(64, {{"heads", 4}}, "heads: expected 0 or 2: 128 channels in heads of 64, found 4");
  mamba2_refused(64, {{"groups", 3}}, "groups: expected a divisor of the 2 heads, found 3");
  mamba2_refused(64, {{"state", 0}}, "state: expected 1 to 1024, found 0");
  mamba2_refused(64, {{"conv", 1}}, "conv: expected 0 (none) or at least 2 tokens");
  mamba2_refused(64, {{"conv", 0}, {"conv_bias", false}}, "conv_bias: expected true with conv=0");
  mamba2_refused(64, {{"a_min", 20.0}}, "a_max: expected more than 0 and at least a_min = 20");
  mamba2_refused(64, {{"dt_max", 1e-4}}, "dt_max: expected at least dt_min = 0.001");
  mamba2_refused(64, {{"dt_least", 0.5}, {"dt_most", 0.25}},
                 "dt_most: expected 0 (no bound) or more than dt_least = 0.5");
  mamba2_refused(64, {{"norm", "layer"}}, "norm: expected one of group, whole, none");
  mamba2_refused(64, {{"norm", "none"}, {"norm_before_gate", true}},
                 "norm_before_gate: expected false with norm=none");
  mamba2_refused(64, {{"norm", "none"}, {"norm_epsilon", 0.1}}, "norm_epsilon: expected 1e-5 with norm=none");
}

TEST(Mamba2Options, HeadsAndTheirWidthFollowFromEachOther) {
  const base::Json by_heads = complete_mamba2_options(8, {{"head_width", 0}, {"heads", 4}});
  EXPECT_EQ(by_heads["head_width"], 4);
  EXPECT_EQ(complete_mamba2_options(8, {{"head_width", 4}})["heads"], 4);
  EXPECT_EQ(complete_mamba2_options(8, by_heads), by_heads);
}

TEST(Mamba2Options, PublishedShapesAndStarts) {
  // Width 2048: 64 heads of 64 channels, one B and C of 128 numbers.
  const Spec& spec = find_spec("mamba2");
  const MixerSetting setting{2048, spec.complete(2048, base::Json::object())};
  EXPECT_EQ(setting.options["heads"], 64);
  for (const ParameterSpec& p : spec.parameters(setting)) {
    if (p.name == "in.weight") {
      EXPECT_EQ(p.shape, (std::vector<std::int64_t>{2 * 4096 + 2 * 128 + 64, 2048}));
    }
    if (p.name == "conv.weight") {
      EXPECT_EQ(p.shape, (std::vector<std::int64_t>{4096 + 2 * 128, 4}));
    }
    if (p.name == "a_log") {
      EXPECT_EQ(p, (ParameterSpec{"a_log", {64}, Start::LogUniform, false, 1, 16}));
    }
    if (p.name == "dt.bias") {
      EXPECT_EQ(p, (ParameterSpec{"dt.bias", {64}, Start::SoftplusLogUniform, false, 0.001, 0.1}));
    }
  }
  EXPECT_EQ(spec.state_bytes(setting, 1), 4 * (64 * 64 * 128 + 3 * (4096 + 2 * 128)));
}

}  // namespace
}  // namespace yore::mixers
