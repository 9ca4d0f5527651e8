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
  refused({{"age_bias", -1}}, "age_bias: expected a number from 0 to 1e6, alibi");
  refused({{"age_bias", 1e39}}, "age_bias: expected a number from 0 to 1e6, alibi");
  refused({{"age_bias", "rotary"}}, "age_bias: expected a number from 0 to 1e6, alibi");
  refused({{"heads", 4}, {"age_bias", {1, 2}}}, "one a head");
  refused({{"kernel", "signed"}, {"age_bias", 0.1}}, "0 beside kernel=signed");
  refused({{"kernel", "signed"}, {"age_bias", "alibi"}}, "0 beside kernel=signed");
  refused({{"scale", 1e39}}, "scale: expected more than 0 and at most 1e30, or 0");
}

TEST(BlurryWindowOptions, RefusesStretchesAndPhases) {
  const auto refused = [](const Json& stretch, const std::string& part) {
    expect_refused("blurry_window", 64, {{"heads", 1}, {"slots", 8}, {"stretch", stretch}}, part);
  };
  const std::string number = "stretch: expected a number of at least 1 with at most four decimals";
  for (const Json& wrong : {Json(0), Json(0.5), Json(1.00001), Json(-4), Json(1e300), Json("3/"), Json("3/0"),
                            Json("2/3"), Json("3/2 "), Json("x"), Json(""), Json("99999999999999999999"),
                            Json(1 << 21), Json(true), Json({1, 2}), Json({Json("1/2")})})
    refused(wrong, number);
  // Numbers whose multiples are no 64-bit ones, and one that is just too large for a table.
  for (const char* wrong :
       {"4611686018427387905/4611686018427387904", "9223372036854775807/9223372036854775806",
        "9223372036854775807/8796093022208", "3355453/3355452"})
    refused(wrong, "stretch: expected stretches whose slots come round again within reach");
  // Side lobes let fillings grow like e^(0.138 r): out of a float's range here.
  expect_refused(
      "blurry_window", 64,
      {{"heads", 1}, {"slots", 8}, {"stretch", 700}, {"kernel", "signed"}, {"phase", {0.3}}},
      "stretch: expected smaller ones, or fewer heads and slots (blurry window: what slots hold grows");
  for (const Json& wrong : {Json("spred"), Json(1), Json({1, 2}), Json({Json("a")}), Json::array({nullptr})})
    expect_refused("blurry_window", 64, {{"heads", 1}, {"slots", 8}, {"phase", wrong}}, "phase: expected");
}

}  // namespace
}  // namespace yore::mixers
