// yore study FILE.toml: scales, and automata from a folder.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/program.h"

namespace yore::tests {
namespace {

class StudyScales : public testing::Test {
 protected:
  base::ProcessResult study(const std::string& toml, std::vector<std::string> more = {}) {
    base::write_file(file_, toml);
    std::vector<std::string> arguments = {"study", file_, "--out", out_, "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return yore(arguments);
  }
  void refused(const std::string& toml, const std::vector<std::string>& more, const std::string& text) {
    const auto result = study(toml, more);
    EXPECT_EQ(result.exit_code, 2) << toml;
    EXPECT_TRUE(result.err.starts_with("yore: " + text)) << toml << "\n" << result.err;
    EXPECT_FALSE(std::filesystem::exists(out_));
  }
  base::Json config_of_first_run() const {
    const std::filesystem::directory_iterator runs(std::filesystem::path(out_) / "runs");
    return base::read_json(runs->path() / "config.json");
  }

  /// A file as the task labelled_text reads it.
  std::string labelled_texts() const {
    std::string rows;
    for (int i = 0; i < 400; ++i)
      rows += fmt::format("\"{}\",\"Title {}\",\"what is said of {}\"\n", i / 10 % 4 + 1, i, i);
    base::write_file(scratch_ / "labelled.csv", rows);
    return scratch_ / "labelled.csv";
  }

  Scratch scratch_;
  std::string file_ = scratch_ / "s.toml", out_ = scratch_ / "study";
};

const std::string kScales = R"(title = "recall"
[run]
task = "mqar"
train = ["16:2:100"]
test = ["16:2"]
vocabulary = 32
validation_sequences = 4
test_sequences = 4
width = 8
batch = 4
steps = 2
seeds = [1]
strict = false
positions = "none"
[axes]
mixer = ["attention:window=4,heads=2", "attention:heads=2"]
[scales.papers]
about = "As published."
run = { steps = 9, width = 16 }
axes = { mixer = ["attention:window=4,heads=2", "attention:heads=2", "gla:heads=2"] }
[scales.laptop]
about = "In a second."
run = { steps = 3 }
)";

TEST_F(StudyScales, TheLaptopScaleIsTheDefaultAndTheDifferencesArePrinted) {
  const auto result = study(kScales);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const char* line : {"scale laptop: In a second.\n", "  training.steps: 3 (papers: 9)\n",
                           "  model.width: 8 (papers: 16)\n",
                           "  model.mixer: 2 values (papers: 3 values)\n    only papers: gla:heads=2\n"})
    EXPECT_NE(result.err.find(line), std::string::npos) << line << "\n" << result.err;
  EXPECT_EQ(result.err.find("vocabulary"), std::string::npos) << "the scales do not differ in it";
  EXPECT_EQ(config_of_first_run().at("training").at("steps"), 3);
  const base::Json numbers = base::read_json(std::filesystem::path(out_) / "numbers.json");
  EXPECT_EQ(numbers.at("scale").at("name"), "laptop");
  EXPECT_EQ(numbers.at("pareto").at(0).at("points").size(), 2u);
}

TEST_F(StudyScales, AScaleReplacesWhatItSetsAndTheCommandLineWins) {
  const auto result = study(kScales, {"--scale", "papers", "--steps", "1"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.err.find("  training.steps: 1 (laptop: 3)\n"), std::string::npos) << result.err;
  const base::Json run = config_of_first_run();
  EXPECT_EQ(run.at("training").at("steps"), 1);
  EXPECT_EQ(run.at("model").at("width"), 16);
  const base::Json numbers = base::read_json(std::filesystem::path(out_) / "numbers.json");
  EXPECT_EQ(numbers.at("kinds").size(), 3u) << "the scale's axis stands in for the file's";
}

TEST_F(StudyScales, AnAxisOfTheCommandLineReplacesTheFiles) {
  for (const std::vector<std::string>& axis :
       {std::vector<std::string>{"--axis", "mixer=gla:heads=2"}, {"--axis=model.mixer=gla:heads=2"}}) {
    const auto result = study(kScales, axis);
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const base::Json numbers = base::read_json(std::filesystem::path(out_) / "numbers.json");
    ASSERT_EQ(numbers.at("kinds").size(), 1u) << axis.front();
    EXPECT_EQ(numbers.at("kinds").at(0).at("values").at("model.mixer"), "gla:heads=2");
  }
}

// Whether a value of its own or an axis: the command line's stands in for the file's.
TEST_F(StudyScales, TheCommandLineWinsOverAxesAndValuesAlike) {
  const auto kinds = [&](const std::vector<std::string>& given) {
    std::filesystem::remove_all(out_);
    const auto result = study(kScales, given);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return base::read_json(std::filesystem::path(out_) / "numbers.json").at("kinds").size();
  };
  EXPECT_EQ(kinds({"--axis", "width=4,8,16"}), 6u);
  EXPECT_EQ(kinds({"--mixer=gla:heads=2"}), 1u);
}

// A list of one value stays one value, whatever commas it has.
TEST_F(StudyScales, OneValueWithCommasStaysWhole) {
  const std::string one = "attention:window=4,heads=2";
  const auto check = [&](const base::ProcessResult& result) {
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const base::Json numbers = base::read_json(std::filesystem::path(out_) / "numbers.json");
    ASSERT_EQ(numbers.at("kinds").size(), 1u);
    EXPECT_EQ(numbers.at("kinds").at(0).at("values").at("model.mixer"), one);
  };
  std::string file = kScales;
  const std::string list = R"(mixer = ["attention:window=4,heads=2", "attention:heads=2"])";
  const std::size_t at = file.find(list);
  ASSERT_NE(at, std::string::npos);
  check(study(file.replace(at, list.size(), R"(mixer = ["attention:window=4,heads=2"])")));
  check(study(kScales, {"--axis", "mixer=" + one + ";"}));
}

TEST_F(StudyScales, FlagsAndAxesOfAFileAreReadAsSuch) {
  std::string file = kScales;
  const std::string json =
      study(file.replace(file.find("[axes]"), 6, "json = true\nquiet = false\n[axes]")).out;
  EXPECT_EQ(base::parse_json(json, "study").at("measured"), 2);
  std::filesystem::remove_all(out_);
  const std::string copy = "title = \"t\"\n[run]\ntask = \"copy\"\n";
  refused(copy + "quiet = 3\n", {}, file_ + ":4:9: quiet: expected true or false, found the whole number 3");
  refused(copy + "steps = \"10\"\n", {}, file_ + ":4:9: steps: expected a whole number, found the string");
  refused(copy + "steps = [1, 2]\n", {}, file_ + ":4:9: steps: expected a whole number, found a list");
  refused(copy + "seeds = []\nsteps = 1\n", {}, file_ + ":4:9: seeds: expected a list of whole numbers");
  refused(copy + "attention = [\"global\", \"--layers=7\"]\n", {},
          "attention: expected global, local, local:K, hybrid or hybrid:K (at offset 0)\n  --layers=7");
  refused(copy + "help = true\n", {}, file_ + ":4:1: run: yore study has no option --help");
  refused(copy + "steps = -10\n", {}, file_ + ":4:9: --steps: expected a whole number from 1 to");
  refused(copy + "steps = 10\n", {"--steps", "many"}, "study: --steps: expected a whole number");
  refused(copy + "[axes]\nwidth = []\n", {}, file_ + ":5:9: width: an axis without a value");
  refused(copy + "[axes]\nmixer = [\"gla\", \"\"]\n", {}, file_ + ":5:9: mixer: an empty value");
  refused(copy + "[axes]\nlearning_rate = [0.1, nan]\n", {}, file_ + ":5:23: learning_rate: expected");
}

// The files that come with yore make a grid at every scale: only the budget stops them.
TEST_F(StudyScales, ThoseThatComeWithYoreAreWhatTheyShouldBe) {
  int files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(YORE_SOURCE) / "studies")) {
    if (entry.path().extension() != ".toml") continue;
    ++files;
    const std::string text = base::read_file(entry.path());
    const bool scales = text.find("\n[scales.papers]\n") != std::string::npos;
    // Texts with labels are no part of yore.
    const bool labelled = text.find("\ntask = \"labelled_text\"\n") != std::string::npos;
    for (const std::string& scale : {std::string(), std::string("papers")}) {
      if (!scale.empty() && !scales) continue;
      std::vector<std::string> arguments = {"study", entry.path(), "--out", out_, "--budget", "1e-9"};
      if (!scale.empty()) arguments.insert(arguments.end(), {"--scale", scale});
      if (labelled) arguments.insert(arguments.end(), {"--file", labelled_texts()});
      const auto result = yore(arguments);
      EXPECT_EQ(result.exit_code, 2) << entry.path();
      EXPECT_NE(result.err.find("runs are estimated to take"), std::string::npos)
          << entry.path() << result.err;
      EXPECT_FALSE(std::filesystem::exists(out_));
    }
  }
  EXPECT_GE(files, 5);
}

