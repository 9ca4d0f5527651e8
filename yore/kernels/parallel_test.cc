// What comes of tasks that throw.
#include "yore/kernels/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <new>
#include <stdexcept>
#include <string>

#include "yore/kernels/workspace.h"

namespace yore::kernels {
namespace {

std::string thrown(int threads, const auto& run) {
  try {
    parallel_tasks(
        threads, 4, [] { return 0; }, run);
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return "nothing";
}

TEST(Workspace, RefusedMemoryThrows) {
  Workspace workspace;
  EXPECT_THROW(workspace.Take<float>(std::ptrdiff_t{1} << 60), std::bad_alloc);
}

TEST(ParallelTasks, ThrowTheFirstExceptionAgain) {
  EXPECT_EQ(thrown(1, [](int, std::int64_t task) { throw std::runtime_error(std::to_string(task)); }), "0");
  // Task 0 throws, and then its thread goes on to others that throw: task 1 keeps the second thread until one
  // has.
  for (int repetition = 0; repetition < 20; ++repetition) {
    std::atomic<bool> later{false};
    EXPECT_EQ(thrown(2,
                     [&](int, std::int64_t task) {
                       if (task == 1) {
                         while (!later && omp_get_num_threads() > 1) {
                         }
                         return;
                       }
                       if (task > 1) later = true;
                       throw std::runtime_error(std::to_string(task));
                     }),
              "0");
  }
}

TEST(ParallelTasks, OfOneThatThrowsTheOthersAreDone) {
  for (const int threads : {2, 3}) {
    std::atomic<int> done{0};
    EXPECT_EQ(thrown(threads,
                     [&](int, std::int64_t task) {
                       if (task == 2) throw std::runtime_error("two");
                       ++done;
                     }),
              "two");
    EXPECT_EQ(done, 3);
  }
}

}  // namespace
}  // namespace yore::kernels
