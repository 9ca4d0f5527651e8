#include <gtest/gtest.h>

#include "yore/logic/regex.h"

namespace yore::logic {
namespace {

TEST(RegexPrint, Table) {
  const std::pair<const char*, const char*> kTable[] = {
      {"a", "a"},           {"(a)", "a"},       {"[abcd]", "."},      {"[a]", "a"},
      {"[ab]", "[ab]"},     {"[^a]", "[^a]"},   {"[bcd]", "[^a]"},    {"[]", "[]"},
      {"[^]", "."},         {"()", "()"},       {"(ab)c", "abc"},     {"(a|b)|c", "a|b|c"},
      {"(a|b)c", "(a|b)c"}, {"a|(bc)", "a|bc"}, {"(a&b)|c", "a&b|c"}, {"a&(b|c)", "a&(b|c)"},
      {"(a&b)c", "(a&b)c"}, {"(ab)*", "(ab)*"}, {"(a*)*", "a**"},     {"(!a)*", "(!a)*"},
      {"!(a*)", "!a*"},     {"!(ab)", "!(ab)"}, {"(!a)b", "!ab"},     {"!(!a)", "!!a"},
      {"a{0,1}", "a?"},     {"a{0,}", "a*"},    {"a{1,}", "a+"},      {"a{2,2}", "a{2}"},
      {"a{2,}", "a{2,}"},   {"a{0,0}", "a{0}"}, {"a{2,5}", "a{2,5}"}, {"(()|a)b", "(()|a)b"},
  };
  const Alphabet alphabet = Alphabet::parse("abcd");
  for (const auto& [pattern, expected] : kTable) {
    const ParsedRegex parsed = parse_regex(pattern, alphabet);
    EXPECT_EQ(format_regex(parsed.root, alphabet), expected) << pattern;
  }
}

TEST(RegexPrint, OddLetters) {
  const std::pair<const char*, const char*> kTable[] = {
      {"\\*\\|", "\\*\\|"},   {"['open'\\*]", "[*'open']"},
      {"'open'*", "'open'*"}, {"[\\]\\-\\^]", "[\\-\\]\\^]"},
      {"'\\''\\'", "\\'\\'"}, {"é{2}", "é{2}"},
      {"-^", "-^"},           {"\\\\", "\\\\"},
  };
  const Alphabet alphabet({"*", "|", "]", "-", "^", "\\", "'", "open", "é"});
  for (const auto& [pattern, expected] : kTable)
    EXPECT_EQ(format_regex(parse_regex(pattern, alphabet).root, alphabet), expected) << pattern;
}

TEST(RegexPrint, RunsOfFourLettersAreRanges) {
  const Alphabet letters = Alphabet::parse("zyxwvutsrqponmlkjihgfedcba");
  const auto round = [&](const char* pattern) {
    return format_regex(parse_regex(pattern, letters).root, letters);
  };
  EXPECT_EQ(round("[dcba]"), "[a-d]");
  EXPECT_EQ(round("[abc]"), "[abc]");
  EXPECT_EQ(round("[abcdzx]"), "[a-dxz]");
  EXPECT_EQ(round("[^abcde]"), "[^a-e]");
  // No range across a gap: with an inferred alphabet it would bring in the letters of the gap.
  const Alphabet gap = Alphabet::parse("abdeghjk");
  EXPECT_EQ(format_regex(parse_regex("[abde]", gap).root, gap), "[abde]");
}

TEST(RegexPrint, TheOnlyLetterIsNotADot) {
  const Alphabet alphabet = Alphabet::parse("a");
  EXPECT_EQ(format_regex(parse_regex(".*", alphabet).root, alphabet), "a*");
}

// State elimination builds trees deeper than what the parser accepts.
TEST(RegexPrint, DeepTreesDoNotOverflowTheStack) {
  RegexPtr regex = parse_regex("ab").root;
  constexpr int kLevels = 3000;
  for (int k = 0; k < kLevels; ++k)
    regex =
        std::make_shared<Regex>(Regex{.kind = Regex::Kind::Complement, .letters = {}, .children = {regex}});
  EXPECT_EQ(format_regex(regex, Alphabet::parse("ab")), std::string(kLevels, '!') + "(ab)");
}

}  // namespace
}  // namespace yore::logic
