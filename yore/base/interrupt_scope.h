// Ctrl-C for a library inside a program that has handlers of its own, such as Python's.
#pragma once

namespace yore::base {

/// While one lives SIGINT sets the flag that interrupted() looks at, instead of whatever the program does
/// with it. At the end the program's handler is back and the flag is down; the caller has to say that there
/// was one. Several may live at a time, in any threads: the first installs, the last restores. A second
/// signal does no more than the first.
class InterruptScope {
 public:
  InterruptScope();
  ~InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;
};

}  // namespace yore::base
