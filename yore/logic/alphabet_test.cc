#include "yore/logic/alphabet.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "yore/base/error.h"
#include "yore/logic/small_worlds_test.h"
#include "yore/logic/symbol_text.h"

namespace yore::logic {
namespace {

using SymbolNames = std::vector<std::string>;

TEST(Alphabet, ParsesCharactersAndLists) {
  EXPECT_EQ(Alphabet::parse("ba").names(), (SymbolNames{"b", "a"}));
  EXPECT_EQ(Alphabet::parse("aéλ😀").names(), (SymbolNames{"a", "é", "λ", "😀"}));
  EXPECT_EQ(Alphabet::parse("open,close,x").names(), (SymbolNames{"open", "close", "x"}));
}

TEST(Alphabet, RefusesWhatCannotBeASymbol) {
  const auto parse = [](const char* text) { return [text] { Alphabet::parse(text); }; };
  expect_input_error(parse(""), "alphabet", 0, "at least one symbol");
  expect_input_error(parse("aba"), "alphabet", 2, "the symbol a occurs twice");
  expect_input_error(parse("open,x,open"), "alphabet", 7, "the symbol open occurs twice");
  expect_input_error(parse("a,,b"), "alphabet", 2, "is empty");
  expect_input_error(parse("a,b,"), "alphabet", 4, "is empty");
  expect_input_error(parse("a b"), "alphabet", 1, "has a blank");
  expect_input_error(parse("a,b c"), "alphabet", 2, "has a blank");
  expect_input_error(parse("a\tb"), "alphabet", 1, "has a control character (U+0009)");
  expect_input_error(parse("a\xC2\x85"), "alphabet", 1, "has a control character (U+0085)");
  expect_input_error(parse("a\xFF"), "alphabet", 1, "is not UTF-8");
  expect_input_error(parse("a\xC0\x80"), "alphabet", 1, "is not UTF-8");
  EXPECT_THROW(Alphabet({"a", "a"}), base::InputError);
  EXPECT_THROW(Alphabet({""}), base::InputError);
  EXPECT_THROW(Alphabet({"a,b"}), base::InputError);
}

TEST(Alphabet, TextReadsBackAsTheSameAlphabet) {
  for (const std::vector<std::string>& names : std::vector<std::vector<std::string>>{
           {"a"}, {"a", "b"}, {"open"}, {"open", "close"}, {"a", "bc"}, {"é", "b"}}) {
    const Alphabet alphabet(names);
    EXPECT_EQ(Alphabet::parse(alphabet.text()), alphabet) << alphabet.text();
  }
  EXPECT_THROW(Alphabet::parse("a,,"), base::InputError);
  EXPECT_THROW(Alphabet::parse(","), base::InputError);
}

TEST(Alphabet, FindsSymbols) {
  const Alphabet alphabet({"open", "close"});
  EXPECT_EQ(alphabet.find("close"), 1);
  EXPECT_EQ(alphabet.find("clos"), std::nullopt);
  EXPECT_FALSE(alphabet.single_characters());
  EXPECT_TRUE(Alphabet({"a", "é"}).single_characters());
}

TEST(Alphabet, WordsInARow) {
  const Alphabet alphabet = Alphabet::parse("aéb");
  EXPECT_EQ(alphabet.parse_word("éba"), (Word{1, 2, 0}));
  EXPECT_EQ(alphabet.parse_word(""), Word{});
  EXPECT_EQ(alphabet.format_word({1, 2, 0}), "éba");
  expect_input_error([&] { alphabet.parse_word("aéc"); }, "word", 3, "'c' is not in the alphabet a, é, b");
  expect_input_error([&] { alphabet.parse_word("a b"); }, "word", 1, "' ' is not in the alphabet");
}

TEST(Alphabet, WordsOfNames) {
  const Alphabet alphabet({"open", "close", "x"});
  EXPECT_EQ(alphabet.parse_word("open x  close "), (Word{0, 2, 1}));
  EXPECT_EQ(alphabet.parse_word(""), Word{});
  EXPECT_EQ(alphabet.format_word({0, 2, 1}), "open x close");
  expect_input_error([&] { alphabet.parse_word("x openx"); }, "word", 2, "'openx' is not in the alphabet");
}

TEST(Alphabet, WordsReadBackAsWritten) {
  for (const Alphabet& alphabet : {Alphabet::parse("ab"), Alphabet({"left", "b", "é"})})
    for (const Word& word : all_words(alphabet.size(), 4))
      EXPECT_EQ(alphabet.parse_word(alphabet.format_word(word)), word);
}

TEST(SymbolText, CodePointsReadBackAsWritten) {
  for (char32_t point = 0; point <= 0x10FFFF; ++point) {
    if (point >= 0xD800 && point <= 0xDFFF) continue;
    const std::string bytes = encode_code_point(point);
    ASSERT_EQ(decode_code_point(bytes, 0), point);
    ASSERT_EQ(code_point_length(bytes, 0), bytes.size());
  }
}

TEST(SymbolText, MalformedBytesAreSingleStrays) {
  for (const char* bytes : {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                            "\xF8\x88\x80\x80\x80", "\xE2\x82", "\xC3\x28"}) {
    EXPECT_EQ(decode_code_point(bytes, 0), std::nullopt);
    EXPECT_EQ(code_point_length(bytes, 0), 1U);
  }
}

TEST(SymbolText, QuotedNamesReadBackAsWritten) {
  for (const char* name : {"open", "it's", "\\", "'", "a\\'b", "é"}) {
    const std::string text = fmt::format("<{}>", quoted_symbol(name));
    std::size_t position = 1;
    EXPECT_EQ(read_quoted_symbol(text, position, "regex"), name);
    EXPECT_EQ(position, text.size() - 1);
  }
}

TEST(SymbolText, LongAlphabetsAreCutShort) {
  SymbolNames names;
  for (int k = 0; k < 100; ++k) names.push_back(fmt::format("s{}", k));
  const std::string listed = listed_symbols(Alphabet(names));
  EXPECT_TRUE(listed.starts_with("s0, s1, "));
  EXPECT_TRUE(listed.ends_with("s39, ... (100 symbols)")) << listed;
}

}  // namespace
}  // namespace yore::logic
