#include "yore/base/process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include "yore/base/error.h"
#include "yore/base/files.h"
#include "yore/base/interrupt.h"
#include "yore/base/test_scratch.h"

namespace yore::base {
namespace {

namespace fs = std::filesystem;

// The exit code, once there; 1000 if none came in ten seconds.
int wait_for(Child& child) {
  for (int i = 0; i < 2000; ++i) {
    if (const auto code = child.poll()) return *code;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return 1000;
}

bool comes_true(const auto& condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

// Gone, or dead and waiting to be reaped by init.
bool ended(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string number, name, state;
  return !(stat >> number >> name >> state) || state == "Z" || state == "X";
}

class Processes : public testing::Test {
 protected:
  Scratch scratch_;
  fs::path folder_ = scratch_.path();
};

TEST_F(Processes, FindsPrograms) {
  ASSERT_TRUE(find_program("sh"));
  EXPECT_TRUE(find_program("sh")->is_absolute());
  EXPECT_EQ(find_program("/bin/sh"), fs::path("/bin/sh"));
  EXPECT_FALSE(find_program("no-such-program-of-that-name"));
  EXPECT_FALSE(find_program("/bin")) << "a folder";
  EXPECT_FALSE(find_program(""));
  write_file(folder_ / "plain", "text");
  EXPECT_FALSE(find_program((folder_ / "plain").string())) << "not executable";
}

TEST_F(Processes, PassesInputAndKeepsTheTwoOutputsApart) {
  const auto result = run_process({"sh", "-c", "cat; echo oops >&2; exit 7"}, "hello");
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_EQ(result.out, "hello");
  EXPECT_EQ(result.err, "oops\n");
}

TEST_F(Processes, CarriesMoreThanAPipeHolds) {
  std::string input;
  for (int i = 0; i < 400'000; ++i) input += std::to_string(i) + "\n";
  const auto result = run_process({"sh", "-c", "tee /dev/stderr"}, input);
  EXPECT_EQ(result.out.size(), input.size());
  EXPECT_TRUE(result.out == input);
  EXPECT_TRUE(result.err == input);
}

TEST_F(Processes, SurvivesAProgramThatIgnoresItsInput) {
  EXPECT_EQ(run_process({"true"}, std::string(1 << 22, 'x')).exit_code, 0);
}

TEST_F(Processes, ArgumentsArriveAsTheyAre) {
  EXPECT_EQ(run_process({"printf", "%s|", "a b", "", "$HOME", "'\"*"}).out, "a b||$HOME|'\"*|");
}

TEST_F(Processes, QuotedWordsComeThroughAShellUnchanged) {
  EXPECT_EQ(shell_quoted("runs/ab-1_x=2.json"), "runs/ab-1_x=2.json");
  for (const std::string text :
       {"", "(ab)*", "it's", "'", "$HOME `id` \\ \"x\"", "two words", "~", "*", "a\nb"})
    EXPECT_EQ(run_process({"sh", "-c", "printf %s " + shell_quoted(text)}).out, text);
}

TEST_F(Processes, ReportsASignalAsTheShellDoes) {
  EXPECT_EQ(run_process({"sh", "-c", "kill -9 $$"}).exit_code, 128 + 9);
}

TEST_F(Processes, AProgramThatCannotStartIsAnErrorWithItsName) {
  try {
    run_process({"no-such-program-of-that-name"});
    FAIL();
  } catch (const InputError& e) {
    EXPECT_EQ(e.source(), "no-such-program-of-that-name");
  }
  write_file(folder_ / "broken",
             "\x7f"
             "not an executable");
  fs::permissions(folder_ / "broken", fs::perms::owner_all);
  EXPECT_THROW(run_process({(folder_ / "broken").string()}), InputError);
  EXPECT_THROW(run_process({}), std::invalid_argument);
}

TEST_F(Processes, AChildAppendsToItsLogAndReportsItsEnd) {
  for (int i = 0; i < 2; ++i) {
    Child child({"sh", "-c", "echo out; echo err >&2; exit 3"}, folder_ / "log");
    EXPECT_EQ(wait_for(child), 3);
    EXPECT_EQ(child.poll(), 3) << "asked again";
  }
  EXPECT_EQ(read_file(folder_ / "log"), "out\nerr\nout\nerr\n");
}

TEST_F(Processes, AChildsEnvironmentIsOursWithChanges) {
  ::setenv("YORE_TEST_A", "ours", 1);
  ::setenv("YORE_TEST_B", "ours", 1);
  Child child({"sh", "-c", "echo $YORE_TEST_A $YORE_TEST_B $YORE_TEST_C"}, folder_ / "log",
              {"YORE_TEST_B=changed", "YORE_TEST_C=new=1"});
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(read_file(folder_ / "log"), "ours changed new=1\n");
}

TEST_F(Processes, AChildReadsNothingFromOurInput) {
  Child child({"cat"}, folder_ / "log");
  EXPECT_EQ(wait_for(child), 0);
}

TEST_F(Processes, TerminateReachesWhatTheChildStarted) {
  Child child({"sh", "-c", "sleep 100 & echo $!; wait"}, folder_ / "log");
  ASSERT_TRUE(comes_true([&] { return read_file(folder_ / "log").ends_with("\n"); }));
  const pid_t grandchild = std::stoi(read_file(folder_ / "log"));
  EXPECT_FALSE(child.poll());
  child.terminate();
  EXPECT_EQ(wait_for(child), 128 + SIGTERM);
  EXPECT_TRUE(comes_true([&] { return ended(grandchild); }));
  child.terminate();  // twice is harmless
}

TEST_F(Processes, TheDestructorLetsAChildSaveItsWork) {
  {
    Child child({"sh", "-c", "trap 'echo saved; exit 0' TERM; echo ready; while :; do :; done"},
                folder_ / "log");
    ASSERT_TRUE(comes_true([&] { return read_file(folder_ / "log") == "ready\n"; }));
    Child moved = std::move(child);
  }
  EXPECT_EQ(read_file(folder_ / "log"), "ready\nsaved\n");
}

TEST_F(Processes, ATerminalsCtrlCDoesNotReachAChild) {
  Child child({"sh", "-c", "ps -o pgid= -p $$ 2>/dev/null || cut -d' ' -f5 /proc/$$/stat"}, folder_ / "log");
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_NE(std::stoi(read_file(folder_ / "log")), ::getpgrp());
}

TEST_F(Processes, AChildEndsWithAParentThatIsKilled) {
  const fs::path log = folder_ / "log";
  const pid_t parent = ::fork();
  if (parent == 0) {
    Child child({"sh", "-c", "echo $$; exec sleep 100"}, log);
    ::pause();
    ::_exit(0);
  }
  ASSERT_TRUE(comes_true([&] { return fs::exists(log) && read_file(log).ends_with("\n"); }));
  const pid_t child = std::stoi(read_file(log));
  EXPECT_FALSE(ended(child));
  ::kill(parent, SIGKILL);
  EXPECT_TRUE(comes_true([&] { return ended(child); }));
}

TEST_F(Processes, OwnFolderHoldsThisTest) {
  EXPECT_TRUE(fs::exists(own_folder() / fs::read_symlink("/proc/self/exe").filename()));
}

// What a process does that catches interrupts, seen from outside.
int exit_code_of(const auto& body) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    catch_interrupts();
    ::_exit(body());
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST_F(Processes, AnInterruptSetsAFlag) {
  EXPECT_EQ(exit_code_of([] { return interrupted() || interrupt_exit_code() != 0 ? 1 : 0; }), 0);
  EXPECT_EQ(exit_code_of([] {
              ::raise(SIGINT);
              return interrupted() ? interrupt_exit_code() : 1;
            }),
            130);
  EXPECT_EQ(exit_code_of([] {
              ::raise(SIGTERM);
              return interrupted() ? interrupt_exit_code() : 1;
            }),
            143);
}

TEST_F(Processes, WhatKeepsTheWorkIsNotInterrupted) {
  EXPECT_EQ(exit_code_of([] {
              ::raise(SIGTERM);
              {
                const FinishingUp outer;
                { const FinishingUp inner; }
                if (interrupted() || interrupt_exit_code() != 143) return 1;
              }
              return interrupted() ? 0 : 2;
            }),
            0);
}

TEST_F(Processes, ASecondInterruptEndsTheProcess) {
  EXPECT_EQ(exit_code_of([] {
              ::raise(SIGINT);
              ::raise(SIGINT);
              return 1;
            }),
            130);
  EXPECT_EQ(exit_code_of([] {
              ::raise(SIGINT);
              ::raise(SIGTERM);
              return 1;
            }),
            143);
}

// Children of one program share its output; no line may be lost to another.
TEST(RunProcess, LinesOfManyWritersAllArrive) {
  const ProcessResult result = run_process({"/bin/sh", "-c",
                                            "for i in 1 2 3 4 5 6 7 8; do (n=0; while [ $n -lt 400 ]; do "
                                            "echo x; n=$((n + 1)); done) & done; wait"});
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 3200);
}

}  // namespace
}  // namespace yore::base
