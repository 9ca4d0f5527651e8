// Options from a TOML file: types as the options have them, every complaint with file, line and column.
#include <gtest/gtest.h>

#include "tests/program.h"

namespace yore::tests {
namespace {

class ConfigFile : public testing::Test {
 protected:
  // `study` reads its options before it looks for anything else, and loads no torch.
  base::ProcessResult study(const std::string& toml, std::vector<std::string> more = {}) {
    base::write_file(file_, toml);
    std::vector<std::string> arguments = {"study", "--out", out_, "--config", file_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return yore(arguments);
  }

  // The message must begin with the file, the place and the text.
  void refused(const std::string& toml, const std::string& place, const std::string& text) {
    const auto result = study(toml);
    EXPECT_EQ(result.exit_code, 2) << toml;
    EXPECT_EQ(result.out, "");
    EXPECT_TRUE(result.err.starts_with("yore: " + file_ + ":" + place + ": " + text)) << toml << "\n"
                                                                                      << result.err;
    EXPECT_FALSE(std::filesystem::exists(out_));
  }

  Scratch scratch_;
  std::string file_ = scratch_ / "c.toml", out_ = scratch_ / "study";
};

TEST_F(ConfigFile, SyntaxErrorsHaveLineAndColumn) {
  refused("quiet = true\nlanguage = \"a", "2:14", "Error while parsing string");
  refused("quiet\n", "1:6", "Error while parsing key-value pair");
  refused("steps = 1\nsteps = 2\n", "2:9", "Error while parsing key-value pair: cannot redefine");
  refused("steps = 99999999999999999999\n", "1:29", "Error while parsing decimal integer");
  refused("language = \"a\\qb\"\n", "1:15", "Error while parsing string");
}

// Some of them the library may take for anything: with it alone, behaviour was undefined for U+FEFB (found by
// the fuzzer).
TEST_F(ConfigFile, CharactersBeyondAsciiStandInQuotesAndComments) {
  const std::string strange = "\xef\xbb\xbb", text = "expected letters, digits and signs of ASCII";
  refused("steps = 1\nki" + strange + "= 2\n", "2:3", text);
  refused("steps = 1" + strange + "\n", "1:10", text);
  refused("quiet = true # " + strange + "\nlanguage = '" + strange + "'\nsteps =" + strange, "3:8", text);
  refused("language = \"\"\"a\\\n " + strange + "\"\"\"\n", "2:2", text);
  // Where they may stand, the first fault is another.
  refused("\xef\xbb\xbf# " + strange + "\nlanguage = \"\"\"" + strange + "\\\"\"\"\"\"\nnone = 1\n", "3:1",
          "");
  refused("language = '''" + strange + "''''\nnone = 1\n", "2:1", "");
  refused("language = \"" + strange + "\\\"" + strange + "\"\nnone = 1\n", "2:1", "");
}

TEST_F(ConfigFile, TypesAreTheOptions) {
  refused("steps = \"1\"\n", "1:9", "steps: expected a whole number, found the string \"1\"");
  refused("steps = 1.5\n", "1:9", "steps: expected a whole number, found the number 1.5");
  refused("steps = true\n", "1:9", "steps: expected a whole number, found true");
  refused("\n\nstrict = 2\n", "3:10", "strict: expected true or false, found the whole number 2");
  refused("quiet = \"yes\"\n", "1:9", "quiet: expected true or false, found the string \"yes\"");
  refused("language = 1979-05-27\n", "1:12", "language: expected a string in quotes, found a date or time");
  refused("language = [\"a\"]\n", "1:12", "language: expected a string in quotes, found a list");
  refused("learning-rate = \"fast\"\n", "1:17",
          "learning-rate: expected a number, found the string \"fast\"");
  refused("seeds = 1\n", "1:9",
          "seeds: expected a list of whole numbers such as [1, 2], found the whole number 1");
  refused("seeds = []\n", "1:9",
          "seeds: expected a list of whole numbers such as [1, 2], found an empty list");
  refused("seeds = [1, \"2\"]\n", "1:13", "seeds: expected a whole number, found the string \"2\"");
  refused("test-buckets = \"41-50\"\n", "1:16", "test-buckets: expected a list of strings");
}

TEST_F(ConfigFile, ValuesAreHeldToTheOptionsChecks) {
  refused("seeds = [-1]\n", "1:9",
          "--seeds: expected a whole number from 0 to 18446744073709551615, found \"-1\"");
  refused("width = 99999999999\n", "1:9",
          "--width: expected a whole number from 1 to 2147483647, found \"99999999999\"");
  refused("learning-rate = nan\n", "1:17", "--learning-rate: expected a number");
  refused("max-states = 0\n", "1:14", "--max-states: expected a whole number from 1 to");
  refused("init = [\"compild\"]\n", "1:8",
          "--init: expected one of compiled, compiled-shape, found \"compild\"; did you mean compiled");
}

TEST_F(ConfigFile, KeysAreOptions) {
  refused("lerning-rate = 0.1\n", "1:1", "unknown key \"lerning-rate\"; did you mean learning-rate?");
  refused("lerning_rate = 0.1\n", "1:1", "unknown key \"lerning_rate\"; did you mean learning-rate?");
  refused("steps = 5\nconfig = \"x\"\n", "2:1", "unknown key \"config\"");
  refused("help = true\n", "1:1", "unknown key \"help\"");
  refused("frobnicate = 1\n", "1:1",
          "unknown key \"frobnicate\"; keys are the long options that yore study --help lists");
  refused("[training]\nsteps = 1\n", "1:2", "training: sections are not read");
  refused("training.steps = 1\n", "1:1", "training: sections are not read");
  refused("batch = 4\nfinal-learning-rate = 1\nfinal_learning_rate = 1\n", "3:1",
          "\"final_learning_rate\" is given twice");
  // The first fault is the one reported, whatever the alphabet says.
  refused("wdth = 1\nabc = 2\n", "1:1", "unknown key \"wdth\"");
}

TEST_F(ConfigFile, AStudyFileGoesWithoutTheOption) {
  const auto result = study("title = \"t\"\n[run]\nlanguage = \"(ab)*\"\n");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find(file_ + ": is a study file, which goes without --config: yore study " + file_),
            std::string::npos)
      << result.err;
}

TEST_F(ConfigFile, StringsMeanWhatTheySay) {
  // An unclosed bracket, so that the parser of patterns says what arrived.
  const auto pattern = [&](const std::string& toml) {
    const std::string err = study(toml).err;
    const auto line = err.find("\n  ");
    return line == std::string::npos ? err : err.substr(line + 3, err.find('\n', line + 3) - line - 3);
  };
  EXPECT_EQ(pattern("language = \"(a#b\" # a comment\n"), "(a#b");
  EXPECT_EQ(pattern("language = '''(a'b'''\n"), "(a'b");
  EXPECT_EQ(pattern("language = '(a\"b'\n"), "(a\"b");
  EXPECT_EQ(pattern("language = \"(a\\\\+b\"\n"), "(a\\+b");
  EXPECT_EQ(pattern("\xEF\xBB\xBFlanguage = \"(a\"\n"), "(a") << "with a byte order mark";
  EXPECT_EQ(pattern("seeds = [\n  1, # one\n  2,\n]\nlanguage = \"([ab]\"\n"), "([ab]");
  EXPECT_EQ(pattern("regex = \"[ab\"\n"), "[ab");
}

// It once was taken for empty, in silence.
TEST_F(ConfigFile, APipeIsRead) {
  const auto plan = shell("yore plan '(ab)*' --config <(echo 'width = 64')", scratch_.path());
  EXPECT_EQ(plan.exit_code, 0) << plan.err;
  EXPECT_NE(plan.out.find("width 64"), std::string::npos) << plan.out;
  const auto wrong =
      shell("yore plan '(ab)*' --config <(printf 'width = 64\\nlayers = 2.5\\n')", scratch_.path());
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_NE(wrong.err.find(":2:10"), std::string::npos) << wrong.err;
}

TEST_F(ConfigFile, TheCommandLineWins) {
  const auto result = study("language = \"(wrong\"\nsteps = 1\n", {"--language", "(right", "--steps", "2"});
  EXPECT_NE(result.err.find("(right"), std::string::npos) << result.err;
  EXPECT_EQ(result.err.find("(wrong"), std::string::npos) << result.err;
}

TEST_F(ConfigFile, AFileThatCannotBeReadIsRefused) {
  for (const std::filesystem::path& path : {scratch_ / "none.toml", scratch_.path()}) {
    const std::string file = path.string();
    const auto result = yore({"study", "(ab)*", "--out", out_, "--config", file});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_NE(result.err.find(file), std::string::npos) << result.err;
  }
  const auto endless = yore({"plan", "(ab)*", "--config", "/dev/zero"});
  EXPECT_EQ(endless.exit_code, 2);
  EXPECT_NE(endless.err.find("/dev/zero: is larger than"), std::string::npos) << endless.err;
  // Help does not look at it.
  EXPECT_EQ(study("nonsense", {"--help"}).exit_code, 0);
}

}  // namespace
}  // namespace yore::tests
