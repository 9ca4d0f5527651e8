#include "yore/base/interrupt.h"

#include <signal.h>

#include <atomic>

namespace yore::base {
namespace {

// A handler may touch only lock-free atomics.
std::atomic<int> g_signal{0};
std::atomic<int> g_finishing{0};  // how many FinishingUp there are
static_assert(std::atomic<int>::is_always_lock_free);

void on_signal(int number) {
  int none = 0;
  if (g_signal.compare_exchange_strong(none, number)) return;
  // The user insists: end the way the signal ends a program by default, so that a shell sees what happened.
  // It is blocked while this handler runs and delivered on return.
  ::signal(number, SIG_DFL);
  ::raise(number);
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  // Code that knows nothing of signals must not see its reads and writes fail.
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
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

int interrupt_exit_code() {
  const int number = g_signal.load(std::memory_order_relaxed);
  return number == 0 ? 0 : 128 + number;
}

}  // namespace yore::base
