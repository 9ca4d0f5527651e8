#include "yore/base/utf8.h"

#include <gtest/gtest.h>

#include "yore/base/random.h"

namespace yore::base {
namespace {

// Every code point, spelled by the definition; and every two bytes, of which only those may be characters.
TEST(CharacterLength, IsThatOfWellFormedCharacters) {
  for (unsigned point = 0; point <= 0x110000; ++point) {
    std::string bytes;
    if (point < 0x80)
      bytes = {static_cast<char>(point)};
    else if (point < 0x800)
      bytes = {static_cast<char>(0xC0 | point >> 6), static_cast<char>(0x80 | (point & 63))};
    else if (point < 0x10000)
      bytes = {static_cast<char>(0xE0 | point >> 12), static_cast<char>(0x80 | (point >> 6 & 63)),
               static_cast<char>(0x80 | (point & 63))};
    else
      bytes = {static_cast<char>(0xF0 | point >> 18), static_cast<char>(0x80 | (point >> 12 & 63)),
               static_cast<char>(0x80 | (point >> 6 & 63)), static_cast<char>(0x80 | (point & 63))};
    const bool character = point < 0xD800 || (point > 0xDFFF && point < 0x110000);
    ASSERT_EQ(character_length(bytes, 0), character ? bytes.size() : 0) << std::hex << point;
    if (bytes.size() > 1) {
      ASSERT_EQ(character_length(bytes.substr(0, bytes.size() - 1), 0), 0u) << std::hex << point;
      ASSERT_EQ(character_length(bytes, 1), 0u);
    }
  }
  EXPECT_EQ(character_length("\xC0\x80", 0), 0u) << "overlong";
  EXPECT_EQ(character_length("\xE0\x80\x80", 0), 0u) << "overlong";
  EXPECT_EQ(character_length("", 0), 0u);
  EXPECT_TRUE(is_utf8("a\xE2\x82\xAC"));
  EXPECT_FALSE(is_utf8("a\xE2\x82"));
}

TEST(Utf8Stream, HandsOutWholeCharacters) {
  Utf8Stream stream;
  EXPECT_EQ(stream.push("a\xE2"), "a");
  EXPECT_EQ(stream.push("\x82"), "");
  EXPECT_EQ(stream.push("\xAC!"), "\xE2\x82\xAC!");
  EXPECT_EQ(stream.push("\xF0\x9F\x91"), "");
  EXPECT_EQ(stream.flush(), "\xF0\x9F\x91") << "what is left is given, not replaced";
  EXPECT_EQ(stream.flush(), "");
  EXPECT_EQ(stream.push("\xE2(\x80\xFF"), "\xE2(\x80\xFF") << "what can become no character is not held back";
  EXPECT_EQ(stream.push("\xE2\xE2\x82"), "\xE2") << "a second beginning breaks the first";
  EXPECT_EQ(stream.push("\xF4\x90"), "\xE2\x82\xF4\x90") << "beyond U+10FFFF";
}

// Cut anywhere, the same bytes come out; each time all that is certain.
TEST(Utf8Stream, NeitherLosesNorHoldsBack) {
  base::Random random(3);
  const std::string alphabet = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x91\x8D\xFF";
  for (int round = 0; round < 3000; ++round) {
    std::string bytes, out;
    for (std::uint64_t i = random.below(12); i > 0; --i) bytes += alphabet[random.below(alphabet.size())];
    Utf8Stream stream;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t n = std::min<std::size_t>(1 + random.below(3), bytes.size() - at);
      out += stream.push(std::string_view(bytes).substr(at, n));
      at += n;
      // What is held back is the beginning of a character.
      const std::string held = bytes.substr(out.size(), at - out.size());
      ASSERT_LE(held.size(), 3u);
      if (is_utf8(bytes.substr(0, at))) {
        ASSERT_TRUE(held.empty());
      }
    }
    ASSERT_EQ(out + stream.flush(), bytes);
  }
}

}  // namespace
}  // namespace yore::base
