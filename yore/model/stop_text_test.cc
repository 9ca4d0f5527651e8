// Against the definition, over all small texts; and pieces of a text in every way.
#include "yore/model/stop_text.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "yore/base/random.h"

namespace yore::model {
namespace {

/// The text before the stop that is complete first, of two that end together the longer one.
std::string before_first_stop(const std::string& text, const std::vector<std::string>& stops) {
  for (std::size_t end = 1; end <= text.size(); ++end) {
    std::size_t longest = 0;
    for (const std::string& stop : stops)
      if (stop.size() <= end && text.compare(end - stop.size(), stop.size(), stop) == 0)
        longest = std::max(longest, stop.size());
    if (longest > 0) return text.substr(0, end - longest);
  }
  return text;
}

// Every text of up to 7 letters a, b: what is shown is the definition's, never more than it, and all that no
// stop can take back any more.
TEST(StopText, IsTheDefinitionOverAllSmallTexts) {
  const std::vector<std::vector<std::string>> lists = {
      {}, {"a"}, {"ab"}, {"aab"}, {"aba", "bb"}, {"abb", "b"}, {"aaaa", "aba"}, {"ba", "aba"}};
  for (const auto& stops : lists)
    for (std::size_t length = 0; length <= 7; ++length)
      for (std::size_t bits = 0; bits < (std::size_t{1} << length); ++bits) {
        std::string text;
        for (std::size_t i = 0; i < length; ++i) text += (bits >> i & 1) != 0 ? 'b' : 'a';
        const std::string right = before_first_stop(text, stops);
        StopText stream(stops);
        std::string shown;
        for (std::size_t i = 0; i < length; ++i) {
          shown += stream.push(text.substr(i, 1));
          ASSERT_TRUE(right.starts_with(shown)) << text;
          // What is kept back is the beginning of a stop.
          const std::string kept = before_first_stop(text.substr(0, i + 1), stops).substr(shown.size());
          bool begins = kept.empty();
          for (const std::string& stop : stops) begins = begins || stop.starts_with(kept);
          ASSERT_TRUE(stream.stopped() || begins) << text << " " << kept;
        }
        ASSERT_EQ(stream.stopped(), right != text) << text;
        ASSERT_EQ(shown + stream.finish(), right) << text;
      }
}

TEST(StopText, PiecesChangeNothingAndCharactersStayWhole) {
  const std::string text = "a\xC3\xA9z\xE2\x82\xAC|\xF0\x9F\x98\x80 end \xE2\x82\xAC. STOP more";
  for (const std::vector<std::string>& stops :
       {std::vector<std::string>{}, {"STOP"}, {"\xE2\x82\xAC."}, {"more", "zzz"}}) {
    const std::string right = before_first_stop(text, stops);
    base::Random random(3);
    for (int round = 0; round < 200; ++round) {
      StopText stream(stops);
      std::string shown;
      for (std::size_t at = 0; at < text.size();) {
        const std::size_t n = 1 + random.below(4);
        const std::string now = stream.push(text.substr(at, n));
        // No piece begins in the midst of a character.
        if (!now.empty()) {
          ASSERT_NE(static_cast<unsigned char>(now.front()) & 0xC0U, 0x80U);
        }
        shown += now;
        at += n;
      }
      ASSERT_EQ(shown + stream.finish(), right);
    }
  }
}

TEST(StopText, BytesThatAreNoTextComeThrough) {
  for (int a = 0; a < 256; ++a)
    for (int b = 0; b < 256; ++b) {
      StopText stream({});
      const std::string text = {static_cast<char>(a), static_cast<char>(b), '.', 'x'};
      std::string shown = stream.push(text.substr(0, 1));
      shown += stream.push(text.substr(1));
      ASSERT_EQ(shown, text) << a << " " << b;
      ASSERT_EQ(stream.finish(), "");
    }
}

TEST(StopText, HalfACharacterAtTheEndIsReplaced) {
  for (const std::string half : {"\xC3", "\xE2\x82", "\xF0\x9F\x98"}) {
    StopText stream({});
    EXPECT_EQ(stream.push("a" + half), "a");
    EXPECT_EQ(stream.finish(), "\xEF\xBF\xBD");
    StopText stopped({"|"});
    EXPECT_EQ(stopped.push("a" + half + "|b"), "a\xEF\xBF\xBD");
    EXPECT_EQ(stopped.push("c"), "");
  }
  EXPECT_THROW(StopText({"a", ""}), std::invalid_argument);
}

}  // namespace
}  // namespace yore::model
