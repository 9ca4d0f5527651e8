#include <gtest/gtest.h>

#include <algorithm>

#include "yore/tasks/task.h"

namespace yore::tasks {
namespace {

// By counting the letters up to every place.
TEST(Majority, IsThatOfTheLettersSoFar) {
  const auto task = make_task({{"name", "majority"}, {"train_min_length", 1}, {"train_max_length", 9}});
  std::vector<std::int64_t> answers(2);
  const Batch batch = task->training_batch(1, 0, 400);
  for (std::size_t b = 0; b + 1 < batch.starts.size(); ++b) {
    const auto first = batch.tokens.begin() + batch.starts[b];
    for (std::int64_t i = 1; i <= batch.length(static_cast<std::int64_t>(b)); ++i) {
      const auto ones = std::count(first, first + i, 1);
      const std::int32_t target = batch.targets[static_cast<std::size_t>(batch.starts[b] + i - 1)];
      EXPECT_EQ(target, 2 * ones == i ? kIgnored : 2 * ones > i ? 1 : 0);
      if (target != kIgnored) ++answers[static_cast<std::size_t>(target)];
    }
  }
  // Chance: neither answer is the likelier one.
  EXPECT_NEAR(static_cast<double>(answers[0]) / static_cast<double>(answers[0] + answers[1]), 0.5, 0.05);
}

}  // namespace
}  // namespace yore::tasks
