// A peer that runs as a program of its own: JSON lines in, JSON lines out.
#pragma once
#include <sys/types.h>

#include <cstdio>
#include <string>
#include <vector>

#include "yore/base/files.h"

namespace yore::bench {

/// Started with the object, ended with it. Its standard error is ours.
class LineProcess {
 public:
  /// Throws InputError if it cannot be started.
  explicit LineProcess(const std::vector<std::string>& argv);
  LineProcess(const LineProcess&) = delete;
  LineProcess& operator=(const LineProcess&) = delete;
  ~LineProcess();

  /// Sends one line and reads one. Throws InputError if the program has ended or answers {"error": ..}.
  base::Json ask(const base::Json& question);
  /// Waits for the first byte that it writes unasked. Throws InputError if it ends without one.
  void wait_for_output();

 private:
  std::string name_;
  pid_t pid_ = -1;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

}  // namespace yore::bench
