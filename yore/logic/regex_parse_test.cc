#include <gtest/gtest.h>

#include "yore/base/error.h"
#include "yore/logic/regex.h"
#include "yore/logic/small_worlds_test.h"

namespace yore::logic {
namespace {

// The tree in prefix notation, independent of format_regex.
std::string shape(const RegexPtr& regex) {
  std::string children;
  for (const RegexPtr& child : regex->children) children += " " + shape(child);
  switch (regex->kind) {
    case Regex::Kind::Letters: {
      std::string letters;
      for (const Symbol s : regex->letters) letters += std::to_string(s);
      return "[" + letters + "]";
    }
    case Regex::Kind::Epsilon:
      return "()";
    case Regex::Kind::Concat:
      return "(cat" + children + ")";
    case Regex::Kind::Union:
      return "(or" + children + ")";
    case Regex::Kind::Intersect:
      return "(and" + children + ")";
    case Regex::Kind::Complement:
      return "(not" + children + ")";
    case Regex::Kind::Repeat:
      return "(" + std::to_string(regex->min) + ".." + (regex->max < 0 ? "" : std::to_string(regex->max)) +
             children + ")";
  }
  return "?";
}

TEST(RegexParse, Shapes) {
  const Alphabet alphabet = Alphabet::parse("abc");
  const std::pair<const char*, const char*> kTable[] = {
      {"a", "[0]"},
      {".", "[012]"},
      {"()", "()"},
      {"[]", "[]"},
      {"[^]", "[012]"},
      {"[ca]", "[02]"},
      {"[^ca]", "[1]"},
      {"[aaa]", "[0]"},
      {"[a-c]", "[012]"},
      {"[a-bc]", "[012]"},
      {"[^b-c]", "[0]"},
      {"abc", "(cat [0] [1] [2])"},
      {"(ab)c", "(cat (cat [0] [1]) [2])"},
      {"a|b|c", "(or [0] [1] [2])"},
      {"a&b&c", "(and [0] [1] [2])"},
      {"a|b&c", "(or [0] (and [1] [2]))"},
      {"a&bc|b", "(or (and [0] (cat [1] [2])) [1])"},
      {"a*", "(0.. [0])"},
      {"a+", "(1.. [0])"},
      {"a?", "(0..1 [0])"},
      {"a{2}", "(2..2 [0])"},
      {"a{2,}", "(2.. [0])"},
      {"a{2,3}", "(2..3 [0])"},
      {"a{0}", "(0..0 [0])"},
      {"a*?", "(0..1 (0.. [0]))"},
      {"ab*", "(cat [0] (0.. [1]))"},
      {"(ab)*", "(0.. (cat [0] [1]))"},
      {"!a*", "(not (0.. [0]))"},
      {"(!a)*", "(0.. (not [0]))"},
      {"!ab", "(cat (not [0]) [1])"},
      {"a!b", "(cat [0] (not [1]))"},
      {"!!a", "(not (not [0]))"},
      {"!(a|b)", "(not (or [0] [1]))"},
      {"((a))", "[0]"},
      {"\\a", "[0]"},
      {"'a'b", "(cat [0] [1])"},
      {"[\\a'b']", "[01]"},
      {"()|a", "(or () [0])"},
  };
  for (const auto& [pattern, expected] : kTable)
    EXPECT_EQ(shape(parse_regex(pattern, alphabet).root), expected) << pattern;
}

TEST(RegexParse, EscapesAndOddLetters) {
  const Alphabet alphabet({"*", "]", "-", "^", "\\", "'", "open", "é", "|", "}"});
  const std::pair<const char*, const char*> kTable[] = {
      {"\\*\\]", "(cat [0] [1])"},
      {"-^", "(cat [2] [3])"},
      {"\\\\\\'", "(cat [4] [5])"},
      {"'open'é", "(cat [6] [7])"},
      {"[*|}]", "[089]"},
      {"[-*]", "[02]"},
      {"[*-]", "[02]"},
      {"[\\]\\^\\-]", "[123]"},
      {"['open'é]", "[67]"},
      {"[^^]", "[012456789]"},
      {"[*^]", "[03]"},
      {"'\\'''\\\\'", "(cat [5] [4])"},
      {"[\\*-\\-]", "[02]"},
  };
  for (const auto& [pattern, expected] : kTable)
    EXPECT_EQ(shape(parse_regex(pattern, alphabet).root), expected) << pattern;
}

TEST(RegexParse, InfersTheAlphabet) {
  const auto names = [](const char* pattern) { return parse_regex(pattern).alphabet.names(); };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names("ba*b"), (Names{"a", "b"}));
  EXPECT_EQ(names("[c-e]a"), (Names{"a", "c", "d", "e"}));
  EXPECT_EQ(names("'open'x'close'"), (Names{"close", "open", "x"}));
  EXPECT_EQ(names("[^b]\\*"), (Names{"*", "b"}));
  EXPECT_EQ(names("a[é-í]").size(), 6U);
}

TEST(RegexParse, TellsWhenTheAlphabetIsAGuess) {
  const std::pair<const char*, bool> kTable[] = {{"ab*", false}, {"a.", true},     {"[^a]", true},
                                                 {"!a", true},   {"a|b&a", false}, {"[ab]", false}};
  for (const auto& [pattern, guessed] : kTable) {
    EXPECT_EQ(parse_regex(pattern).alphabet_was_guessed, guessed) << pattern;
    EXPECT_FALSE(parse_regex(pattern, Alphabet::parse("ab")).alphabet_was_guessed) << pattern;
  }
}

TEST(RegexParse, Errors) {
  struct Case {
    const char* pattern;
    std::size_t position;
    const char* part;
  };
  const Case kTable[] = {
      {"", 0, "the pattern is empty; write () for the empty word"},
      {"a|", 2, "expected an expression but the pattern ends here; write () for the empty word"},
      {"|a", 0, "expected an expression but '|' stands here"},
      {"a||b", 2, "expected an expression but '|' stands here"},
      {"a&", 2, "expected an expression but the pattern ends here"},
      {"(a|)", 3, "expected an expression but ')' stands here"},
      {"(a", 0, "this '(' is not closed"},
      {"b(a(b)", 1, "this '(' is not closed"},
      {"(", 1, "expected an expression but the pattern ends here"},
      {"a)", 1, "unbalanced ')'"},
      {")", 0, "unbalanced ')': no '(' is open; write \\) for the letter"},
      {"a]", 1, "unbalanced ']': no '[' is open; write \\] for the letter"},
      {"]", 0, "unbalanced ']'"},
      {"a}", 1, "unbalanced '}': no '{' is open; write \\} for the letter"},
      {"(a}", 2, "unbalanced '}'"},
      {"!}", 1, "unbalanced '}'"},
      {"[ab", 0, "this '[' is not closed; expected a ']'"},
      {"[^", 0, "this '[' is not closed"},
      {"*a", 0, "nothing to repeat before '*'; write \\* for the letter"},
      {"a|+", 2, "nothing to repeat before '+'"},
      {"({2})", 1, "nothing to repeat before '{'"},
      {"!?", 1, "nothing to repeat before '?'"},
      {"a!", 2, "expected an expression after '!'"},
      {"!|a", 1, "expected an expression after '!'"},
      {"a{3,2}", 1, "the repetition asks for at least 3 but at most 2"},
      {"a{1001}", 2, "a repetition count may be at most 1000"},
      {"a{0,99999999999999999999}", 4, "a repetition count may be at most 1000"},
      {"a{}", 2, "expected a number, as in {2}, {2,} or {2,5}"},
      {"a{,2}", 2, "expected a number"},
      {"a{2,x}", 4, "expected a number"},
      {"a{2", 3, "expected '}' after the repetition counts"},
      {"a{2,", 4, "expected a number"},
      {"a{2;3}", 3, "expected '}' after the repetition counts"},
      {"a b", 1, "a blank is no symbol"},
      {"a,b", 1, "it has a comma"},
      {"a\n", 1, "it has a control character (U+000A)"},
      {"a\xFF", 1, "it is not UTF-8"},
      {"a\\", 1, "expected a character after the escape"},
      {"[a\\", 2, "expected a character after the escape"},
      {"a'bc", 1, "this quote is not closed"},
      {"a''", 1, "the quoted symbol is empty"},
      {"'a b'", 0, "the quoted symbol has a blank"},
      {"[b-a]", 1, "the range b-a is empty"},
      {"['open'-a]", 1, "a range needs single characters at both ends"},
      {"[a-'open']", 3, "a range needs single characters at both ends"},
      {"[a-\xF0\x9F\x98\x80]", 1, "without a given alphabet it may have at most 256"},
      {"[+-/]", 1, "the range holds a letter that has a comma"},
      {"()", 0, "no letter occurs in the pattern, so the alphabet must be given"},
      {".*", 0, "no letter occurs in the pattern"},
      {"[^]", 0, "no letter occurs in the pattern"},
  };
  for (const Case& c : kTable) {
    SCOPED_TRACE(c.pattern);
    expect_input_error([&] { parse_regex(c.pattern); }, "regex", c.position, c.part);
  }
}

TEST(RegexParse, LettersOutsideAGivenAlphabet) {
  const Alphabet alphabet = Alphabet::parse("ab");
  const auto parse = [&](const char* pattern) {
    return [&alphabet, pattern] { parse_regex(pattern, alphabet); };
  };
  expect_input_error(parse("abc"), "regex", 2, "'c' is not in the alphabet a, b");
  expect_input_error(parse("a[bc]"), "regex", 3, "'c' is not in the alphabet a, b");
  expect_input_error(parse("[a-z]"), "regex", 3, "'z' is not in the alphabet a, b");
  expect_input_error(parse("a'ab'"), "regex", 1, "'ab' is not in the alphabet a, b");
  expect_input_error(parse("é"), "regex", 0, "'é' is not in the alphabet a, b");
}

TEST(RegexParse, RangesOverAGivenAlphabetSkipWhatItLacks) {
  EXPECT_EQ(shape(parse_regex("[a-x]", Alphabet({"x", "c", "open", "a", "z"})).root), "[013]");
}

TEST(RegexParse, TheCaretStandsUnderTheFault) {
  try {
    parse_regex("aé*)b");
    FAIL();
  } catch (const base::InputError& error) {
    EXPECT_STREQ(
        error.what(),
        "regex: unbalanced ')': no '(' is open; write \\) for the letter (at offset 4)\n  aé*)b\n     ^");
  }
}

TEST(RegexParse, RepetitionLimitIsAnArgument) {
  EXPECT_NO_THROW(parse_regex("a{1000}"));
  EXPECT_NO_THROW(parse_regex("a{2000}", std::nullopt, 2000));
  expect_input_error([] { parse_regex("a{3}", std::nullopt, 2); }, "regex", 2, "at most 2");
}

TEST(RegexParse, DeepNestingIsRefusedNotACrash) {
  const auto times = [](std::size_t n, const std::string& text) {
    std::string out;
    for (std::size_t k = 0; k < n; ++k) out += text;
    return out;
  };
  EXPECT_NO_THROW(parse_regex(times(1000, "(") + "a" + times(1000, ")")));
  EXPECT_NO_THROW(parse_regex(times(999, "!") + "a"));
  EXPECT_NO_THROW(parse_regex("a" + times(999, "*")));
  EXPECT_NO_THROW(parse_regex(times(499, "!(b") + "a" + times(499, ")")));
  EXPECT_NO_THROW(parse_regex(times(100000, "a") + times(100000, "|b")));
  for (const std::string& pattern : {times(1001, "(") + "a" + times(1001, ")"), times(1000, "!") + "a",
                                     "a" + times(1000, "*"), times(100000, "("), times(100000, "!") + "a",
                                     times(100000, "!("), times(100000, "(a|"), "a" + times(100000, "{2}")}) {
    try {
      parse_regex(pattern);
      ADD_FAILURE() << pattern.substr(0, 10);
    } catch (const base::InputError& error) {
      EXPECT_NE(error.message().find("nests deeper than 1000 levels"), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace yore::logic
