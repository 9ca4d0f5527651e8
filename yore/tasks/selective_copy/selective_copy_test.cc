#include <gtest/gtest.h>

#include <map>
#include <set>

#include "yore/base/test_refusal.h"
#include "yore/tasks/common/statistics_test.h"
#include "yore/tasks/task.h"

namespace yore::tasks {
namespace {

using Sequence = std::vector<std::int32_t>;

std::unique_ptr<Task> selective_copy_of(Json options) {
  options["name"] = "selective_copy";
  return make_task(options);
}

// The letters before the first marker in their order, and where they stand; checks everything after it.
struct Scattered {
  Sequence letters;
  std::vector<std::size_t> places;
  std::size_t length = 0;
};
Scattered read(const Batch& batch, std::size_t b, int letters, bool fed) {
  Scattered s;
  auto i = static_cast<std::size_t>(batch.starts[b]);
  for (; batch.tokens[i] != letters + 1; ++i, ++s.length) {
    EXPECT_EQ(batch.targets[i], kIgnored);
    if (batch.tokens[i] == letters) continue;
    EXPECT_LT(batch.tokens[i], letters);
    s.letters.push_back(batch.tokens[i]);
    s.places.push_back(s.length);
  }
  EXPECT_EQ(static_cast<std::size_t>(batch.starts[b + 1]) - i, s.letters.size());
  for (std::size_t k = 0; k < s.letters.size(); ++k, ++i) {
    EXPECT_EQ(batch.targets[i], s.letters[k]);
    EXPECT_EQ(batch.tokens[i], k == 0 || !fed ? letters + 1 : s.letters[k - 1]);
  }
  return s;
}

TEST(SelectiveCopy, SequencesHaveTheForm) {
  for (const bool fed : {false, true}) {
    const auto task =
        selective_copy_of({{"letters", 6}, {"items", 5}, {"answers_fed", fed}, {"train_min_length", 5}});
    EXPECT_EQ(task->vocabulary(), 8);
    EXPECT_EQ(task->longest(), 133);
    std::vector<Batch> batches = {task->training_batch(1, 0, 200), task->validation().batch};
    for (const EvaluationSet& set : task->tests()) batches.push_back(set.batch);
    for (const Batch& batch : batches)
      for (std::size_t b = 0; b + 1 < batch.starts.size(); ++b)
        EXPECT_EQ(read(batch, b, 6, fed).letters.size(), 5u);
  }
}

TEST(SelectiveCopy, PlacesAreUniformAmongTheSubsets) {
  const auto task = selective_copy_of({{"items", 3}, {"train_min_length", 7}, {"train_max_length", 7}});
  std::map<std::vector<std::size_t>, std::int64_t> subsets;
  const Batch batch = task->training_batch(1, 0, 7000);
  for (std::size_t b = 0; b < 7000; ++b) ++subsets[read(batch, b, 8, false).places];
  ASSERT_EQ(subsets.size(), 35u);  // 7 over 3
  std::vector<std::int64_t> counts;
  for (const auto& [places, n] : subsets) counts.push_back(n);
  EXPECT_LT(testing::uniformity_ratio(counts), 1);
}

// No evaluated word is trained on, wherever its letters stand.
TEST(SelectiveCopy, WordsAreSplit) {
  const auto task = selective_copy_of({{"letters", 3}, {"items", 3}});
  std::set<Sequence> trained, held;
  for (int step = 0; step < 10; ++step) {
    const Batch batch = task->training_batch(1, step, 64);
    for (std::size_t b = 0; b < 64; ++b) trained.insert(read(batch, b, 3, false).letters);
  }
  std::vector<EvaluationSet> sets = task->tests();
  sets.push_back(task->validation());
  for (const EvaluationSet& set : sets)
    for (std::size_t b = 0; b + 1 < set.batch.starts.size(); ++b)
      held.insert(read(set.batch, b, 3, false).letters);
  EXPECT_EQ(held.size(), 3u);
  EXPECT_EQ(trained.size(), 24u);
  for (const Sequence& word : held) EXPECT_FALSE(trained.contains(word));
}

TEST(SelectiveCopy, WhatCannotBeMeantIsRefused) {
  EXPECT_TRUE(base::refused(
      [] {
        selective_copy_of({{"items", 17}});
      },
      "task selective_copy: train_min_length: expected 17 to"));
  EXPECT_TRUE(base::refused([] { selective_copy_of({{"items", 0}}); }, "items: expected 1 to"));
  EXPECT_TRUE(base::refused(
      [] {
        selective_copy_of({{"test_lengths", {"3-9"}}});
      },
      "test_lengths: expected lengths from 4"));
  EXPECT_TRUE(base::refused([] { selective_copy_of({{"letters", 1}}); }, "letters: expected 2 to"));
}

}  // namespace
}  // namespace yore::tasks
