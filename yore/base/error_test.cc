#include "yore/base/error.h"

#include <gtest/gtest.h>

namespace yore::base {
namespace {

std::string shown(const std::string& text, std::size_t position) {
  return InputError("regex", "wrong", text, position).what();
}

TEST(InputError, WithoutAPlaceIsSourceAndMessage) {
  const InputError e("a.json", "is empty");
  EXPECT_STREQ(e.what(), "a.json: is empty");
  EXPECT_EQ(e.source(), "a.json");
  EXPECT_EQ(e.message(), "is empty");
  EXPECT_FALSE(e.position());
}

TEST(InputError, PutsTheCaretUnderTheFault) {
  EXPECT_EQ(shown("a(b", 1), "regex: wrong (at offset 1)\n  a(b\n   ^");
  EXPECT_EQ(shown("a(b", 0), "regex: wrong (at offset 0)\n  a(b\n  ^");
  EXPECT_EQ(shown("a(b", 3), "regex: wrong (at offset 3)\n  a(b\n     ^");
  EXPECT_EQ(shown("", 0), "regex: wrong (at offset 0)\n  \n  ^");
}

TEST(InputError, ClampsAPlacePastTheEndButKeepsItInTheRecord) {
  EXPECT_EQ(shown("ab", 99), "regex: wrong (at offset 2)\n  ab\n    ^");
  EXPECT_EQ(InputError("s", "m", "ab", 1).position(), 1u);
}

TEST(InputError, ShowsOnlyTheLineAtFault) {
  const std::string text = "one\ntwo\nthree";
  EXPECT_EQ(shown(text, 5), "regex: wrong (at offset 5)\n  two\n   ^");
  EXPECT_EQ(shown(text, 4), "regex: wrong (at offset 4)\n  two\n  ^");
  EXPECT_EQ(shown(text, 3), "regex: wrong (at offset 3)\n  one\n     ^");  // at the line break itself
  EXPECT_EQ(shown(text, 13), "regex: wrong (at offset 13)\n  three\n       ^");
  EXPECT_EQ(shown("\nab", 0), "regex: wrong (at offset 0)\n  \n  ^");
}

TEST(InputError, CountsLettersNotBytes) {
  // "äöx": two bytes each for the first two; the fault is at x, byte 4, column 2.
  EXPECT_EQ(shown("äöx", 4), "regex: wrong (at offset 4)\n  äöx\n    ^");
  // Inside a letter the caret stands under that letter.
  EXPECT_EQ(shown("äöx", 3), "regex: wrong (at offset 3)\n  äöx\n   ^");
}

TEST(InputError, KeepsLongLinesShortWithoutCuttingLetters) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "ä";
  for (std::size_t position = 0; position <= text.size(); ++position) {
    const std::string what = shown(text, position);
    EXPECT_LT(what.size(), 300u);
    // Every lead byte 0xC3 is followed by its second byte 0xA4, and every second byte preceded by a lead.
    const std::string line = what.substr(what.find('\n') + 1);
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i] == '\xC3') {
        ASSERT_EQ(line[i + 1], '\xA4') << position;
      }
      if (line[i] == '\xA4') {
        ASSERT_EQ(line[i - 1], '\xC3') << position;
      }
    }
  }
}

TEST(InputError, ShowsControlCharactersAsBlanks) {
  EXPECT_EQ(shown("a\tb\x01"
                  "c",
                  4),
            "regex: wrong (at offset 4)\n  a b c\n      ^");
}

TEST(BudgetError, NamesTheOptionThatRaisesIt) {
  const BudgetError e("max-states", 100, "determinising the regex");
  EXPECT_STREQ(e.what(), "determinising the regex went past the budget of 100 (raise it with --max-states)");
  EXPECT_EQ(e.budget(), "max-states");
  EXPECT_EQ(e.limit(), 100u);
}

TEST(BudgetError, SaysWhatElseHelpsWhereNoOptionRaisesIt) {
  const BudgetError e("max_table_bytes", 100, "the table", "shorter words need less");
  EXPECT_STREQ(e.what(), "the table went past the budget of 100 (shorter words need less)");
  EXPECT_EQ(e.budget(), "max_table_bytes");
  EXPECT_EQ(e.limit(), 100u);
}

}  // namespace
}  // namespace yore::base
