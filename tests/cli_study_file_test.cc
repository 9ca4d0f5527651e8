// Study files: what is read from them, and every complaint with file, line and column.
#include <gtest/gtest.h>

#include "tests/program.h"
#include "yore/base/files.h"

namespace yore::tests {
namespace {

class StudyFiles : public testing::Test {
 protected:
  base::ProcessResult study(const std::string& toml) {
    base::write_file(file_, toml);
    return yore({"study", file_, "--out", out_, "--quiet"});
  }

  void refused(const std::string& toml, const std::string& place, const std::string& text) {
    const auto result = study(toml);
    EXPECT_EQ(result.exit_code, 2) << toml;
    EXPECT_EQ(result.out, "");
    // Notes on this machine may stand before it.
    const std::size_t at = result.err.find("yore: " + file_ + place + ": ");
    EXPECT_TRUE(at != std::string::npos && result.err.find(text, at) != std::string::npos) << toml << "\n"
                                                                                           << result.err;
    EXPECT_FALSE(std::filesystem::exists(out_));
  }

  Scratch scratch_;
  std::string file_ = scratch_ / "s.toml", out_ = scratch_ / "study";
};

constexpr const char* kTitle = "title = \"t\"\n";
constexpr const char* kCommon = "set = \"41-60\"\ntolerance = 1\nsource = \"s\"\n";

TEST_F(StudyFiles, WhatIsNotAStudyIsRefused) {
  refused("scale = \"x\"\n", "", "has no title");
  refused("title = 3\n", ":1:9", "title: expected a text");
  refused(std::string(kTitle) + "axis = 3\n", ":2:1", "unknown key \"axis\"; did you mean axes?");
  refused(std::string(kTitle) + "[run]\nstep = 3\n", ":3:1",
          "yore study has no option --step; did you mean --steps");
  refused(std::string(kTitle) + "[run\n", ":2:5", "Error while parsing table header");
  refused(std::string(kTitle) + "published = 3\n", ":2:13", "published: expected [[published]] tables");
}

TEST_F(StudyFiles, AFileIsAWordOfItsOwn) {
  base::write_file(file_, kTitle + std::string("[run]\nlanguage = \"") + file_ + "\"\n");
  const std::string config = scratch_ / "c.toml";
  base::write_file(config, "language = \"" + file_ + "\"\n");
  const std::string alone = "language: a study file is given by itself: yore study FILE.toml";
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"--language=" + file_}, alone},
      {{"--language", file_}, alone},
      {{"--config", config}, alone},
      {{file_}, "language: a study file cannot name a study file"},
      {{file_, "--config", scratch_ / "other.toml"}, "--config: does not go with a study file"},
      {{file_, "--alphabet="}, "language: a study file cannot name a study file"}};
  base::write_file(scratch_ / "other.toml", "quiet = true\n");
  for (const auto& [words, message] : cases) {
    std::vector<std::string> arguments = {"study", "--out", out_};
    arguments.insert(arguments.end(), words.begin(), words.end());
    const auto result = yore(arguments);
    EXPECT_EQ(result.exit_code, 2) << words.back();
    EXPECT_NE(result.err.find("yore: " + message), std::string::npos) << words.back() << "\n" << result.err;
  }
  EXPECT_FALSE(std::filesystem::exists(out_));
}

TEST_F(StudyFiles, WhatCannotBeMeantIsRefused) {
  const std::string begin = std::string(kTitle) + "[run]\n";
  for (const std::string name : {"scale", "automata"})
    refused(begin + name + " = \"x\"\n", ":3:1", "run: --" + name + " is chosen on the command line");
  refused(begin + "task = \"text:a\\u0000b\"\n", ":3:8", "a text with a zero character");
  std::string key;
  for (int i = 0; i < 100'000; ++i) key += "a.";
  refused(kTitle + key + "a = 1\n", ":2:66", "expected a key of fewer parts");
}

TEST_F(StudyFiles, PublishedValuesAreWhole) {
  const std::string begin = std::string(kTitle) + "[[published]]\n";
  refused(begin + "value = 1\n", ":2:1", "expected set, tolerance, source, and either value or values");
  refused(begin + kCommon, ":2:1", "either value or values");
  refused(begin + kCommon + "vale = 1\n", ":6:1", "published: unknown key \"vale\"; did you mean value");
  refused(begin + kCommon + "value = \"1\"\n", ":6:9", "value: expected a finite number");
  refused(begin + kCommon + "value = nan\n", ":6:9", "value: expected a finite number");
  refused(begin + "tolerance = -1\n", ":3:13", "tolerance: expected 0 or more");
  refused(begin + kCommon + "value = 1\nvalues = {a = [1]}\n", ":2:1", "either value or values");
  refused(begin + kCommon + "value = 1\nby = [\"a\", \"b\"]\n", ":2:1", "by and columns go with values");
  refused(begin + kCommon + "values = {a = [1]}\n", ":2:1", "values needs by, two paths, and columns");
  refused(begin + kCommon + "by = [\"a\"]\ncolumns = [1]\nvalues = {a = [1]}\n", ":6:6",
          "expected two paths");
  refused(begin + kCommon + "by = [\"a\", \"b\"]\ncolumns = [1, 2]\nvalues = {a = [1]}\n", ":8:15",
          "expected 2 numbers, one a column; found 1");
}

// Found before anything is trained: nothing of the grid could ever be held against it.
TEST_F(StudyFiles, AValueThatNoRunIsAboutIsRefused) {
  if (!YORE_HAS_TENSOR) GTEST_SKIP() << "this build trains nothing";
  const auto result = study(std::string(kTitle) +
                            "[run]\nlanguage = \"a*\"\nsteps = 1\n[[published]]\n"
                            "where = {\"model.attention\" = \"nope\"}\nvalue = 1\n" +
                            kCommon);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find(file_ + ":5:1: published: nope: no run of the grid is about it"),
            std::string::npos)
      << result.err;
  EXPECT_FALSE(std::filesystem::exists(out_));
}