TEST_F(StudyScales, ScalesThatAreNotThereOrCannotBeAreRefused) {
  refused(kScales, {"--scale", "paper"},
          "--scale: " + file_ + " has no scale \"paper\", expected laptop or papers; did you mean papers?");
  refused("title = \"x\"\n[run]\nlanguage = \"a\"\n", {"--scale", "laptop"},
          "--scale: " + file_ + " has one scale without a name");
  refused("title = \"x\"\n[scales.papers]\nabout = \"y\"\n", {},
          file_ + ":2:1: scales: expected one named laptop, which is the default");
  refused("title = \"x\"\n[scales.laptop]\nrun = { steps = 1 }\n", {},
          file_ + ":2:1: scales.laptop: expected a text `about`");
  refused("title = \"x\"\n[scales.laptop]\nabuot = \"y\"\n", {},
          file_ + ":3:1: scales.laptop: unknown key \"abuot\"; did you mean about?");
  refused("title = \"x\"\nscale = \"y\"\n[scales.laptop]\nabout = \"y\"\n", {},
          file_ + ":2:9: scale: does not go with scales");
  refused(
      "title = \"x\"\n[axes]\nlearning_rate = [0.1]\n[scales.laptop]\nabout = \"y\"\n"
      "run = { learning_rate = 0.2 }\n",
      {},
      file_ +
          ":6:25: scales.laptop.run: learning_rate is an axis of this file; give it under "
          "scales.laptop.axes");
  const auto result = yore({"study", "a", "--scale", "laptop", "--out", out_});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(result.err.starts_with("yore: --scale: belongs to a study file")) << result.err;
}

