#include <gtest/gtest.h>

#include "yore/base/files.h"
#include "yore/base/test_refusal.h"
#include "yore/base/test_scratch.h"
#include "yore/tasks/labelled_text/rows.h"
#include "yore/tasks/task.h"

namespace yore::tasks {
namespace {

TEST(LabelledRows, QuotesCommasAndLineBreaks) {
  const auto rows = read_labelled_rows("a,one\r\n\"b\",\"two, \"\"2\"\"\nlines\",more\n\nc,\"\"", "x.csv");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].label, "a");
  EXPECT_EQ(rows[0].text, "one");
  EXPECT_EQ(rows[1].text, "two, \"2\"\nlines more");
  EXPECT_EQ(rows[2].text, "");
  EXPECT_EQ(read_labelled_rows("\xEF\xBB\xBF"
                               "a,one\n",
                               "x.csv")
                .at(0)
                .label,
            "a");
  EXPECT_TRUE(
      base::refused([] { read_labelled_rows("a,b\nc\n", "x.csv"); }, "x.csv: row 2: expected a class"));
  EXPECT_TRUE(base::refused([] { read_labelled_rows("a,\"b\n", "x.csv"); }, "row 1: a quote is opened"));
  EXPECT_TRUE(base::refused([] { read_labelled_rows("a,\"b\"c\n", "x.csv"); }, "something follows"));
  EXPECT_TRUE(base::refused([] { read_labelled_rows(",b\n", "x.csv"); }, "first column, is empty"));
}

TEST(LabelledRows, Words) {
  EXPECT_EQ(words_of("The cat's 9 lives -- caf\xc3\xa9"),
            (std::vector<std::string>{"the", "cat", "s", "9", "lives", "caf\xc3\xa9"}));
}

class LabelledText : public ::testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& content) const {
    base::write_file(scratch_ / name, content);
    return (scratch_ / name).string();
  }
  static std::unique_ptr<Task> make(Json options) {
    options["name"] = "labelled_text";
    return make_task(options);
  }
  base::Scratch scratch_;
};

// Rows 0 and 3 are the test, 1 and 4 validation, 2, 5, 6.. training; 8 repeats the test row 0.
TEST_F(LabelledText, RowsAreSplitByTheirNumbers) {
  const std::string path = file("t.csv",
                                "1,red red\n2,blue\n1,red dog\n2,blue sky\n1,red dog red\n2,blue blue\n"
                                "1,red\n2,blue cat\n1,red red\n");
  const auto task = make({{"file", path}, {"fold", 3}});
  // Row 6 is the test's by its number, 7 validation's; red and blue occur twice in rows 2, 5 and 8.
  const std::vector<std::string> names = task->token_names();
  EXPECT_EQ(names, (std::vector<std::string>{"red", "blue", "<unk>", "?"}));
  EXPECT_EQ(task->outputs(), 2);
  const Batch test = task->tests().front().batch;
  EXPECT_EQ(test.tokens, (std::vector<std::int32_t>{0, 0, 3, 1, 2, 3, 0, 3}));
  EXPECT_EQ(test.targets, (std::vector<std::int32_t>{-1, -1, 0, -1, -1, 1, -1, 0}));
  EXPECT_EQ(task->validation().batch.tokens, (std::vector<std::int32_t>{1, 3, 0, 2, 0, 3, 1, 2, 3}));
  const Batch batch = task->training_batch(1, 0, 64);
  for (std::size_t b = 0; b < 64; ++b)  // "red <unk>" or "blue blue"; "red red" is in the test
    EXPECT_EQ(batch.tokens[static_cast<std::size_t>(batch.starts[b]) + 1],
              batch.targets[static_cast<std::size_t>(batch.starts[b + 1]) - 1] == 0 ? 2 : 1);
  // Of one word each, every training row repeats one that is evaluated.
  EXPECT_TRUE(base::refused(
      [&] {
        make({{"file", path}, {"fold", 3}, {"context", 2}});
      },
      "were left out: they repeat the text of a test or validation row"));
}

TEST_F(LabelledText, Bytes) {
  const auto task =
      make({{"file", file("t.csv", "x,ab\ny,c\nx,d\ny,e\nx,f\ny,g\n")}, {"units", "bytes"}, {"fold", 3}});
  EXPECT_EQ(task->vocabulary(), 257);
  EXPECT_EQ(task->tests().front().batch.tokens, (std::vector<std::int32_t>{'a', 'b', 256, 'e', 256}));
}

TEST_F(LabelledText, WhatCannotBeMeantIsRefused) {
  EXPECT_TRUE(base::refused([&] { make({}); }, "file: expected a CSV file"));
  EXPECT_TRUE(base::refused([&] { make({{"file", file("a.csv", "1,x\n1,y\n")}}); }, "two classes at least"));
  EXPECT_TRUE(base::refused(
      [&] {
        make({{"file", file("b.csv", "class,text\n1,a\n2,b\n1,c\n2,d\n1,e\n2,f\n")}, {"fold", 3}});
      },
      "is of the class"));
  const std::string latin = file("latin.csv", "1,a\n2,caf\xE9\n1,b\n2,c\n1,d\n2,e\n");
  EXPECT_TRUE(base::refused(
      [&] {
        make({{"file", latin}, {"fold", 3}});
      },
      "latin.csv: row 2: its text is not UTF-8; units=bytes reads any bytes"));
  Json bytes = {{"file", latin}, {"fold", 3}, {"units", "bytes"}};
  make(bytes);
  for (const auto& [count, part] :
       {std::pair(-5, "word_count: expected 1 to"), {7, "expected none with units=bytes"}}) {
    bytes["word_count"] = count;
    EXPECT_TRUE(base::refused([&] { make(bytes); }, part));
  }
  const std::string path = file("c.csv", "1,a\n1,b\n1,c\n2,d\n2,e\n2,f\n");
  const Json once =
      complete_task({{"name", "labelled_text"}, {"file", path}, {"units", "bytes"}, {"fold", 3}});
  file("c.csv", "1,a\n1,b\n1,c\n2,d\n2,e\n2,g\n");
  EXPECT_TRUE(base::refused([&] { make_task(once); }, "is not the file it was"));
}

}  // namespace
}  // namespace yore::tasks
