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

TEST(Counted, OneIsAlone) {
  EXPECT_EQ(counted(1, "delta step"), "1 delta step");
  EXPECT_EQ(counted(0, "state"), "0 states");
  EXPECT_EQ(counted(2, "state"), "2 states");
}

}  // namespace
}  // namespace yore::base
