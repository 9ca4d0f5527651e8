// Types of numbers against their definitions, written out block by block here in double. (Every type is also
// held against the package gguf: tests/judges/gguf_test.py.)
#include "yore/foreign/dequantise.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "yore/base/bfloat16.h"
#include "yore/base/random.h"

namespace yore::foreign {
namespace {

std::vector<float> widened(const char* type, const std::string& bytes) {
  const NumberType* t = find_number_type(type);
  std::vector<float> out(bytes.size() / t->bytes * t->numbers);
  widen(*t, bytes, out.data());
  return out;
}

TEST(Dequantise, EveryHalf) {
  for (int bits = 0; bits < 1 << 16; ++bits) {
    const std::string bytes = {static_cast<char>(bits & 255), static_cast<char>(bits >> 8)};
    const float x = widened("F16", bytes).front();
    const int exponent = bits >> 10 & 31, fraction = bits & 1023;
    const double sign = bits >> 15 != 0 ? -1 : 1;
    if (exponent == 31 && fraction != 0) {
      EXPECT_TRUE(std::isnan(x));
      continue;
    }
    const double expected = exponent == 31  ? sign * std::numeric_limits<double>::infinity()
                            : exponent == 0 ? sign * std::ldexp(fraction, -24)
                                            : sign * std::ldexp(1024 + fraction, exponent - 25);
    EXPECT_EQ(static_cast<double>(x), expected) << bits;
    EXPECT_EQ(std::signbit(x), bits >> 15 != 0);
  }
}

TEST(Dequantise, BFloat16RoundsToTheNearestEven) {
  EXPECT_EQ(base::to_bfloat16(1.0F), 0x3F80);
  // Halfway between 1 and 1 + 2^-7 to the even 1, between 1 + 2^-7 and 1 + 2^-6 up.
  EXPECT_EQ(base::to_bfloat16(1 + 0x1p-8F), 0x3F80);
  EXPECT_EQ(base::to_bfloat16(std::nextafter(1 + 0x1p-8F, 2.0F)), 0x3F81);
  EXPECT_EQ(base::to_bfloat16(1 + 3 * 0x1p-8F), 0x3F82);
  EXPECT_EQ(base::to_bfloat16(std::numeric_limits<float>::max()), 0x7F80);
  EXPECT_EQ(base::to_bfloat16(-std::numeric_limits<float>::infinity()), 0xFF80);
  EXPECT_TRUE(std::isnan(base::from_bfloat16(base::to_bfloat16(std::bit_cast<float>(0x7F800001U)))));
  for (std::uint32_t bits = 0; bits < 1 << 16; ++bits) {
    const float x = base::from_bfloat16(static_cast<std::uint16_t>(bits));
    if (!std::isnan(x)) {
      EXPECT_EQ(base::to_bfloat16(x), bits);
    }
  }
  EXPECT_EQ(widened("BF16", std::string("\x80\x3f\x00\xc0", 4)), (std::vector<float>{1, -2}));
}

std::string half_of(double x) {  // exact for the powers of two used here
  const auto bits = static_cast<std::uint16_t>((std::ilogb(x) + 15) << 10 | (x < 0 ? 0x8000 : 0));
  return {static_cast<char>(bits & 255), static_cast<char>(bits >> 8)};
}

TEST(Dequantise, SmallBlocks) {
  std::string fours(16, '\0');
  for (std::size_t j = 0; j < 16; ++j) fours[j] = static_cast<char>(j | (15 - j) << 4);
  const std::string bits = {'\x0f', '\0', '\0', '\x80'};  // numbers 0 to 3 and 31
  for (int j = 0; j < 32; ++j) {
    const int four = j < 16 ? j : 31 - j, five = four + (j < 4 || j == 31 ? 16 : 0);
    const auto at = static_cast<std::size_t>(j);
    EXPECT_EQ(widened("Q4_0", half_of(0.5) + fours)[at], 0.5F * static_cast<float>(four - 8));
    EXPECT_EQ(widened("Q4_1", fmt::format("{}{}{}", half_of(0.5), half_of(-4), fours))[at],
              0.5F * static_cast<float>(four) - 4);
    EXPECT_EQ(widened("Q5_0", fmt::format("{}{}{}", half_of(2), bits, fours))[at],
              2.0F * static_cast<float>(five - 16))
        << j;
    EXPECT_EQ(widened("Q5_1", fmt::format("{}{}{}{}", half_of(2), half_of(1), bits, fours))[at],
              2.0F * static_cast<float>(five) + 1);
  }
  std::string eights(32, '\0');
  for (int j = 0; j < 32; ++j) eights[static_cast<std::size_t>(j)] = static_cast<char>(j * 8 - 128);
  const std::vector<float> q8 = widened("Q8_0", half_of(0.25) + eights);
  for (int j = 0; j < 32; ++j)
    EXPECT_EQ(q8[static_cast<std::size_t>(j)], 0.25F * static_cast<float>(j * 8 - 128));
}

TEST(Dequantise, SeveralBlocksAndNames) {
  const std::string one = half_of(1) + std::string(16, '\x88'), two = half_of(1) + std::string(16, '\x99');
  const std::vector<float> x = widened("Q4_0", one + two);
  EXPECT_EQ(x, [] {
    std::vector<float> expected(32, 0.0F);
    expected.resize(64, 1.0F);
    return expected;
  }());
  EXPECT_EQ(number_type_names(), "F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K");
  EXPECT_EQ(find_number_type("Q2_K"), nullptr);
}

}  // namespace
}  // namespace yore::foreign
