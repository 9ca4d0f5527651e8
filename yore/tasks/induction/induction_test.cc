#include <gtest/gtest.h>

#include <set>

#include "yore/base/test_refusal.h"
#include "yore/tasks/common/statistics_test.h"
#include "yore/tasks/task.h"

namespace yore::tasks {
namespace {

std::unique_ptr<Task> induction_of(Json options) {
  options["name"] = "induction";
  return make_task(options);
}

std::vector<Batch> some_batches(const Task& task) {
  std::vector<Batch> batches = {task.training_batch(1, 0, 100), task.validation().batch};
  for (const EvaluationSet& set : task.tests()) batches.push_back(set.batch);
  return batches;
}

// By the definition, looking back from every place.
TEST(Induction, EveryRecurrenceIsAsked) {
  const auto task = induction_of({{"letters", 6}, {"train_min_length", 7}, {"test_sequences", 40}});
  EXPECT_EQ(task->vocabulary(), 6);
  EXPECT_EQ(task->longest(), 128);
  for (const Batch& batch : some_batches(*task))
    for (std::size_t b = 0; b + 1 < batch.starts.size(); ++b)
      for (std::int64_t i = batch.starts[b]; i < batch.starts[b + 1]; ++i) {
        const auto token = [&](std::int64_t at) { return batch.tokens[static_cast<std::size_t>(at)]; };
        std::int64_t j = i - 1;
        while (j >= batch.starts[b] && token(j) != token(i)) --j;
        EXPECT_EQ(batch.targets[static_cast<std::size_t>(i)], j < batch.starts[b] ? kIgnored : token(j + 1));
      }
}

TEST(Induction, AtTheEndTheMarkerIsAsked) {
  const auto task =
      induction_of({{"ask", "end"}, {"letters", 4}, {"train_min_length", 3}, {"train_max_length", 9}});
  EXPECT_EQ(task->vocabulary(), 5);
  EXPECT_EQ(task->token_names().back(), "M");
  std::set<std::pair<std::int64_t, std::int64_t>> places;
  for (const Batch& batch : some_batches(*task))
    for (std::size_t b = 0; b + 1 < batch.starts.size(); ++b) {
      const auto first = static_cast<std::size_t>(batch.starts[b]),
                 last = static_cast<std::size_t>(batch.starts[b + 1]) - 1;
      EXPECT_EQ(batch.tokens[last], 4);
      std::vector<std::size_t> markers;
      for (std::size_t i = first; i < last; ++i) {
        EXPECT_EQ(batch.targets[i], kIgnored);
        if (batch.tokens[i] == 4) markers.push_back(i);
      }
      ASSERT_EQ(markers.size(), 1u);
      EXPECT_LT(markers[0] + 1, last) << "the marker's answer is a letter";
      EXPECT_EQ(batch.targets[last], batch.tokens[markers[0] + 1]);
      if (last - first < 9) places.insert({last - first, markers[0] - first});
    }
  // Every place of every length from 3 to 9: 1 + 2 + .. + 7.
  EXPECT_EQ(places.size(), 28u);
}

TEST(Induction, LettersAndPlacesAreUniform) {
  const auto task = induction_of({{"ask", "end"}, {"train_min_length", 12}, {"train_max_length", 12}});
  std::vector<std::int64_t> places(10), answers(8);
  const Batch batch = task->training_batch(1, 0, 8000);
  for (std::int64_t b = 0; b < 8000; ++b) {
    std::size_t place = 0;
    while (batch.tokens[static_cast<std::size_t>(12 * b) + place] != 8) ++place;
    ++places[place];
    ++answers[static_cast<std::size_t>(batch.targets[static_cast<std::size_t>(12 * b + 11)])];
  }
  EXPECT_LT(testing::uniformity_ratio(places), 1);
  EXPECT_LT(testing::uniformity_ratio(answers), 1);
}

// What comes next tells nothing: where something is asked, the next token is the answer by chance alone.
TEST(Induction, TheAnswerIsNotTheNextToken) {
  const auto task = induction_of({{"letters", 8}});
  std::vector<std::int64_t> counts(2);
  for (int step = 0; step < 20; ++step) {
    const Batch batch = task->training_batch(1, step, 64);
    for (std::size_t b = 0; b + 1 < batch.starts.size(); ++b)
      for (auto i = static_cast<std::size_t>(batch.starts[b]);
           i + 1 < static_cast<std::size_t>(batch.starts[b + 1]); ++i)
        if (batch.targets[i] != kIgnored) ++counts[batch.targets[i] == batch.tokens[i + 1]];
  }
  const double all = static_cast<double>(counts[0] + counts[1]);
  EXPECT_LT(testing::chi_square_ratio(counts, {all * 7 / 8, all / 8}), 1);
}

TEST(Induction, WhatCannotBeMeantIsRefused) {
  EXPECT_TRUE(base::refused(
      [] {
        induction_of({{"letters", 16}});
      },
      "train_min_length: expected more than 16 tokens, so that one of the 16 letters recurs"));
  EXPECT_TRUE(base::refused(
      [] {
        induction_of({{"test_lengths", {"8-9"}}});
      },
      "test_lengths: expected more than 8 tokens"));
  EXPECT_TRUE(base::refused([] { induction_of({{"ask", "ends"}}); }, "did you mean end?"));
  EXPECT_TRUE(base::refused(
      [] {
        induction_of({{"ask", "end"}, {"train_min_length", 2}});
      },
      "train_min_length: expected 3 to"));
  EXPECT_NO_THROW(induction_of({{"ask", "end"}, {"letters", 16}}));
}

}  // namespace
}  // namespace yore::tasks
