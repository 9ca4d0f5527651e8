// That a long computation sees signals: it begins in a process of its own, gets SIGTERM in its midst, and is
// timed.
#pragma once
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/base/interrupt.h"

namespace yore::base {

/// Whether `compute`, which by itself would take far longer than a second, throws Interrupted within a second
/// of its own processor time (which other programs on the machine do not lengthen) after SIGTERM.
template <class Compute>
testing::AssertionResult stops_at_a_signal(Compute&& compute) {
  enum End { kInterrupted, kFinished, kSpent, kFailed };
  const pid_t pid = ::fork();
  if (pid == 0) {
    catch_interrupts();
    try {
      compute();
      ::_exit(kFinished);
    } catch (const Interrupted&) {
      ::_exit(kInterrupted);
    } catch (const BudgetError&) {
      ::_exit(kSpent);
    } catch (...) {
      ::_exit(kFailed);
    }
  }
  // It has begun once it has used a fifth of a second.
  clockid_t clock{};
  ::clock_getcpuclockid(pid, &clock);
  const auto used = [&] {
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  double before = 0;
  siginfo_t ended{};
  while ((before = used()) < 0.2) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ended.si_pid = 0;
    ::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOHANG | WNOWAIT);
    if (ended.si_pid == pid) break;
  }
  ::kill(pid, SIGTERM);
  // A computation that sees no signal must not keep the tests from ending.
  for (;;) {
    ended.si_pid = 0;
    ::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOHANG | WNOWAIT);
    if (ended.si_pid == pid) break;
    if (used() - before > 5) ::kill(pid, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  int status = 0;
  rusage usage{};
  ::wait4(pid, &status, 0, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  const double after = seconds(usage.ru_utime) + seconds(usage.ru_stime) - before;
  if (!WIFEXITED(status))
    return testing::AssertionFailure()
           << "ended by signal " << WTERMSIG(status) << " after " << after << " s";
  if (WEXITSTATUS(status) != kInterrupted)
    return testing::AssertionFailure() << (WEXITSTATUS(status) == kFinished ? "it was over before the signal"
                                           : WEXITSTATUS(status) == kSpent  ? "its budget was spent first"
                                                                            : "it failed");
  if (after > 1) return testing::AssertionFailure() << "it took " << after << " s to stop";
  return testing::AssertionSuccess();
}

}  // namespace yore::base
