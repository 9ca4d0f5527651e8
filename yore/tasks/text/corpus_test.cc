#include "yore/tasks/text/corpus.h"

#include <gtest/gtest.h>

#include "yore/base/files.h"
#include "yore/base/test_refusal.h"
#include "yore/base/test_scratch.h"

namespace yore::tasks {
namespace {

class CorpusTest : public ::testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& bytes) {
    base::write_file(scratch_ / name, bytes);
    return (scratch_ / name).string();
  }
  static ::testing::AssertionResult refused(const CorpusFiles& files, const std::string& part) {
    return base::refused([&] { const Corpus corpus(files); }, part);
  }
  base::Scratch scratch_;
};

using Views = std::vector<std::string_view>;

Views texts(const std::vector<Corpus::Part>& parts) {
  Views views;
  for (const Corpus::Part& part : parts) views.push_back(part.text);
  return views;
}

TEST_F(CorpusTest, AFileIsCutInThree) {
  const std::string a = file("a", "0123456789"), b = file("b", "abcdefghijabcdefghij");
  const Corpus corpus({a + "," + b, "", "", 0.2, 0.3});
  EXPECT_EQ(texts(corpus.training()), (Views{"01234", "abcdefghij"}));
  EXPECT_EQ(texts(corpus.validation()), (Views{"56", "abcd"}));
  EXPECT_EQ(texts(corpus.test()), (Views{"789", "efghij"}));
  const Corpus no_test({a, "", "", 0.2, 0});
  EXPECT_EQ(texts(no_test.training()), (Views{"01234567"}));
  EXPECT_TRUE(no_test.test().empty());
}

// The parts are views of one text, so that where they lie shows that none overlaps another.
TEST_F(CorpusTest, PartsShareNoByte) {
  std::string bytes;
  for (int i = 0; i < 997; ++i) bytes += static_cast<char>(i * i % 251);
  const std::string path = file("a", bytes);
  for (const double v : {0.01, 0.05, 0.333, 0.5})
    for (const double t : {0.01, 0.1, 0.4}) {
      const Corpus corpus({path, "", "", v, t});
      const std::string_view one = corpus.training()[0].text, two = corpus.validation()[0].text,
                             three = corpus.test()[0].text;
      EXPECT_EQ(one.data() + one.size(), two.data());
      EXPECT_EQ(two.data() + two.size(), three.data());
      EXPECT_EQ(one.size() + two.size() + three.size(), bytes.size());
    }
}

TEST_F(CorpusTest, FilesOfTheirOwn) {
  const std::string a = file("a", "0123456789"), b = file("b", "abc"), c = file("c", "xy"),
                    d = file("d", "zz");
  const Corpus corpus({a, b, c + "," + d, 0, 0});
  EXPECT_EQ(texts(corpus.training()), (Views{"0123456789"}));
  EXPECT_EQ(texts(corpus.validation()), (Views{"abc"}));
  EXPECT_EQ(texts(corpus.test()), (Views{"xy", "zz"}));
  EXPECT_EQ(corpus.identities().size(), 4u);
}

TEST_F(CorpusTest, WhatCannotBeMeantIsRefusedByName) {
  const std::string a = file("a", "0123456789"), copy = file("copy", "0123456789"), one = file("one", "1"),
                    empty = file("empty", "");
  EXPECT_TRUE(refused({(scratch_ / "none").string(), "", "", 0.2, 0}, (scratch_ / "none").string()));
  EXPECT_TRUE(refused({scratch_.path().string(), "", "", 0.2, 0}, "is a folder"));
  EXPECT_TRUE(refused({empty, a, "", 0, 0}, empty + ": is empty, expected a text"));
  EXPECT_TRUE(refused({a, empty, "", 0, 0}, empty + ": is empty"));
  EXPECT_TRUE(
      refused({one, a, "", 0, 0}, one + ": has 1 byte, of which 1 is for training; expected at least 2"));
  EXPECT_TRUE(refused({a, one, "", 0, 0}, one + ": has 1 byte, of which 1 is for validation"));
  EXPECT_TRUE(refused({a, "", "", 0.1, 0.2}, a + ": has 10 bytes, of which 1 is for validation"));
  EXPECT_TRUE(refused({a, "", "", 0.2, 0.01}, a + ": has 10 bytes, of which 0 are for test"));
  EXPECT_TRUE(refused({a, a, "", 0, 0}, a + ": holds the same text as " + a));
  EXPECT_TRUE(refused({a, "", copy, 0.2, 0}, copy + ": holds the same text as " + a))
      << "under whatever name";
  EXPECT_TRUE(refused({a + ",", copy, "", 0, 0}, "task text: file: expected a file between the commas"));
}

TEST_F(CorpusTest, AChangedTextIsNotTheSame) {
  const std::string a = file("a", "0123456789"), b = file("b", "abc");
  const std::vector<std::string> identities = Corpus({a, b, "", 0, 0}).identities();
  EXPECT_NO_THROW(Corpus({a, b, "", 0, 0}).check_identities(identities));
  file("b", "abd");
  EXPECT_TRUE(base::refused(
      [&] {
        Corpus({a, b, "", 0, 0}).check_identities(identities);
      },
      b + ": is not the text it was: expected 3 bytes, fnv1a e71fa2190541574b, found 3 bytes"));
  EXPECT_TRUE(base::refused(
      [&] {
        Corpus({a, "", "", 0.2, 0}).check_identities(identities);
      },
      "identity: expected one for each of 1 files, found 2"));
}

TEST(CutBefore, EndsLinesOrDocuments) {
  const std::string text = "one two\nthree\n\nfour \xC3\xA9t\xC3\xA9";
  for (std::size_t at = 0; at <= text.size(); ++at) EXPECT_EQ(cut_before(text, at, CutAt::Byte), at);
  EXPECT_EQ(cut_before(text, 14, CutAt::Line), 14u) << "behind \"three\"";
  EXPECT_EQ(cut_before(text, 13, CutAt::Line), 8u);
  EXPECT_EQ(cut_before(text, 7, CutAt::Line), 4u) << "no line: a word";
  EXPECT_EQ(cut_before(text, 3, CutAt::Line), 3u) << "no word: a character";
  EXPECT_EQ(cut_before(text, 17, CutAt::Document), 15u);
  EXPECT_EQ(cut_before(text, 14, CutAt::Document), 14u) << "no document: a line";
  EXPECT_EQ(cut_before(text, text.size(), CutAt::Document), text.size());
  EXPECT_EQ(cut_before("\xC3\xA9t\xC3\xA9", 4, CutAt::Line), 3u) << "never within a character";
}

TEST(BlankLines, StandBetweenDocuments) {
  EXPECT_EQ(between_blank_lines("a\nb\n\nc\n \t\n\n\nd"), (Views{"a\nb\n", "c\n", "d"}));
  EXPECT_EQ(between_blank_lines("\n\na\r\n\r\nb"), (Views{"a\r\n", "b"}));
  EXPECT_TRUE(between_blank_lines("\n \n").empty());
  EXPECT_TRUE(between_blank_lines("").empty());
}

// The algorithm's published values.
TEST(Checksum, IsFnv1a) {
  EXPECT_EQ(checksum(""), 0xCBF29CE484222325u);
  EXPECT_EQ(checksum("a"), 0xAF63DC4C8601EC8Cu);
  EXPECT_EQ(checksum("foobar"), 0x85944171F73967E8u);
}

}  // namespace
}  // namespace yore::tasks
