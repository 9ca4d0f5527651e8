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
      "head_width: expected a divisor of expand x width = 32 channels, 1 to 4096 times in it, found 64");
  mamba2_refused(48, base::Json::object(), "head_width: expected a divisor of expand x width = 96 channels");
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
