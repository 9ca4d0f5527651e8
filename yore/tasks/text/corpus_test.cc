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

TEST_F(CorpusTest, AFileIsCutInThree) {
  const std::string a = file("a", "0123456789"), b = file("b", "abcdefghijabcdefghij");
  const Corpus corpus({a + "," + b, "", "", 0.2, 0.3});
  EXPECT_EQ(corpus.training(), (Views{"01234", "abcdefghij"}));
  EXPECT_EQ(corpus.validation(), (Views{"56", "abcd"}));
  EXPECT_EQ(corpus.test(), (Views{"789", "efghij"}));
  const Corpus no_test({a, "", "", 0.2, 0});
  EXPECT_EQ(no_test.training(), (Views{"01234567"}));
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
      const std::string_view one = corpus.training()[0], two = corpus.validation()[0],
                             three = corpus.test()[0];
      EXPECT_EQ(one.data() + one.size(), two.data());
      EXPECT_EQ(two.data() + two.size(), three.data());
      EXPECT_EQ(one.size() + two.size() + three.size(), bytes.size());
    }
}

TEST_F(CorpusTest, FilesOfTheirOwn) {
  const std::string a = file("a", "0123456789"), b = file("b", "abc"), c = file("c", "xy"),
                    d = file("d", "zz");
  const Corpus corpus({a, b, c + "," + d, 0, 0});
  EXPECT_EQ(corpus.training(), (Views{"0123456789"}));
  EXPECT_EQ(corpus.validation(), (Views{"abc"}));
  EXPECT_EQ(corpus.test(), (Views{"xy", "zz"}));
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

// The algorithm's published values.
TEST(Checksum, IsFnv1a) {
  EXPECT_EQ(checksum(""), 0xCBF29CE484222325u);
  EXPECT_EQ(checksum("a"), 0xAF63DC4C8601EC8Cu);
  EXPECT_EQ(checksum("foobar"), 0x85944171F73967E8u);
}

}  // namespace
}  // namespace yore::tasks
