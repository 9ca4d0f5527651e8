#include <gtest/gtest.h>

#include <map>
#include <set>

#include "yore/base/test_refusal.h"
#include "yore/tasks/common/statistics_test.h"
#include "yore/tasks/task.h"

namespace yore::tasks {
namespace {

// Every edge is followed until it comes back.
TEST(TwoCycles, AnswersAreThoseOfTheGraph) {
  std::vector<std::int64_t> answers(2), steps(6);
  const auto task = make_task(
      {{"name", "two_cycles"}, {"names", 16}, {"train_max_length", 11}, {"test_lengths", Json::array()}});
  for (int step = 0; step < 10; ++step) {
    const Batch batch = task->training_batch(1, step, 200);
    for (std::size_t b = 0; b + 1 < batch.starts.size(); ++b) {
      const auto first = static_cast<std::size_t>(batch.starts[b]),
                 end = static_cast<std::size_t>(batch.starts[b + 1]);
      const std::size_t vertices = (end - first - 2) / 2;
      std::map<std::int32_t, std::int32_t> next;
      std::set<std::int32_t> reached_by_edges;
      for (std::size_t i = first; i + 2 < end; i += 2) {
        next[batch.tokens[i]] = batch.tokens[i + 1];
        reached_by_edges.insert(batch.tokens[i + 1]);
      }
      ASSERT_EQ(next.size(), vertices);
      ASSERT_EQ(reached_by_edges.size(), vertices) << "not a permutation";
      const std::int32_t from = batch.tokens[end - 2], to = batch.tokens[end - 1];
      ASSERT_NE(from, to);
      std::set<std::int32_t> cycle;
      std::size_t way = 0;
      for (std::int32_t v = next.at(from); cycle.insert(v).second; v = next.at(v))
        if (v == to) way = cycle.size();
      EXPECT_TRUE(cycle.contains(from));
      EXPECT_TRUE(cycle.size() == vertices / 2 || cycle.size() == vertices - vertices / 2);
      ASSERT_TRUE(next.contains(to));
      EXPECT_EQ(batch.targets[end - 1], cycle.contains(to) ? 1 : 0);
      for (std::size_t i = first; i + 1 < end; ++i) EXPECT_EQ(batch.targets[i], kIgnored);
      ++answers[cycle.contains(to)];
      if (vertices == 10 && way > 0) ++steps[way];
    }
  }
  EXPECT_LT(testing::uniformity_ratio(answers), 1);
  // Of a cycle of five: one to four steps, each as likely.
  EXPECT_EQ(steps[5], 0);
  EXPECT_LT(testing::uniformity_ratio({steps.begin() + 1, steps.begin() + 5}), 1);
}

// Where an edge stands, and whether the two asked about stand in the last edge, is chance.
TEST(TwoCycles, NamesAndOrderDoNotTellTheAnswer) {
  const auto task = make_task(
      {{"name", "two_cycles"}, {"names", 8}, {"train_min_length", 8}, {"test_lengths", Json::array()}});
  std::vector<std::vector<std::int64_t>> by_name(8, std::vector<std::int64_t>(2)),
      by_order(2, std::vector<std::int64_t>(2));
  for (int step = 0; step < 10; ++step) {
    const Batch batch = task->training_batch(1, step, 400);
    for (std::size_t b = 0; b + 1 < batch.starts.size(); ++b) {
      const auto first = static_cast<std::size_t>(batch.starts[b]),
                 end = static_cast<std::size_t>(batch.starts[b + 1]);
      const auto answer = static_cast<std::size_t>(batch.targets[end - 1]);
      const std::int32_t from = batch.tokens[end - 2], to = batch.tokens[end - 1];
      ++by_name[static_cast<std::size_t>(from)][answer];
      std::size_t place_from = 0, place_to = 0;
      for (std::size_t i = first; i + 2 < end; i += 2) {
        if (batch.tokens[i] == from) place_from = i;
        if (batch.tokens[i] == to) place_to = i;
      }
      ++by_order[place_from < place_to][answer];
    }
  }
  for (const auto& counts : by_name) EXPECT_LT(testing::uniformity_ratio(counts), 1);
  for (const auto& counts : by_order) EXPECT_LT(testing::uniformity_ratio(counts), 1);
}

TEST(TwoCycles, MoreVerticesThanNamesAreRefused) {
  EXPECT_TRUE(base::refused(
      [] {
        make_task({{"name", "two_cycles"}, {"names", 16}});
      },
      "test_lengths: expected at most as many as there are names, 16; found 32"));
}

}  // namespace
}  // namespace yore::tasks
