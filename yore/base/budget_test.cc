#include "yore/base/budget.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <thread>

#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/base/test_refusal.h"

namespace yore::base {
namespace {

TEST(Budget, CountsSteps) {
  Budget budget("counting", {.count = 3, .option = "max-steps"});
  EXPECT_TRUE(budget.take(2));
  EXPECT_TRUE(budget.take());
  EXPECT_EQ(budget.end(), Budget::End::None);
  EXPECT_FALSE(budget.take());
  EXPECT_EQ(budget.end(), Budget::End::Count);
  EXPECT_FALSE(budget.take(0)) << "it stays spent";
  try {
    budget.spend();
    FAIL();
  } catch (const BudgetError& e) {
    EXPECT_STREQ(e.what(), "counting went past the budget of 3 (raise it with --max-steps)");
    EXPECT_EQ(e.budget(), "max-steps");
  }
  EXPECT_NE(budget.report().find("counting: 4 steps"), std::string::npos) << budget.report();
  EXPECT_NE(budget.report().find("past the budget of steps"), std::string::npos) << budget.report();
}

TEST(Budget, WithoutLimitsNeverEnds) {
  Budget budget("counting");
  for (int i = 0; i < 1000; ++i) budget.spend(1'000'000);
  budget.hold(std::size_t{1} << 60);
  EXPECT_EQ(budget.end(), Budget::End::None);
}

TEST(Budget, ALimitOfNoneAllowsNone) {
  Budget budget("counting", {.count = 0});
  EXPECT_TRUE(budget.take(0));
  EXPECT_EQ(budget.left(), 0u);
  EXPECT_FALSE(budget.take());
}

TEST(Budget, SaysWhatIsLeft) {
  Budget budget("counting", {.count = 10});
  EXPECT_EQ(budget.left(), 10u);
  EXPECT_TRUE(budget.afford(4));
  EXPECT_EQ(budget.left(), 6u);
  EXPECT_TRUE(budget.afford(6));
  EXPECT_EQ(budget.left(), 0u);
  EXPECT_FALSE(budget.afford()) << "a limit is an answer, no exception";
  EXPECT_EQ(budget.left(), 0u);
  EXPECT_EQ(Budget("counting").left(), kNoLimit);
}

// More than can be counted is more than any limit.
TEST(Budget, CountsDoNotWrap) {
  Budget budget("counting", {.count = 10});
  EXPECT_TRUE(budget.take(5));
  EXPECT_FALSE(budget.take(kNoLimit - 2));
}

TEST(Budget, KeepsTheTime) {
  Budget budget("waiting", {.seconds = 0.05});
  EXPECT_TRUE(budget.take());
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  EXPECT_THROW(budget.spend(), BudgetError);
  EXPECT_EQ(budget.end(), Budget::End::Time);
}

TEST(Budget, HoldsMemory) {
  Budget budget("listing", {.bytes = 100});
  budget.hold(60);
  budget.hold(40);
  EXPECT_THROW(budget.hold(1), BudgetError);
  EXPECT_FALSE(budget.take());
  EXPECT_EQ(budget.end(), Budget::End::Memory);
}

TEST(Budget, MemoryThatWasGivenBackIsFree) {
  Budget budget("listing", {.bytes = 100});
  for (int i = 0; i < 10; ++i) {
    budget.hold(60);
    budget.release(60);
  }
  EXPECT_EQ(budget.bytes(), 0u);
  EXPECT_THROW(budget.hold(101), BudgetError);
}

// In a process of its own: a signal that came stays.
TEST(Budget, SeesASignalAtTheNextStep) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    catch_interrupts();
    Budget budget("counting", {.count = 10});
    if (!budget.take()) ::_exit(1);
    ::raise(SIGTERM);
    if (budget.take() || budget.end() != Budget::End::Interrupted) ::_exit(2);
    try {
      budget.afford();
      ::_exit(5);  // a signal is no answer
    } catch (const Interrupted&) {
    }
    try {
      budget.spend();
    } catch (const Interrupted& e) {
      ::_exit(std::string(e.what()) == "counting: stopped by a signal" && interrupt_exit_code() == 143 ? 0
                                                                                                       : 3);
    }
    ::_exit(4);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0) << WEXITSTATUS(status);
}

// The shell's ulimit is an independent witness of what was set.
TEST(MemoryLimit, FollowsTheProcess) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "AddressSanitizer maps more than the limits that this test sets";
#endif
  const std::size_t machine = memory_limit();
  EXPECT_GT(machine, std::size_t{1} << 26);
  const pid_t pid = ::fork();
  if (pid == 0) {
    const struct rlimit limit { std::size_t{1} << 40, RLIM_INFINITY };
    ::setrlimit(RLIMIT_AS, &limit);
    if (memory_limit() > std::size_t{1} << 40) ::_exit(1);
    const struct rlimit small { std::size_t{1} << 33, RLIM_INFINITY };
    ::setrlimit(RLIMIT_AS, &small);
    ::_exit(memory_limit() == std::min(machine, std::size_t{1} << 33) ? 0 : 2);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0) << WEXITSTATUS(status);
}

TEST(MemoryLimit, WhatCannotFitIsRefused) {
  EXPECT_NO_THROW(require_memory("--words", 1000, "1 word"));
  EXPECT_TRUE(refused([] { require_memory("--words", 1e18, "9 words"); },
                      "--words: 9 words would need about 1.0e+09 GB of memory, and this process may have"));
  EXPECT_TRUE(refused([] { require_memory("--words", INFINITY, "9 words"); }, "--words"));
}

TEST(MemoryLimit, BytesAreReadable) {
  EXPECT_EQ(format_bytes(24e9), "24.0 GB");
  EXPECT_EQ(format_bytes(2.5e6), "2.5 MB");
  EXPECT_EQ(format_bytes(12e3), "12 kB");
}

}  // namespace
}  // namespace yore::base
