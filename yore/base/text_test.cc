#include "yore/base/text.h"

#include <gtest/gtest.h>

namespace yore::base {
namespace {

TEST(Shortened, KeepsWhatFitsAndCutsTheRest) {
  EXPECT_EQ(shortened("", 4), "");
  EXPECT_EQ(shortened("abcdefgh", 8), "abcdefgh");
  EXPECT_EQ(shortened("abcdefghi", 8), "abcd ...");
  EXPECT_EQ(shortened("abcdefghi", 4), " ...");
}

TEST(Shortened, CutsBetweenCharacters) {
  const std::string text = "ab\u00e9\u20ac\u20ac\u20ac";  // bytes: 1 1 2 3 3 3
  EXPECT_EQ(shortened(text, 13), text);
  EXPECT_EQ(shortened(text, 12), "ab\u00e9\u20ac ...") << "8 bytes of text: the second euro sign ends at 10";
  EXPECT_EQ(shortened(text, 11), "ab\u00e9\u20ac ...");
  EXPECT_EQ(shortened(text, 10), "ab\u00e9 ...");
  EXPECT_EQ(shortened(text, 7), "ab ...");
}

TEST(Visible, ControlCharactersAndByteOrderMarksAreSpelt) {
  EXPECT_EQ(visible("plain \u00e9\ttext\n"), "plain \u00e9\ttext\n");
  EXPECT_EQ(visible(std::string("a\0b", 3) + "\x1b[31m\r\x7f"), "a\\x00b\\x1b[31m\\x0d\\x7f");
  EXPECT_EQ(visible("\xEF\xBB\xBFsize"), "\\xef\\xbb\\xbfsize");
}

TEST(Visible, BytesThatAreNotUtf8AreSpelt) {
  EXPECT_EQ(visible("\xEF\xBB"), "\\xef\\xbb");
  EXPECT_EQ(visible("caf\xE9."), "caf\\xe9.");
  EXPECT_EQ(visible("\xC3\u20ac\x80"), "\\xc3\u20ac\\x80");
}

TEST(AfterByteOrderMark, OneMarkIsLeftOut) {
  EXPECT_EQ(after_byte_order_mark("\xEF\xBB\xBFx"), "x");
  EXPECT_EQ(after_byte_order_mark("x\xEF\xBB\xBF"), "x\xEF\xBB\xBF");
  EXPECT_EQ(after_byte_order_mark("\xEF\xBB"), "\xEF\xBB");
  EXPECT_EQ(after_byte_order_mark(""), "");
}

TEST(Counted, OneIsAlone) {
  EXPECT_EQ(counted(1, "delta step"), "1 delta step");
  EXPECT_EQ(counted(0, "state"), "0 states");
  EXPECT_EQ(counted(2, "state"), "2 states");
}

}  // namespace
}  // namespace yore::base
