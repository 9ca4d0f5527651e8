#include "yore/text/pattern.h"

#include <gtest/gtest.h>

#include "yore/base/test_refusal.h"
#include "yore/text/data.h"
#include "yore/text/normal.h"

namespace yore::text {
namespace {

using Parts = std::vector<std::string_view>;

Parts isolated(std::string_view text, const char* regex) {
  return split(text, Pattern::regex(regex, "test", "pattern"), SplitBehavior::Isolated, false);
}

// The examples of the GPT-2 paper's code, and what its pattern does to blanks: the last one goes with the
// word.
TEST(Split, ByGpt2sPattern) {
  EXPECT_EQ(isolated("Hello world's  end", kGpt2Pattern), (Parts{"Hello", " world", "'s", " ", " end"}));
  EXPECT_EQ(isolated("a1b22 !?", kGpt2Pattern), (Parts{"a", "1", "b", "22", " !?"}));
  EXPECT_EQ(isolated("\xC3\xA9t\xC3\xA9 \xE6\x97\xA5\xE6\x9C\xAC", kGpt2Pattern),
            (Parts{"\xC3\xA9t\xC3\xA9", " \xE6\x97\xA5\xE6\x9C\xAC"}));
  EXPECT_EQ(isolated("", kGpt2Pattern), (Parts{}));
}

// "the-final--countdown", the example of tokenizers' documentation.
TEST(Split, HasFiveBehaviors) {
  const Pattern dash = Pattern::literal("-");
  const auto parts = [&](SplitBehavior behavior, bool invert = false) {
    return split("the-final--countdown", dash, behavior, invert);
  };
  EXPECT_EQ(parts(SplitBehavior::Removed), (Parts{"the", "final", "countdown"}));
  EXPECT_EQ(parts(SplitBehavior::Isolated), (Parts{"the", "-", "final", "-", "-", "countdown"}));
  EXPECT_EQ(parts(SplitBehavior::MergedWithPrevious), (Parts{"the-", "final-", "-", "countdown"}));
  EXPECT_EQ(parts(SplitBehavior::MergedWithNext), (Parts{"the", "-final", "-", "-countdown"}));
  EXPECT_EQ(parts(SplitBehavior::Contiguous), (Parts{"the", "-", "final", "--", "countdown"}));
  EXPECT_EQ(parts(SplitBehavior::Removed, true), (Parts{"-", "-", "-"}));
}

TEST(Split, BytesThatAreNoCharactersStandAlone) {
  EXPECT_EQ(isolated("ab\xFF\xFE"
                     "cd",
                     "\\p{L}+"),
            (Parts{"ab", "\xFF\xFE", "cd"}));
  EXPECT_EQ(isolated("\xE2\x82 a", "\\s"), (Parts{"\xE2\x82", " ", "a"}));
}

TEST(Pattern, BlanksAreUnicodes) {
  EXPECT_EQ(isolated("a\xC2\x85"
                     "b\xE2\x80\x83"
                     "c\xE1\xA0\x8E"
                     "d",
                     "\\s"),
            (Parts{"a", "\xC2\x85", "b", "\xE2\x80\x83",
                   "c\xE1\xA0\x8E"
                   "d"}))
      << "U+0085 and U+2003 are white space, U+180E is not";
  EXPECT_EQ(isolated("a\\sb", R"(\\s)"), (Parts{"a", "\\s", "b"})) << "an escaped backslash";
}

TEST(Pattern, MatchesOfNoLengthCutToo) {
  EXPECT_EQ(isolated("abc", "x*"), (Parts{"a", "b", "c"}));
  const auto parts = [](SplitBehavior behavior, const char* regex, std::string_view text) {
    return split(text, Pattern::regex(regex, "test", "pattern"), behavior, false);
  };
  EXPECT_EQ(parts(SplitBehavior::Contiguous, "(?=b)", "abab"), (Parts{"a", "ba", "b"}));
  EXPECT_EQ(parts(SplitBehavior::MergedWithPrevious, "b*", "abbac"), (Parts{"abb", "a", "c"}));
  EXPECT_EQ(parts(SplitBehavior::MergedWithNext, "b*", "abbac"), (Parts{"a", "bba", "c"}));
  EXPECT_EQ(isolated("\xC3\xA9\xC3\xA9", "(?=\xC3\xA9)"), (Parts{"\xC3\xA9", "\xC3\xA9"}));
}

TEST(Pattern, RefusesWhatItCannotReadOrAfford) {
  EXPECT_TRUE(base::refused([] { Pattern::regex("(a", "file.json", "pre_tokenizer.pattern"); },
                            "file.json: pre_tokenizer.pattern: PCRE2 cannot read the pattern"));
  EXPECT_TRUE(base::refused([] { isolated(std::string(60, 'a') + "!", "(a+)+$"); }, "match limit exceeded"));
  EXPECT_TRUE(
      base::refused([] { Pattern::regex(std::string(70'000, 'a'), "f", "p"); }, "at most 65536 bytes"));
}

// Unicode's own examples (annex 15).
TEST(NormalForm, IsUnicodes) {
  EXPECT_EQ(normal_form("e\xCC\x81", NormalForm::NFC), "\xC3\xA9");
  EXPECT_EQ(normal_form("\xC3\xA9", NormalForm::NFD), "e\xCC\x81");
  EXPECT_EQ(normal_form("\xEF\xAC\x81", NormalForm::NFC), "\xEF\xAC\x81") << "a ligature";
  EXPECT_EQ(normal_form("\xEF\xAC\x81", NormalForm::NFKC), "fi");
  EXPECT_EQ(normal_form("\xE2\x84\xAB", NormalForm::NFC), "\xC3\x85") << "the sign of Angstrom";
  EXPECT_EQ(normal_form("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", NormalForm::NFC), "\xED\x95\x9C") << "Hangul";
  EXPECT_EQ(normal_form("e\xCC\x81\xFF"
                        "e\xCC\x81\xC3",
                        NormalForm::NFC),
            "\xC3\xA9\xFF\xC3\xA9\xC3")
      << "bytes that are no characters stay";
}

TEST(Normalize, ReplacesMatchesOfNoLength) {
  const auto replaced = [](const char* regex, std::string_view text) {
    NormalStep step;
    step.kind = NormalStep::Kind::Replace;
    step.pattern = Pattern::regex(regex, "test", "pattern");
    step.content = "x";
    return normalize(text, {step});
  };
  EXPECT_EQ(replaced("(?=b)", "ab"), "axb");
  EXPECT_EQ(replaced("b*", "abbac"), "xaxaxcx");
  EXPECT_EQ(replaced("$", "a\nb"), "ax\nbx");
  EXPECT_EQ(replaced("^", "a\nb\n"), "xa\nxb\n");
  EXPECT_EQ(replaced("b*", ""), "");
}

TEST(Normalize, RefusesHostileGrowth) {
  NormalStep step;
  step.kind = NormalStep::Kind::Replace;
  step.pattern = Pattern::literal("a");
  step.content = "aaaaaaaa";
  EXPECT_EQ(normalize("bab", {step}), "baaaaaaaab");
  EXPECT_TRUE(base::refused([&] { normalize(std::string(100, 'a'), std::vector<NormalStep>(6, step)); },
                            "no more than 64 times as many"));
  step.content = std::string(64, 'a');  // would be 4 GB on the way
  EXPECT_TRUE(base::refused([&] { normalize(std::string(20'000, 'a'), std::vector<NormalStep>(4, step)); },
                            "makes more than 1281024 bytes of a text of 20000"));
  Decoding decoding;
  decoding.replacements.assign(5, {"a", step.content});  // and 1 GB here
  EXPECT_TRUE(
      base::refused([&] { decoded_piece("a", decoding); }, "makes more than 1088 bytes of the piece \"a\""));
}

}  // namespace
}  // namespace yore::text
