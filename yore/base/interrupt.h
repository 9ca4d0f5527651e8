// Ctrl-C (SIGINT) and SIGTERM as a flag that loops look at, so that work stops at a clean point.
#pragma once
#include <string>

namespace yore::base {

/// Installs handlers for SIGINT and SIGTERM that only set a flag. A second signal ends the process at once.
/// For work that looks at interrupted() often enough, or has something to finish first.
void catch_interrupts();

/// As catch_interrupts(), but where nothing has to be finished: a process that has not ended half a second
/// after the signal, because what it is in the midst of looks at no flag, says `line` on standard error and
/// ends with 128 + the signal's number. A later catch_interrupts() takes the half second back.
void end_at_interrupts(const std::string& line);

/// Lets signals wait until the next catch_interrupts() or end_at_interrupts(), also that of a program which
/// this process becomes (exec) and which would otherwise end without a word while it is loaded.
void hold_interrupts();

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
