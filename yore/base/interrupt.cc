#include "yore/base/interrupt.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "yore/base/interrupt_scope.h"

namespace yore::base {
namespace {

// A handler may touch only lock-free atomics.
std::atomic<int> g_signal{0};
std::atomic<int> g_finishing{0};  // how many FinishingUp there are
static_assert(std::atomic<int>::is_always_lock_free);

// Of end_at_interrupts(): what is said when the time is over; empty = there is no such time.
char g_line[512];
std::atomic<int> g_line_size{0};
timer_t g_timer{};
bool g_has_timer = false;

constexpr long kGraceNanoseconds = 500'000'000;

// A handler may call timer_settime, write and _exit.
void set_timer(long nanoseconds) {
  itimerspec time{};
  time.it_value.tv_nsec = nanoseconds;
  ::timer_settime(g_timer, 0, &time, nullptr);
}

void on_signal(int number) {
  int none = 0;
  if (g_signal.compare_exchange_strong(none, number)) {
    if (g_line_size.load() > 0) set_timer(kGraceNanoseconds);
    return;
  }
  // The user insists: end the way the signal ends a program by default, so that a shell sees what happened.
  // It is blocked while this handler runs and delivered on return.
  ::signal(number, SIG_DFL);
  ::raise(number);
}

void on_timer(int) {
  if (g_line_size.load() == 0) return;
  if (g_finishing.load() > 0) {
    set_timer(kGraceNanoseconds);
    return;
  }
  (void)!::write(STDERR_FILENO, g_line, static_cast<std::size_t>(g_line_size.load()));
  ::_exit(128 + g_signal.load());
}

void let_signals(int how) {
  sigset_t both;
  sigemptyset(&both);
  sigaddset(&both, SIGINT);
  sigaddset(&both, SIGTERM);
  ::sigprocmask(how, &both, nullptr);
}

void install() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  // Code that knows nothing of signals must not see its reads and writes fail.
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  let_signals(SIG_UNBLOCK);
}

}  // namespace

void catch_interrupts() {
  g_line_size = 0;
  if (g_has_timer) set_timer(0);
  install();
}

void end_at_interrupts(const std::string& line) {
  if (!g_has_timer) {
    struct sigaction action {};
    action.sa_handler = on_timer;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGALRM, &action, nullptr);
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGALRM;
    g_has_timer = ::timer_create(CLOCK_MONOTONIC, &event, &g_timer) == 0;
  }
  g_line_size = 0;
  const std::size_t size = std::min(line.size(), sizeof g_line - 1);
  std::copy_n(line.data(), size, g_line);
  g_line[size] = '\n';
  if (g_has_timer) g_line_size = static_cast<int>(size) + 1;
  install();
}

void hold_interrupts() {
  let_signals(SIG_BLOCK);
}

bool interrupted() {
  return g_signal.load(std::memory_order_relaxed) != 0 && g_finishing.load(std::memory_order_relaxed) == 0;
}

FinishingUp::FinishingUp() {
  ++g_finishing;
}

FinishingUp::~FinishingUp() {
  --g_finishing;
}

namespace {

std::mutex g_scopes_mutex;
int g_scopes = 0;               // how many InterruptScope there are
struct sigaction g_outside {};  // what the program does with SIGINT outside them

void only_set_flag(int number) {
  g_signal = number;
}

}  // namespace

InterruptScope::InterruptScope() {
  const std::lock_guard lock(g_scopes_mutex);
  if (g_scopes++ > 0) return;
  struct sigaction action {};
  action.sa_handler = only_set_flag;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, &g_outside);
}

InterruptScope::~InterruptScope() {
  const std::lock_guard lock(g_scopes_mutex);
  if (--g_scopes > 0) return;
  ::sigaction(SIGINT, &g_outside, nullptr);
  g_signal = 0;
}

int interrupt_exit_code() {
  const int number = g_signal.load(std::memory_order_relaxed);
  return number == 0 ? 0 : 128 + number;
}

}  // namespace yore::base