// Every entry, not the first alone; a set is one of those that the runs it is about are tested on.
TEST_F(StudyFiles, AValueOfASetThatIsNotTestedIsRefused) {
  if (!YORE_HAS_TENSOR) GTEST_SKIP() << "this build trains nothing";
  const std::string begin = std::string(kTitle) +
                            "[run]\nlanguage = \"(ab)*\"\nsteps = 1\ntest_buckets = [\"41-60\"]\n"
                            "attention = [\"global\"]\n[[published]]\nvalue = 1\n" +
                            kCommon;
  refused(begin + "[[published]]\nvalue = 1\nset = \"41-66\"\ntolerance = 1\nsource = \"s\"\n", ":12:1",
          "published: all runs: set: there is no set \"41-66\" in these runs, expected one of validation, "
          "41-60, witness; did you mean 41-60?");
  refused(
      begin +
          "[[published]]\nvalue = 1\nset = \"41-60\"\nmetric = \"acuracy\"\ntolerance = 1\nsource = \"s\"\n",
      ":12:1",
      "published: all runs: metric: there is no metric \"acuracy\" in these runs, expected one of accuracy");
}

TEST_F(StudyFiles, AValueIsAboutOneKindOfRuns) {
  if (!YORE_HAS_TENSOR) GTEST_SKIP() << "this build trains nothing";
  refused(std::string(kTitle) +
              "[run]\nlanguage = \"(ab)*\"\nsteps = 1\ntest_buckets = [\"41-60\"]\nwidth = 8\n"
              "attention = [\"global\", \"local\"]\n[[published]]\nvalue = 1\n" +
              kCommon,
          ":8:1", "published: all runs: 2 kinds of runs are about it (global; local)");
}

// A table of values is as many single ones, and the report shows it as a table.
TEST_F(StudyFiles, ATableOfValuesIsHeldAgainstTheMeasuredOnes) {
  if (!YORE_HAS_TENSOR) GTEST_SKIP() << "this build trains nothing";
  const auto result = study(R"(
title = "Tables"
[run]
steps = 2
seeds = [1]
width = 8
heads = 2
mlp_width = 8
test_buckets = ["41-60"]
[axes]
language = ["name:last-a", "name:parity"]
attention = ["global", "local"]
[[published]]
by = ["task.language", "model.attention"]
columns = ["global", "local"]
set = "41-60"
tolerance = 1.0
source = "A"
[published.values]
"name:last-a" = [0.5, 0.25]
[[published]]
where = { "task.language" = "name:parity", "model.attention" = "local" }
value = 0.75
set = "41-60"
tolerance = 0.0
source = "B"
)");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const base::Json values = base::read_json(out_ + "/published.json").at("values");
  ASSERT_EQ(values.size(), 3u);
  EXPECT_EQ(values[1]["where"], base::Json({{"task.language", "name:last-a"}, {"model.attention", "local"}}));
  EXPECT_EQ(values[1]["published"], 0.25);
  EXPECT_EQ(values[1]["within"], true);
  EXPECT_EQ(values[1]["runs"], 1);
  EXPECT_EQ(values[2]["within"], false);
  const std::string report = base::read_file(out_ + "/report.html");
  EXPECT_NE(report.find("published / measured"), std::string::npos);
  EXPECT_NE(report.find("25% / "), std::string::npos);
  EXPECT_NE(report.find("beyond"), std::string::npos) << "0.75 with tolerance 0";
}

}  // namespace
}  // namespace yore::tests
