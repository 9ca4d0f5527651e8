#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "yore/base/test_refusal.h"
#include "yore/tasks/common/statistics_test.h"
#include "yore/tasks/task.h"

namespace yore::tasks {
namespace {

TEST(Sort, TheSecondHalfIsTheFirstInOrder) {
  const auto task = make_task({{"name", "sort"}, {"letters", 64}});
  EXPECT_EQ(task->longest(), 129);
  std::vector<std::int64_t> first_letters(64);
  for (int step = 0; step < 40; ++step) {
    const Batch batch = task->training_batch(1, step, 100);
    for (std::size_t b = 0; b + 1 < batch.starts.size(); ++b) {
      const auto begin = batch.tokens.begin() + batch.starts[b],
                 end = batch.tokens.begin() + batch.starts[b + 1];
      const auto separator = std::find(begin, end, 64);
      const std::set<std::int32_t> letters(begin, separator);
      ASSERT_EQ(std::distance(begin, separator), static_cast<std::ptrdiff_t>(letters.size()))
          << "a letter twice";
      ASSERT_TRUE(std::equal(letters.begin(), letters.end(), separator + 1, end));
      ++first_letters[static_cast<std::size_t>(*begin)];
      for (auto at = begin; at != end; ++at) {
        const std::int32_t target = batch.targets[static_cast<std::size_t>(at - batch.tokens.begin())];
        EXPECT_EQ(target, at < separator || at + 1 == end ? kIgnored : *(at + 1));
      }
    }
  }
  EXPECT_LT(testing::uniformity_ratio(first_letters), 1);
}

TEST(Sort, ListsLongerThanTheAlphabetAreRefused) {
  EXPECT_TRUE(base::refused(
      [] {
        make_task({{"name", "sort"}, {"letters", 32}});
      },
      "test_lengths: expected at most as many as there are letters, 32; found 64"));
  EXPECT_TRUE(base::refused(
      [] {
        make_task({{"name", "sort"}, {"letters", 8}, {"test_lengths", Json::array()}});
      },
      "train_max_length: expected at most as many"));
  EXPECT_TRUE(base::refused(
      [] {
        task_at_size({{"name", "sort"}, {"letters", 64}}, 65, 4);
      },
      "as there are letters, 64; found 65"));
}

}  // namespace
}  // namespace yore::tasks
