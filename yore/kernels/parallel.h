// Tasks spread over OpenMP's threads, so that kernels share the pool that libtorch uses.
#pragma once
#include <omp.h>

#include <algorithm>
#include <cstdint>
#include <exception>

namespace yore::kernels {

/// Threads a call will use: `wanted`, or OpenMP's default for 0; never more than there are tasks, and one
/// inside another parallel region.
inline int threads_for(int wanted, std::int64_t tasks) {
  if (omp_in_parallel() != 0) return 1;
  const int most = wanted > 0 ? wanted : omp_get_max_threads();
  return static_cast<int>(std::clamp<std::int64_t>(tasks, 1, most));
}

/// run(context, task) for each task 0 .. tasks - 1, in any order; each thread makes one context. The first
/// exception of a thread is thrown again when all have stopped.
template <class MakeContext, class Run>
void parallel_tasks(int threads, std::int64_t tasks, const MakeContext& make_context, const Run& run) {
  if (threads == 1) {
    auto context = make_context();
    for (std::int64_t task = 0; task < tasks; ++task) run(context, task);
    return;
  }
  std::exception_ptr failure;
  const auto note = [&failure] {
#pragma omp critical(yore_parallel_tasks)
    if (!failure) failure = std::current_exception();
  };
#pragma omp parallel num_threads(threads)
  {
    try {
      auto context = make_context();
#pragma omp for schedule(dynamic, 1) nowait
      for (std::int64_t task = 0; task < tasks; ++task) {
        try {  // what a loop of OpenMP's lets out ends the program
          run(context, task);
        } catch (...) {
          note();
        }
      }
    } catch (...) {
      note();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace yore::kernels
