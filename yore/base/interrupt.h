// Ctrl-C (SIGINT) and SIGTERM as a flag that loops look at, so that work stops at a clean point.
#pragma once

namespace yore::base {

/// Installs handlers for SIGINT and SIGTERM that only set a flag. A second signal ends the process at once.
void catch_interrupts();

/// True once a signal came after catch_interrupts(), but while a FinishingUp lives.
bool interrupted();

/// While one lives interrupted() says false: what a stopped command still does to keep what was done (a
/// report, the answer so far) is not stopped by the signal that asked for it.
class FinishingUp {
 public:
  FinishingUp();
  ~FinishingUp();
  FinishingUp(const FinishingUp&) = delete;
  FinishingUp& operator=(const FinishingUp&) = delete;
};

/// 128 + the signal's number (130 for Ctrl-C), the exit code of a process stopped that way; 0 if none came.
int interrupt_exit_code();

}  // namespace yore::base
