#include <gtest/gtest.h>

#include <map>

#include "yore/base/test_refusal.h"
#include "yore/base/test_signals.h"
#include "yore/tasks/common/statistics_test.h"
#include "yore/tasks/task.h"

namespace yore::tasks {
namespace {

std::unique_ptr<Task> marked_token_of(Json options) {
  options["name"] = "marked_token";
  return make_task(options);
}

// Each answer is counted again from the names of the tokens.
TEST(MarkedToken, TheMarkedLettersDecide) {
  constexpr int kClasses = 3, kMarks = 4;
  const auto task = marked_token_of({{"letters", 7}, {"classes", kClasses}, {"marks", kMarks}});
  EXPECT_EQ(task->vocabulary(), 15);
  EXPECT_EQ(task->outputs(), kClasses);
  const std::vector<std::string> names = task->token_names();
  std::vector<Batch> batches = {task->training_batch(1, 0, 300), task->validation().batch};
  for (const EvaluationSet& set : task->tests()) batches.push_back(set.batch);
  for (const Batch& batch : batches)
    for (std::size_t b = 0; b + 1 < batch.starts.size(); ++b) {
      const auto first = static_cast<std::size_t>(batch.starts[b]),
                 last = static_cast<std::size_t>(batch.starts[b + 1]) - 1;
      std::map<int, int> votes;
      int marks = 0;
      for (std::size_t i = first; i < last; ++i) {
        EXPECT_EQ(batch.targets[i], kIgnored);
        const std::string& name = names[static_cast<std::size_t>(batch.tokens[i])];
        ASSERT_NE(name, "?");
        if (name[0] != 'M') continue;
        ++marks;
        ++votes[std::stoi(name.substr(1)) % kClasses];
      }
      EXPECT_EQ(marks, kMarks);
      EXPECT_EQ(names[static_cast<std::size_t>(batch.tokens[last])], "?");
      for (const auto& [other, count] : votes)
        if (other != batch.targets[last]) {
          EXPECT_LT(count, votes[batch.targets[last]]);
        }
    }
}

TEST(MarkedToken, ClassesAndPlacesAreUniform) {
  const auto task = marked_token_of({{"marks", 1}, {"train_min_length", 16}, {"train_max_length", 16}});
  std::vector<std::int64_t> classes(4), places(16);
  const Batch batch = task->training_batch(1, 0, 4000);
  for (std::size_t i = 0; i < batch.tokens.size(); ++i) {
    if (batch.targets[i] != kIgnored) ++classes[static_cast<std::size_t>(batch.targets[i])];
    if (batch.tokens[i] >= 16 && batch.tokens[i] < 32) ++places[i % 17];
  }
  EXPECT_LT(testing::uniformity_ratio(classes), 1);
  EXPECT_LT(testing::uniformity_ratio(places), 1);
}

// Of two marks and 1,000 classes nearly all sequences are tied, and are drawn again.
TEST(MarkedToken, DrawingStopsAtASignal) {
  EXPECT_TRUE(base::stops_at_a_signal([] {
    marked_token_of({{"letters", 1000},
                     {"classes", 1000},
                     {"marks", 2},
                     {"test_lengths", {"1000000-1000000"}},
                     {"test_sequences", 1}})
        ->tests();
  }));
}

TEST(MarkedToken, WhatCannotBeMeantIsRefused) {
  const auto message = [](Json options) {
    return base::refusal<base::InputError>([&] { marked_token_of(std::move(options)); });
  };
  EXPECT_NE(message({{"classes", 17}}).find("task marked_token: classes: expected 2 to 16"),
            std::string::npos);
  EXPECT_NE(message({{"marks", 0}}).find("marks: expected 1 to"), std::string::npos);
  EXPECT_NE(message({{"marks", 30}}).find("train_min_length: expected 30 to"), std::string::npos);
  EXPECT_NE(message({{"letters", 2000}, {"classes", 1025}, {"marks", 2}})
                .find("classes: expected at most 1024 with 2 marks, found 1025"),
            std::string::npos);
  marked_token_of({{"letters", 2000}, {"classes", 2000}, {"marks", 1}});
  EXPECT_NE(message({{"train_min_length", 8}}).find("train_min_length: expected 16 to"), std::string::npos);
}

}  // namespace
}  // namespace yore::tasks
