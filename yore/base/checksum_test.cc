#include "yore/base/checksum.h"

#include <gtest/gtest.h>

#include "yore/base/random.h"
#include "yore/base/test_refusal.h"

namespace yore::base {
namespace {

// Bit by bit, as ECMA-182's polynomial division is written down.
std::uint64_t slow(std::string_view bytes) {
  std::uint64_t crc = ~std::uint64_t{0};
  for (const char c : bytes)
    for (int bit = 0; bit < 8; ++bit) {
      const bool in = (static_cast<unsigned char>(c) >> bit & 1) != 0;
      const bool out = (crc & 1) != 0;
      crc >>= 1;
      if (in != out) crc ^= 0xC96C5795D7870F42;
    }
  return ~crc;
}

// Published: the check value of the catalogue of parametrised CRC algorithms (CRC-64/XZ), and what xz prints
// of the other text (xz --check=crc64; xz -lvv).
TEST(Crc64, HasThePublishedValues) {
  EXPECT_EQ(crc64_text(crc64("123456789")), "995dc9bbdf1939fa");
  EXPECT_EQ(crc64_text(crc64("The quick brown fox jumps over the lazy dog")), "5b5eb8c2e54aa1c4");
  EXPECT_EQ(crc64_text(crc64("")), "0000000000000000");
}

TEST(Crc64, IsPolynomialDivision) {
  Random random(5);
  for (int n = 0; n < 200; ++n) {
    std::string bytes(static_cast<std::size_t>(n), '\0');
    for (char& c : bytes) c = static_cast<char>(random.below(256));
    EXPECT_EQ(crc64(bytes), slow(bytes)) << n;
    const auto cut = static_cast<std::size_t>(random.below(static_cast<std::uint64_t>(n) + 1));
    EXPECT_EQ(crc64(bytes.substr(cut), crc64(bytes.substr(0, cut))), crc64(bytes)) << n << " at " << cut;
  }
}

TEST(Crc64, GuardsAnObject) {
  const Json object = {{"name", "x"}, {"values", {1, 2.5, -3}}, {"nested", {{"yes", true}}}};
  const Json guarded = with_checksum(object);
  EXPECT_EQ(without_checksum(guarded, "a.json"), object);
  EXPECT_EQ(without_checksum(object, "a.json"), object) << "as earlier versions wrote it";
  EXPECT_EQ(without_checksum(Json::parse(guarded.dump(4)), "a.json"), object) << "blanks do not count";
  Json changed = guarded;
  changed["values"][1] = 2.25;
  EXPECT_TRUE(refused([&] { without_checksum(changed, "a.json"); }, "a.json: is damaged"));
  changed = guarded;
  changed[kChecksum] = "0123456789abcdef";
  EXPECT_TRUE(refused([&] { without_checksum(changed, "a.json"); }, "a.json: is damaged"));
  changed[kChecksum] = 7;
  EXPECT_TRUE(refused([&] { without_checksum(changed, "a.json"); }, "a.json: is damaged"));
}

}  // namespace
}  // namespace yore::base