const std::string kAutomata = R"(title = "languages"
[run]
steps = 1
width = 8
test_buckets = ["41-42"]
attention = ["global"]
seeds = [1]
[axes]
language = ["a*", "b*"]
[automata]
files = ["one.att", "two.att"]
source = "somewhere, CC0"
)";

TEST_F(StudyScales, AutomataJoinFromAFolderOrAreSaidToBeLeftOut) {
  const auto without = study(kAutomata);
  ASSERT_EQ(without.exit_code, 0) << without.err;
  EXPECT_NE(without.err.find("note: 2 languages are left out, whose automata are no part of yore (somewhere, "
                             "CC0): one.att, two.att."),
            std::string::npos)
      << without.err;
  const base::Json numbers = base::read_json(std::filesystem::path(out_) / "numbers.json");
  EXPECT_EQ(numbers.at("kinds").size(), 2u);

  const std::string folder = scratch_ / "automata";
  std::filesystem::create_directory(folder);
  // Words of a and b that end with b; words without b.
  base::write_file(std::filesystem::path(folder) / "one.att", "0 0 a a\n0 1 b b\n1 0 a a\n1 1 b b\n1\n");
  out_ = scratch_ / "second";
  refused(kAutomata, {"--automata", folder},
          "--automata: \"" + folder + "\" lacks two.att; expected the files of somewhere, CC0");
  base::write_file(std::filesystem::path(folder) / "two.att", "0 0 a a\n0\n");
  const auto with = study(kAutomata, {"--automata", folder});
  ASSERT_EQ(with.exit_code, 0) << with.err;
  EXPECT_EQ(with.err.find("left out"), std::string::npos) << with.err;
  const base::Json all = base::read_json(std::filesystem::path(out_) / "numbers.json");
  ASSERT_EQ(all.at("kinds").size(), 4u);
  EXPECT_EQ(all.at("kinds")[2].at("values").at("task.language"), "dfa:" + folder + "/one.att");
}

TEST_F(StudyScales, AutomataThatNothingTakesAreRefused) {
  refused("title = \"x\"\n[automata]\nfiles = [\"a\"]\nsource = \"y\"\n", {},
          file_ + ":2:1: automata: expected a list as the axis language, which they join");
  refused("title = \"x\"\n[automata]\nfiles = [\"a\"]\n", {},
          file_ + ":2:1: automata: expected files and source");
  refused(kScales, {"--automata", out_}, "--automata: " + file_ + " has no [automata]");
}

}  // namespace
}  // namespace yore::tests
