// Scalings of rotary positions: their text, and frequencies against what the published programs compute,
// written down here from their definitions in periods rather than turns.
#include "yore/mixers/common/rotary.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "yore/base/test_refusal.h"

namespace yore::mixers {
namespace {

Rotary rotary(std::int64_t dims, double base, const std::string& scaling) {
  return {dims, base, false, parse_rotary_scaling(scaling, "test")};
}

TEST(Rotary, TextAndBack) {
  for (const char* text : {"none", "linear:2", "linear:2.5", "llama3:8,1,4,8192", "yarn:16,4096,32,1"})
    EXPECT_EQ(rotary_scaling_text(parse_rotary_scaling(text, "test")), text);
  EXPECT_EQ(rotary_scaling_text(parse_rotary_scaling("llama3:[8,1,4,8192]", "test")), "llama3:8,1,4,8192");
  EXPECT_EQ(rotary_scaling_text(parse_rotary_scaling("yarn:16,4096", "test")), "yarn:16,4096,32,1");
}

TEST(Rotary, TextsThatCannotBeMeantAreRefused) {
  const auto refused = [](const std::string& text, const std::string& part) {
    EXPECT_TRUE(base::refused([&] { parse_rotary_scaling(text, "mixer attention"); }, part)) << text;
  };
  refused("", "expected none, linear:FACTOR");
  refused("lama3:8,1,4,8192", "did you mean llama3?");
  refused("none:1", "expected none, linear:FACTOR");
  refused("linear", "expected linear:FACTOR");
  refused("linear:", "expected a number");
  refused("linear:two", "expected a number");
  refused("linear:2,3", "expected linear:FACTOR, found 2 numbers");
  refused("linear:0.5", "a factor of at least 1");
  refused("linear:inf", "expected a number");
  refused("llama3:8,1,4", "expected llama3:FACTOR,LOW,HIGH,ORIGINAL, found 3 numbers");
  refused("llama3:8,4,1,8192", "0 < LOW < HIGH");
  refused("llama3:8,1,4,0", "ORIGINAL a number of tokens");
  refused("llama3:[8,1,4,8192", "expected ]");
  refused("llama3:8,1,4,8192]", "expected a comma or the end");
  refused("yarn:8,4096,1,32", "0 < SLOW < FAST");
}

TEST(Rotary, LinearDividesEveryFrequency) {
  EXPECT_EQ(rotary_frequency_factors(rotary(6, 10000, "linear:4")), (std::vector<double>{0.25, 0.25, 0.25}));
  EXPECT_EQ(rotary_frequency_factors(rotary(4, 10000, "none")), (std::vector<double>{1, 1}));
  EXPECT_EQ(rotary_length_factor(rotary(4, 10000, "linear:4")), 1);
}

// Llama 3.1 8B: 64 pairs, base 500000. Its published program decides by the period 2 pi / frequency.
TEST(Rotary, Llama3IsDecidedByPeriods) {
  const long double factor = 8, low = 1, high = 4, original = 8192;
  const std::vector<double> found = rotary_frequency_factors(rotary(128, 500000, "llama3:8,1,4,8192"));
  ASSERT_EQ(found.size(), 64u);
  int kept = 0, divided = 0, between = 0;
  for (int c = 0; c < 64; ++c) {
    const long double frequency = 1 / std::pow(500000.0L, 2 * c / 128.0L);
    const long double period = 2 * std::numbers::pi_v<long double> / frequency;
    long double expected = frequency;
    if (period > original / low) {
      expected = frequency / factor;
      ++divided;
    } else if (period >= original / high) {
      const long double smooth = (original / period - low) / (high - low);
      expected = (1 - smooth) * frequency / factor + smooth * frequency;
      ++between;
    } else {
      ++kept;
    }
    EXPECT_NEAR(found[static_cast<std::size_t>(c)], static_cast<double>(expected / frequency), 1e-13) << c;
  }
  // Periods of 2048 and 8192 tokens lie at pairs 28.2 and 35.
  EXPECT_EQ(kept, 29);
  EXPECT_EQ(between, 6);
  EXPECT_EQ(divided, 29);
}

// By hand for 8 pairs, base 10000, trained for 2048 tokens: pair c has the period 2 pi 10^(c/2), so that it
// turns 32 times at c = 2 log10(2048 / (64 pi)) = 2.02 and once at c = 2 log10(2048 / (2 pi)) = 5.03; rounded
// outwards 2 and 6.
TEST(Rotary, YarnPassesFromKeptToDividedBetweenTwoPairs) {
  const std::vector<double> kept = {1, 1, 1, 0.75, 0.5, 0.25, 0, 0};
  const Rotary r = rotary(16, 10000, "yarn:4,2048");
  const std::vector<double> found = rotary_frequency_factors(r);
  ASSERT_EQ(found.size(), kept.size());
  for (std::size_t c = 0; c < kept.size(); ++c) EXPECT_DOUBLE_EQ(found[c], kept[c] + (1 - kept[c]) / 4) << c;
  EXPECT_DOUBLE_EQ(rotary_length_factor(r), 0.1 * std::log(4.0) + 1);
  // Trained so briefly that no pair turns once: all are divided but for the first, where the passage begins.
  EXPECT_EQ(rotary_frequency_factors(rotary(4, 10000, "yarn:2,1")), (std::vector<double>{1, 0.5}));
}

}  // namespace
}  // namespace yore::mixers
