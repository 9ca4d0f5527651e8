// Every command's help: what it says there is, there is. Commands, options and examples are read from the
// help itself, so that a new one is checked by being there.
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <sstream>

#include "tests/program.h"

namespace yore::tests {
namespace {

constexpr const char* kNoSuch = "--there-is-no-such-option";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// All commands: those of the tensor half have their help without it, too.
std::vector<std::string> command_names() {
  std::vector<std::string> names;
  const std::regex row("  ([a-z]+) +.*");
  const auto overview = yore({"--help"});
  EXPECT_EQ(overview.exit_code, 0);
  bool listed = false;
  for (const std::string& line : lines_of(overview.out)) {
    std::smatch found;
    if (listed && std::regex_match(line, found, row)) names.push_back(found[1]);
    listed = line == "Commands:" || (listed && !line.empty());
  }
  return names;
}

/// "--width" and a value for it; none for a flag.
struct Option {
  std::string name;
  std::vector<std::string> values;
};

/// Of lines such as "  -n,--count INT:POSITIVE=10    How many words".
std::vector<Option> options_of(const std::string& help) {
  std::vector<Option> options;
  const std::regex row("  (?:-[A-Za-z],)?(--[a-z0-9-]+)(?: ([A-Z]+)(:[^ =]*)?(=[^ ]*)?)?( .*)?");
  for (const std::string& line : lines_of(help)) {
    std::smatch found;
    if (!std::regex_match(line, found, row) || found[1] == "--help" || found[1] == "--config") continue;
    Option option{found[1], {}};
    const std::string type = found[2], check = found[3], initial = found[4];
    if (const std::size_t open = check.find('{'); open != std::string::npos)
      option.values = {check.substr(open + 1, check.find_first_of(",}", open) - open - 1)};
    else if (initial.size() > 1 && initial != "=[]" && initial.front() == '=')
      option.values = {initial.substr(1)};
    else if (!type.empty())
      option.values = {type == "TEXT" ? "text" : "1"};
    options.push_back(option);
  }
  return options;
}

/// The part of an example that calls yore, without what a shell would do with its output.
std::string call_of(const std::string& example) {
  std::string call;
  char quote = 0;
  for (std::size_t i = 0; i < example.size(); ++i) {
    const char c = example[i];
    if (quote == 0 &&
        (c == '|' || c == '>' || (c == ' ' && example.compare(i, 3, "   ") == 0 && !call.empty()))) {
      if (call.find("yore ") != std::string::npos || c != '|') break;
      call.clear();
      continue;
    }
    if (c == '\'' || c == '"') quote = quote == 0 ? c : quote == c ? 0 : quote;
    if (!call.empty() || c != ' ') call += c;
  }
  return call;
}

TEST(Help, EveryOptionOfItIsTaken) {
  const Scratch scratch;
  int options = 0;
  const std::vector<std::string> names = command_names();
  ASSERT_GE(names.size(), 12u);
  for (const std::string& name : names) {
    const auto help = yore({name, "--help"});
    ASSERT_EQ(help.exit_code, 0) << name;
    EXPECT_EQ(help.err, "") << name;
    EXPECT_NE(help.out.find("Usage: yore " + name), std::string::npos) << help.out;
    // All at once; the last says that what comes before it was read.
    std::vector<std::string> arguments{name};
    for (const Option& option : options_of(help.out)) {
      arguments.push_back(option.name);
      arguments.insert(arguments.end(), option.values.begin(), option.values.end());
      ++options;
    }
    arguments.emplace_back(kNoSuch);
    const auto all = yore(arguments);
    EXPECT_EQ(all.exit_code, 2) << name;
    EXPECT_NE(all.err.find(std::string("unknown option \"") + kNoSuch), std::string::npos)
        << name << ": " << all.err;
  }
  EXPECT_GT(options, 60);
}

// Where there is no yore-tensor, and so no libtorch, `yore` shows the help of its commands and refuses what
// cannot be parsed; the help is the one that yore-tensor would show.
TEST(Help, OfTheTensorHalfNeedsNoLibtorch) {
  const Scratch scratch;
  ASSERT_EQ(shell("cp \"$(command -v yore)\" alone", scratch.path()).exit_code, 0);
  for (const std::string name : {"train", "evaluate", "generate", "verify", "run", "extract", "budget"}) {
    const auto help = shell("./alone " + name + " --help", scratch.path());
    EXPECT_EQ(help.exit_code, 0) << help.err;
    EXPECT_NE(help.out.find("Usage: yore " + name), std::string::npos) << help.out;
    if (YORE_HAS_TENSOR) {
      EXPECT_EQ(help.out, shell("yore-tensor " + name + " --help", scratch.path()).out);
    }
    EXPECT_EQ(shell("./alone help " + name, scratch.path()).out, help.out);
    const auto refused = shell("./alone " + name + " " + kNoSuch, scratch.path());
    EXPECT_EQ(refused.exit_code, 2) << name;
    EXPECT_NE(refused.err.find(kNoSuch), std::string::npos) << refused.err;
  }
  const auto run = shell("./alone train '(ab)*' --out run", scratch.path());
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.err.find("no tensor half"), std::string::npos) << run.err;
}

// A file that can be read only once reaches the program that runs the command.
TEST(Help, AConfigurationFromAPipeIsReadOnce) {
  if (YORE_HAS_TENSOR == 0) GTEST_SKIP() << "this build trains nothing";
  const Scratch scratch;
  const auto result = shell(
      "yore train '(ab)*' --config <(echo 'steps = 2') --out run --quiet --width 8 --heads 2 --layers 1 "
      "--validation-words 20 --test-words-per-bucket 20",
      scratch.path());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find(" 2 steps"), std::string::npos) << result.out;
}

// One that takes a value is refused without it, and says so.
TEST(Help, AnOptionWithoutItsValueIsNamed) {
  for (const std::string name : {"classify", "sample", "convert", "compile", "plan"})
    for (const Option& option : options_of(yore({name, "--help"}).out)) {
      if (option.values.empty()) continue;
      const auto result = yore({name, option.name});
      EXPECT_EQ(result.exit_code, 2) << name << " " << option.name;
      EXPECT_NE(result.err.find(option.name), std::string::npos) << result.err;
    }
}

TEST(Help, ItsExamplesAreUnderstood) {
  const Scratch scratch;
  int examples = 0;
  for (const std::string& name : command_names()) {
    const auto help = yore({name, "--help"});
    const std::size_t begin = help.out.find("Examples:\n");
    ASSERT_NE(begin, std::string::npos) << name;
    for (const std::string& line : lines_of(help.out.substr(begin))) {
      const std::string call = call_of(line);
      if (!call.starts_with("yore ")) continue;
      // Who is to run the command reads its file.
      if (YORE_HAS_TENSOR == 0 && name == "train" && call.find("--config") != std::string::npos) continue;
      ++examples;
      const auto result = shell(call + " " + kNoSuch, scratch.path());
      EXPECT_EQ(result.exit_code, 2) << call;
      EXPECT_NE(result.err.find(std::string("unknown option \"") + kNoSuch), std::string::npos)
          << line << "\n"
          << call << "\n"
          << result.err;
    }
  }
  EXPECT_GT(examples, 25);
}

}  // namespace
}  // namespace yore::tests
