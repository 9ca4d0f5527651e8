#include <gtest/gtest.h>

#include "yore/base/test_refusal.h"
#include "yore/tasks/common/statistics_test.h"
#include "yore/tasks/task.h"

namespace yore::tasks {
namespace {

Json description(int length) {
  return {{"name", "search"},
          {"classes", 5},
          {"values", 4},
          {"train_min_length", length},
          {"train_max_length", length}};
}

// The list is read from its tokens, and searched.
TEST(Search, TheOnlyItemOfTheClassHasTheAnswer) {
  const auto task = make_task(description(9));
  EXPECT_EQ(task->vocabulary(), 25);
  EXPECT_EQ(task->outputs(), 4);
  const Batch batch = task->training_batch(1, 0, 300);
  for (std::size_t b = 0; b + 1 < batch.starts.size(); ++b) {
    const auto first = static_cast<std::size_t>(batch.starts[b]),
               last = static_cast<std::size_t>(batch.starts[b + 1]) - 1;
    ASSERT_EQ(last - first, 9u);
    const std::int32_t asked = batch.tokens[last] - 20;
    std::vector<std::int32_t> found;
    for (std::size_t i = first; i < last; ++i) {
      ASSERT_LT(batch.tokens[i], 20);
      EXPECT_EQ(batch.targets[i], kIgnored);
      if (batch.tokens[i] / 4 == asked) found.push_back(batch.tokens[i] % 4);
    }
    EXPECT_EQ(found, std::vector<std::int32_t>{batch.targets[last]});
  }
}

// Neither the class asked about, nor the place, nor the last value of the list tells the answer.
TEST(Search, NothingButTheItemTellsTheAnswer) {
  const auto task = make_task(description(8));
  std::vector<std::int64_t> by_class(20), by_last(16), places(8);
  for (int step = 0; step < 16; ++step) {
    const Batch batch = task->training_batch(1, step, 500);
    for (std::size_t b = 0; b + 1 < batch.starts.size(); ++b) {
      const auto first = static_cast<std::size_t>(batch.starts[b]),
                 last = static_cast<std::size_t>(batch.starts[b + 1]) - 1;
      const auto answer = static_cast<std::size_t>(batch.targets[last]);
      const std::int32_t asked = batch.tokens[last] - 20;
      ++by_class[static_cast<std::size_t>(asked) * 4 + answer];
      std::size_t place = 0;
      while (batch.tokens[first + place] / 4 != asked) ++place;
      ++places[place];
      if (place != 7) ++by_last[static_cast<std::size_t>(batch.tokens[last - 1] % 4) * 4 + answer];
    }
  }
  EXPECT_LT(testing::uniformity_ratio(by_class), 1);
  EXPECT_LT(testing::uniformity_ratio(by_last), 1);
  EXPECT_LT(testing::uniformity_ratio(places), 1);
}

}  // namespace
}  // namespace yore::tasks
