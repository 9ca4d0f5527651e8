// Algorithmic capture as a user meets it: numbers judged, a study of several tasks, and what is refused.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/program.h"

namespace yore::tests {
namespace {

class CliCapture : public ::testing::Test {
 protected:
  /// Lines SIZE,SAMPLES of these samples at 16, 32 .. 512.
  std::string points(const auto& samples) const {
    std::string text = "size,samples\n";
    for (int size = 16; size <= 512; size *= 2) text += fmt::format("{},{}\n", size, samples(size));
    base::write_file(scratch_ / "points.csv", text);
    return scratch_ / "points.csv";
  }
  void refused(const std::vector<std::string>& arguments, const std::string& part) {
    const auto run = yore(arguments);
    EXPECT_EQ(run.exit_code, 2) << part << run.out;
    EXPECT_NE(run.err.find(part), std::string::npos) << run.err;
  }
  Scratch scratch_;
};

TEST_F(CliCapture, NumbersAreJudged) {
  const auto verdict = [&](const auto& samples) {
    const auto run = yore({"capture", points(samples), "--json", "--replicates", "200"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    const base::Json judgement = base::parse_json(run.out, "judgement");
    return judgement.at("verdict").get<std::string>();
  };
  EXPECT_EQ(verdict([](double t) { return 4 + 3 * std::log(t); }), "consistent");
  EXPECT_EQ(verdict([](double t) { return 2 * t; }), "not");
  const double noise[] = {1.4, 0.8, 0.75, 1.5, 0.7, 1.2};
  int i = 0;
  EXPECT_EQ(verdict([&](double t) { return 4 * std::pow(t, 0.35) * noise[i++]; }), "undecided");
  const auto run = yore({"capture", points([](double t) { return 2 * t; })});
  EXPECT_TRUE(run.out.starts_with("not: over T = 16 to 512 n grows as a power, 2 T^1")) << run.out;
  EXPECT_NE(run.out.find("power      n = 2 T^1"), std::string::npos) << run.out;
}

TEST_F(CliCapture, WhatIsNoNumberOrTooFewIsRefused) {
  const auto file = [&](const std::string& text) {
    base::write_file(scratch_ / "bad.csv", text);
    return std::string(scratch_ / "bad.csv");
  };
  refused({"capture", file("16,1\n32,2\n64,3\n")}, "3 sizes cannot tell a logarithm from a power");
  refused({"capture", file("16,1\n17,2\n18,3\n19,4\n20,5\n")}, "less than one decade");
  refused({"capture", file("16,1\n32;2\n")}, "bad.csv:2: expected SIZE,SAMPLES");
  refused({"capture", file("16,x\n")}, "bad.csv:1: expected a number, found \"x\"");
  refused({"capture", file("1 6,10\n")}, "bad.csv:1: expected a number, found \"1 6\"");
  refused({"capture", file("16,1 0\n")}, "bad.csv:1: expected a number, found \"1 0\"");
  refused({"capture", file(" 16 ,\t1 \r\n16 , > 2\n")}, "bad.csv:2: the size 16 is there twice");
  refused({"capture", file("16,-1\n")}, "expected samples from 0 to 9007199254740992 (2^53), found -1");
  refused({"capture", file("0,1\n")}, "expected a size from 1 to 9007199254740992 (2^53), found 0");
  refused({"capture", file("8,1\n16,1e30\n")}, "bad.csv:2: expected samples from 0 to");
  refused({"capture", file("8,1\n16,>1e308\n")}, "(2^53), found 1e308");
  refused({"capture", file("1e30,1\n")}, "bad.csv:1: expected a size from 1 to");
  refused({"capture", file(std::string("16,1\0\n", 6))}, "expected a number, found \"1\\x00\"");
  refused({"capture", "/dev/zero"}, "is a device, expected a file or a pipe");
  refused({"capture", file("16,1\n16,2\n")}, "the size 16 is there twice");
  refused({"capture", scratch_ / "none.csv"}, "none.csv");
  const auto censored = yore({"capture", file("8,>4\n16,>4\n32,>4\n64,1\n128,2\n")});
  EXPECT_TRUE(censored.out.starts_with("undecided: 2 of 5 sizes have a number")) << censored.out;
}

TEST_F(CliCapture, AByteOrderMarkIsNoPartOfTheNumbers) {
  const std::string text = "8,1\n16,2\n32,3\n64,4\n128,5\n";
  base::write_file(scratch_ / "plain.csv", text);
  const auto plain = yore({"capture", scratch_ / "plain.csv", "--replicates", "20"});
  ASSERT_EQ(plain.exit_code, 0) << plain.err;
  for (const std::string head : {"\xEF\xBB\xBF", "\xEF\xBB\xBFsize,samples\n"}) {
    base::write_file(scratch_ / "marked.csv", head + text);
    const auto marked = yore({"capture", scratch_ / "marked.csv", "--replicates", "20"});
    EXPECT_EQ(marked.exit_code, 0) << marked.err;
    EXPECT_EQ(marked.out, plain.out);
  }
}

TEST_F(CliCapture, TheLargestNumbersAreFittedWithoutANumberThatIsNone) {
  base::write_file(scratch_ / "large.csv", "8,9007199254740992\n16,2e15\n32,3\n64,4\n128,>4\n");
  const auto run = yore({"capture", scratch_ / "large.csv", "--json", "--replicates", "100"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const base::Json judgement = base::parse_json(run.out, "judgement");
  for (const base::Json& exponent : judgement.at("exponent")) EXPECT_TRUE(exponent.is_number()) << run.out;
  EXPECT_EQ(run.out.find("null"), std::string::npos) << run.out;
}

TEST_F(CliCapture, WorkPastTheBudgetIsRefusedBeforeItBegins) {
  std::string many;
  for (int size = 1; size < 300'000; ++size) many += fmt::format("{},{}\n", size, size);
  base::write_file(scratch_ / "many.csv", many);
  refused({"capture", scratch_ / "many.csv"},
          "fitting 400 replicates of 299999 sizes went past the budget of 100000 (raise it with --max-fits)");
  const std::string six = points([](double t) { return 2 * t; });
  refused({"capture", six, "--replicates", "100000"}, "raise it with --max-fits");
  refused({"capture", six, "--replicates", "50", "--max-fits", "299"}, "the budget of 299");
  EXPECT_EQ(yore({"capture", six, "--replicates", "50", "--max-fits", "300"}).exit_code, 0);
}

std::vector<std::string> study(const Scratch& scratch, std::vector<std::string> more) {
  std::vector<std::string> arguments = {"study",
                                        "--axis",
                                        "task=copy:letters=4;majority",
                                        "--train-min-length",
                                        "3",
                                        "--train-max-length",
                                        "4",
                                        "--test-lengths",
                                        "5-6",
                                        "--validation-sequences",
                                        "8",
                                        "--test-sequences",
                                        "8",
                                        "--layers",
                                        "1",
                                        "--width",
                                        "8",
                                        "--mixer",
                                        "attention:heads=2",
                                        "--mlp-width",
                                        "8",
                                        "--steps",
                                        "2",
                                        "--batch",
                                        "4",
                                        "--capture-samples",
                                        "2",
                                        "--capture-steps",
                                        "2",
                                        "--capture-test",
                                        "8",
                                        "--seeds",
                                        "1",
                                        "2",
                                        "3",
                                        "--quiet",
                                        "--out",
                                        scratch / "study"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST_F(CliCapture, AStudyOfTasksEndsInVerdicts) {
  const std::vector<std::string> sizes = {"--capture", "4,8,16,32,40"};
  const auto first = yore(study(scratch_, {"--capture", "4,8,16,32,40", "--shard", "1/2"}));
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_NE(first.err.find("3 of 6 runs measured"), std::string::npos) << first.err;
  const auto all = yore(study(scratch_, sizes));
  ASSERT_EQ(all.exit_code, 0) << all.err;
  EXPECT_NE(all.err.find("3 runs had a result before and were kept"), std::string::npos) << all.err;
  EXPECT_NE(all.out.find("majority, error 0.05: undecided: "), std::string::npos) << all.out;
  const std::filesystem::path folder(scratch_ / "study");
  const base::Json capture = base::read_json(folder / "capture.json");
  ASSERT_EQ(capture.at("kinds").size(), 2u);
  for (const base::Json& kind : capture.at("kinds"))
    for (const base::Json& at : kind.at("at")) EXPECT_EQ(at.at("needed").size(), 5u);
  const std::string csv = base::read_file(folder / "capture.csv");
  std::ptrdiff_t tests = 0;
  for (const auto& run : std::filesystem::directory_iterator(folder / "runs")) {
    const std::string lines = base::read_file(run.path() / "capture.jsonl");
    tests += std::count(lines.begin(), lines.end(), '\n');
  }
  EXPECT_GE(tests, 6 * 5 * 2) << "each of 6 runs tests without samples and with one, at 5 sizes";
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + tests);
  EXPECT_NE(base::read_file(folder / "report.html").find("Algorithmic capture"), std::string::npos);
  EXPECT_NE(base::read_file(folder / "report.html").find("id=\"capture\""), std::string::npos);
}

TEST_F(CliCapture, StudiesWithoutAVerdictInSightAreRefused) {
  refused(study(scratch_, {"--capture", "4,8,16,32"}), "4 sizes cannot tell");
  refused(study(scratch_, {"--capture", "4,5,6,7,8"}), "less than one decade");
  refused(study(scratch_, {"--capture", "4,8,16,32,40", "--budget", "1e-9"}), "6 runs are estimated to take");
  refused(study(scratch_, {}), "training.capture: expected sizes");
  refused({"study", "--task", "mqar", "--capture", "4,8,16,32,40", "--out", scratch_ / "study"},
          "the task mqar has no sizes; expected one of");
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "study"));
  const auto within = yore(study(scratch_, {"--capture", "4,8,16,32,40", "--budget", "1"}));
  EXPECT_EQ(within.exit_code, 0) << within.err;
  EXPECT_TRUE(within.err.starts_with("6 runs are estimated to take ")) << within.err;
}

}  // namespace
}  // namespace yore::tests
