// Patterns as Hugging Face's library cuts by them; tests/judges/tokenizers_test.py asks it for the same ones.
#include "yore/text/dialect.h"

#include <gtest/gtest.h>

#include "yore/base/test_refusal.h"
#include "yore/text/pattern.h"

namespace yore::text {
namespace {

/// The parts of a text, between bars.
std::string cut(const char* regex, std::string_view text) {
  std::string result;
  for (const std::string_view part :
       split(text, Pattern::regex(regex, "t.json", "pattern"), SplitBehavior::Isolated, false))
    (result += result.empty() ? "" : "|") += part;
  return result;
}

TEST(Dialect, IsThatOfHuggingFace) {
  EXPECT_EQ(cut("[a-z&&[^b]]+", "abcd&^e"), "a|b|cd|&^|e");
  EXPECT_EQ(cut("[^a-z&&[^b]]+", "abc1B"), "a|b|c|1B");
  EXPECT_EQ(cut("[a-z&&[^bc]&&[^d]]+", "abcde"), "a|bcd|e");
  EXPECT_EQ(cut("[a[^b-z]]+", "abcA"), "a|bc|A");
  EXPECT_EQ(cut("[^[a]b]+", "abc"), "ab|c");
  EXPECT_EQ(cut("[\\W\\d]+", "a1 -b"), "a|1 -|b");
  EXPECT_EQ(cut("[^\\H]+", "a1 gz"), "a1| gz");
  EXPECT_EQ(cut("[^]a]+", "]ab"), "]a|b");
  EXPECT_EQ(cut("[[:punct:]]+", "a.,$+<b"), "a|.,$+<|b");
  EXPECT_EQ(cut("x\\p{N}{1,3}+4", "x123 x12345674"), "x123 |x12345674");
  EXPECT_EQ(cut("x\\d{2}?y", "x12y xy"), "x12y| |xy");
  EXPECT_EQ(cut("x\\d{,2}y", "xy x12y x{,2}y"), "xy| |x12y| x{,2}y");
  EXPECT_EQ(cut("x\\d{1,2}?", "x12y"), "x1|2y");
  EXPECT_EQ(cut("\\d++2", "x12222"), "x12222");
  EXPECT_EQ(cut("a{1,x}", "a{1,x}"), "a{1,x}");
  EXPECT_EQ(cut("^a", "a\naa"), "a|\n|a|a");
  EXPECT_EQ(cut("a$", "a\naa"), "a|\na|a");
  EXPECT_EQ(cut("\\Aa", "a\naa"), "a|\naa");
  EXPECT_EQ(cut("\\h+", "a f0g\t"), "a| |f0|g\t");
  EXPECT_EQ(cut("\\v", "\x0B\n"), "\x0B|\n");
  EXPECT_EQ(cut("(?m)a.", "a\n"), "a\n");
  EXPECT_EQ(cut("(?m:a).", "ab a\n"), "ab| a\n");
  EXPECT_EQ(cut("x(?i)a|b", "xA xB b B"), "xA| |xB| b B") << "an option holds in the alternatives behind it";
  EXPECT_EQ(cut("(?i)(?-i)a", "Aa"), "A|a");
  EXPECT_EQ(cut("\\u0061|\\x{62}|\\x63", "abcu"), "a|b|c|u");
  EXPECT_EQ(cut("c.{1,2}?\\R", "c\x0B\r\nz"), "c\x0B\r\n|z");
  EXPECT_EQ(cut("\\ba", "ab ba"), "a|b ba");
  EXPECT_EQ(cut("\\w+", "a\xC2\xB2\xE2\x80\xBF \xE0\xA7\xB4"), "a\xC2\xB2\xE2\x80\xBF| \xE0\xA7\xB4")
      << "some numerals and U+203F are, U+09F4 is not";
  EXPECT_EQ(cut("[\\w]+", "a\xC2\xB2"), "a|\xC2\xB2") << "in a class they are not";
  EXPECT_EQ(cut("\\p{Han}", "\xE6\x97\xA5\xE3\x80\x81"), "\xE6\x97\xA5|\xE3\x80\x81")
      << "of several scripts' U+3001 none is its own";
}

TEST(Dialect, WhatHasNoCounterpartIsRefused) {
  const auto refused = [](const std::string& pattern, const std::string& what) {
    return base::refused([&] { in_pcre2(pattern, "t.json", "pattern"); },
                         "t.json: pattern: the pattern \"" + pattern + "\" has " + what);
  };
  for (const char* escape : {"\\K", "\\G", "\\X", "\\k", "\\Q", "\\V", "\\N", "\\q", "\\0"})
    EXPECT_TRUE(refused(escape, "the escape ")) << escape;
  EXPECT_TRUE(refused("\\pL", "\\p without braces"));
  EXPECT_TRUE(refused("\\x80", "the escape \\x80"));
  EXPECT_TRUE(refused("(?<n>a)", "the group (?<"));
  EXPECT_TRUE(refused("(?~ab)", "the group (?~"));
  EXPECT_TRUE(refused("(*ANY)", "the group (*A"));
  EXPECT_TRUE(refused("(?x) a", "the option x"));
  EXPECT_TRUE(refused("a+*", "a repetition of a repetition"));
  EXPECT_TRUE(refused("a{2}{3}", "a repetition of a repetition"));
  EXPECT_TRUE(refused("^*", "a repetition of nothing"));
  EXPECT_TRUE(refused("(?i:Ss)", "\"ss\" under (?i)"));
  EXPECT_TRUE(refused("(?i)f(?:I)", "\"fi\" under (?i)"));
  EXPECT_TRUE(refused("(?i)\xC3\x9F", "a character beyond ASCII under (?i)"));
  EXPECT_TRUE(refused("(?i:[\\p{Lu}])", "\\p in a class under (?i)"));
  EXPECT_TRUE(refused("(?i:[a[^b]])", "[ in a class under (?i)"));
  EXPECT_TRUE(refused("(?i)[[:upper:]]", "[ in a class under (?i)"));
  EXPECT_TRUE(refused("[\\w-z]", "a - that is neither"));
  EXPECT_TRUE(refused("[a&&]", "a class of nothing"));
  EXPECT_TRUE(refused("[[:graph:]]", "the class [:graph:]]"));
  EXPECT_TRUE(refused("[a", "a class without its end"));
  EXPECT_TRUE(base::refused([] { in_pcre2(std::string(60'000, '('), "f", "p"); }, "groups in one another"));
  EXPECT_TRUE(base::refused([] { in_pcre2(std::string(60'000, '['), "f", "p"); }, "classes in one another"));
}

}  // namespace
}  // namespace yore::text
