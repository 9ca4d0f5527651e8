// Options of blurry windows: one form, and what cannot be meant.
#include "yore/mixers/blurry_window/options.h"

#include <gtest/gtest.h>

#include <cmath>

#include "yore/mixers/common/options_test_support.h"

namespace yore::mixers {
namespace {

using base::Json;

BlurryOptions read_blurry(const Json& options) {
  return read_blurry_window_options({64, complete_blurry_window_options(64, options)});
}

TEST(BlurryWindowOptions, EraseAndAgeBias) {
  const Json full = complete_blurry_window_options(64, Json::object());
  EXPECT_EQ(full["erase"], "decay");
  EXPECT_EQ(full["age_bias"].dump(), "0.0");
  const BlurryOptions defaults = read_blurry(Json::object());
  EXPECT_EQ(defaults.blur.erase, slots::Erase::Decay);
  EXPECT_EQ(defaults.layer.slots.erase, slots::Erase::Decay);
  EXPECT_FALSE(defaults.blur.ages());

  const BlurryOptions delta = read_blurry({{"erase", "delta"}, {"kernel", "signed"}, {"slots", 16}});
  EXPECT_EQ(delta.layer.slots.erase, slots::Erase::Delta);
  EXPECT_FALSE(delta.layer.slots.grows);  // nothing decays

  const auto slopes = [](const Json& bias) {
    std::vector<double> all;
    for (const blurry::Head& head : read_blurry({{"heads", 4}, {"age_bias", bias}}).blur.heads)
      all.push_back(head.age_bias);
    return all;
  };
  EXPECT_EQ(slopes(0.5), (std::vector<double>(4, 0.5)));
  EXPECT_EQ(slopes("alibi"), (std::vector<double>{0.25, 0.0625, 0.015625, 0.00390625}));
  EXPECT_EQ(slopes({0, 1, 0.5, 2}), (std::vector<double>{0, 1, 0.5, 2}));
  EXPECT_EQ(slopes({0, 0, 0, 0}), (std::vector<double>(4, 0)));
}

TEST(BlurryWindowOptions, RefusesWhatDoesNotFit) {
  const auto refused = [](const Json& options, const std::string& part) {
    expect_refused("blurry_window", 64, options, part);
  };
  refused({{"erase", "delt"}}, "did you mean delta?");
  refused({{"slots", 128}, {"stretch", 8}, {"erase", "delta"}},
          "erase: expected decay, or fewer heads and slots and smaller stretches beside delta");
  refused({{"age_bias", -1}}, "age_bias: expected a number of at least 0, alibi");
  refused({{"age_bias", "rotary"}}, "age_bias: expected a number of at least 0, alibi");
  refused({{"heads", 4}, {"age_bias", {1, 2}}}, "one a head");
  refused({{"kernel", "signed"}, {"age_bias", 0.1}}, "0 beside kernel=signed");
  refused({{"kernel", "signed"}, {"age_bias", "alibi"}}, "0 beside kernel=signed");
}

}  // namespace
}  // namespace yore::mixers
