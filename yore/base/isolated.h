// Many independent jobs, each in a process of its own, so that one that crashes or does not end costs nobody
// else anything.
#pragma once
#include <cstddef>
#include <functional>
#include <string>

namespace yore::base {

/// What became of one job.
struct IsolatedResult {
  std::string text;     ///< what the job returned
  std::string failure;  ///< why it returned nothing (its exception's what(), its time, a signal), else empty
};

/// How much the jobs may use.
struct IsolatedLimits {
  int at_once = 1;   ///< processes beside each other, at least 1
  int seconds = 60;  ///< of processor time for one job, at least 1; past them its process is ended
};

/// Calls job(i) for i = 0 .. count-1, each in a copy of this process (fork), and visit(i, result) here, in
/// the order of i, each as soon as it and all before it are done. Jobs cannot change anything here; they
/// should not write to standard output, and must not wait for threads of this process, which the copies do
/// not have. Processes that still run end when visit throws or this process ends. Throws Interrupted
/// when a signal came (interrupt.h), and std::runtime_error if no process can be started.
void for_each_isolated(std::size_t count, const IsolatedLimits& limits,
                       const std::function<std::string(std::size_t)>& job,
                       const std::function<void(std::size_t, const IsolatedResult&)>& visit);

}  // namespace yore::base
