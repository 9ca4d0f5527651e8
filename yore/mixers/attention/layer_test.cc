// Options of the attention layer that cannot be meant.
#include <gtest/gtest.h>

#include "yore/base/error.h"
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
    MixerSetting setting{6, 2, 4, {{"lookback", {-1, 1}}}};
    setting.options[option] = value;
    return setting;
  };
  make_mixer("attention", with("strict", true));
  refused(with("window", 3), "attention.window: expected one of the options lookback, strict, positions");
  refused(with("lookback", base::Json::array({1})), "a list of 2 numbers, one a head, got [1]");
  refused(with("lookback", {1, -2}), "expected -1 (global) or at least 0");
  refused(with("lookback", {1, 1.5}), "whole numbers");
  refused(with("strict", 1), "true or false, got 1");
  refused(with("positions", "sinusoidal"), "none, rotary or alibi");
  refused({6, 2, 4, base::Json::object()}, "attention.lookback");
}

TEST(AttentionLayer, RefusesImpossibleShapes) {
  const base::Json options = {{"lookback", base::Json::array({-1})}};
  refused({0, 1, 4, options}, "attention.width: expected a positive number, got 0");
  refused({6, 0, 4, options}, "attention.heads");
  refused({6, 1, 0, options}, "attention.head_width: expected 1 to 256, got 0");
  refused({6, 1, 257, options}, "attention.head_width: expected 1 to 256, got 257");
  base::Json rotary = options;
  rotary["positions"] = "rotary";
  refused({6, 1, 3, rotary}, "an even number for rotary positions, got 3");
}

}  // namespace
}  // namespace yore::mixers
