// Where output goes: what is lost is said with exit code 2, and -o replaces regular files only.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/program.h"

namespace yore::tests {
namespace {

namespace fs = std::filesystem;

// Commands that print little (it sits in a buffer to the end) and much.
const std::vector<std::string> kPrinting = {"yore convert '(ab)*' --to json",
                                            "yore classify '(ab)*'",
                                            "yore classify '(ab)*' --json",
                                            "yore sample '(ab)*' --count 5",
                                            "yore sample '(ab)*' --count 20000",
                                            "yore languages",
                                            "yore equivalent a a",
                                            "yore compile '(ab)*' --explain",
                                            "yore completion bash",
                                            "yore --help",
                                            "yore --version",
                                            "yore help sample",
                                            "yore sample --help"};

TEST(LostOutput, IsSaidWithExitCodeTwo) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  const Scratch scratch;
  for (const std::string& command : kPrinting)
    for (const auto& [to, why] :
         {std::pair{" >/dev/full", "No space left on device"}, std::pair{" >&-", "Bad file descriptor"}}) {
      const auto result = shell(command + to, scratch.path());
      EXPECT_EQ(result.exit_code, 2) << command << to;
      EXPECT_EQ(result.err, std::string("yore: standard output: cannot write: ") + why + "\n")
          << command << to;
    }
}

// Some write out every line as soon as they have it; its loss is theirs to notice.
TEST(LostOutput, IsSaidByCommandsThatPrintAsTheyGo) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  const Scratch scratch;
  ASSERT_EQ(shell("mkdir d && yore convert '(ab)*' --to att -o d/ab.att && yore compile '(ab)*' -o model",
                  scratch.path())
                .exit_code,
            0);
  std::vector<std::string> commands = {"yore classify --dfa-folder d --csv",
                                       "yore classify --dfa-folder d --json"};
  if (YORE_HAS_TENSOR)
    commands.insert(commands.end(), {"yore run model --words ab", "yore run model --words ab --json"});
  for (const std::string& command : commands)
    for (const char* to : {" >/dev/full", " >&-"}) {
      const auto result = shell(command + to, scratch.path());
      EXPECT_EQ(result.exit_code, 2) << command << to;
      EXPECT_NE(result.err.find("yore: standard output: cannot write: "), std::string::npos) << command << to;
    }
}

TEST(LostOutput, AReaderThatLeftIsNoError) {
  const Scratch scratch;
  for (const char* ignoring : {"", "trap '' PIPE; "}) {
    const auto result =
        shell(std::string(ignoring) +
                  "yore sample '(ab)*' --count 50000 --max-length 30 | head -1; echo ${PIPESTATUS[0]}",
              scratch.path());
    EXPECT_EQ(result.out, "word\tlabel\tlength\tsplit\n141\n") << ignoring;
    EXPECT_EQ(result.err, "") << ignoring;
  }
}

TEST(LostOutput, NothingPrintedIsNothingLost) {
  const Scratch scratch;
  const auto result = shell("yore sample '(ab)*' --count 5 -o m.tsv >&-", scratch.path());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(base::read_file(scratch / "m.tsv").starts_with("word\tlabel"))
      << "the file must not take the place of standard output";
  // Bad input stays bad input, also where nobody hears of it.
  EXPECT_EQ(shell("yore classify '(ab' 2>&-", scratch.path()).exit_code, 2);
  EXPECT_EQ(shell("yore classify '(ab' 2>/dev/full", scratch.path()).exit_code, 2);
}

TEST(OutputFile, NoFolderIsCreated) {
  const Scratch scratch;
  for (const std::string command : {"convert '(ab)*' --to json", "sample '(ab)*'"}) {
    const auto result = shell("yore " + command + " -o missing/x.json", scratch.path());
    EXPECT_EQ(result.exit_code, 2) << command;
    EXPECT_NE(result.err.find("missing/x.json: cannot write: No such file"), std::string::npos) << result.err;
    EXPECT_FALSE(fs::exists(scratch / "missing"));
  }
}

TEST(OutputFile, LinksAndDevicesStay) {
  const Scratch scratch;
  const std::string convert = "yore convert '(ab)*' --to json -o ";
  ASSERT_EQ(shell("ln -s target.json link.json; mkfifo pipe", scratch.path()).exit_code, 0);
  ASSERT_EQ(shell(convert + "link.json", scratch.path()).exit_code, 0);
  EXPECT_TRUE(fs::is_symlink(scratch / "link.json"));
  const std::string text = base::read_file(scratch / "target.json");
  EXPECT_EQ(shell("cat pipe & " + convert + "pipe; wait", scratch.path()).out, text);
  EXPECT_TRUE(fs::is_fifo(scratch / "pipe"));
  EXPECT_EQ(shell(convert + "/dev/null", scratch.path()).exit_code, 0);
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_EQ(shell(convert + "/dev/stdout | cat", scratch.path()).out, text);
  EXPECT_EQ(shell("echo before > f; " + convert + "/dev/stdout >> f; cat f", scratch.path()).out,
            "before\n" + text);
  EXPECT_EQ(shell("echo before > g; " + convert + "/dev/fd/1 >> g; cat g", scratch.path()).out,
            "before\n" + text);
  const auto full = shell(convert + "/dev/full", scratch.path());
  EXPECT_EQ(full.exit_code, 2);
  EXPECT_NE(full.err.find("/dev/full: cannot write"), std::string::npos) << full.err;
}

TEST(OutputFile, WhatIsThereIsReplacedByForceAlone) {
  const Scratch scratch;
  for (const std::string command : {"convert '(ab)*' --to json", "sample '(ab)*' --count 4"}) {
    base::write_file(scratch / "there", "before");
    const auto refused = shell("yore " + command + " -o there", scratch.path());
    EXPECT_EQ(refused.exit_code, 2) << command;
    EXPECT_NE(refused.err.find("there: exists; --force replaces it"), std::string::npos) << refused.err;
    EXPECT_EQ(base::read_file(scratch / "there"), "before");
    EXPECT_EQ(shell("yore " + command + " -o there --force", scratch.path()).exit_code, 0) << command;
    EXPECT_NE(base::read_file(scratch / "there"), "before");
    const auto alone = shell("yore " + command + " --force", scratch.path());
    EXPECT_EQ(alone.exit_code, 2) << command;
    EXPECT_NE(alone.err.find("--force: replaces the file"), std::string::npos) << alone.err;
  }
}

TEST(OutputFile, ForceNeedsAFile) {
  const Scratch scratch;
  ASSERT_EQ(yore({"compile", "(ab)*", "-o", scratch / "m"}).exit_code, 0);
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"picture", scratch / "m", "--to", "dot", "--force"},
        std::vector<std::string>{"compile", "(ab)*", "--force"}}) {
    const auto result = yore(command);
    EXPECT_EQ(result.exit_code, 2) << command[0];
    EXPECT_NE(result.err.find("--force"), std::string::npos) << result.err;
  }
}

}  // namespace
}  // namespace yore::tests
