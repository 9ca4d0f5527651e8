#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "yore/base/test_refusal.h"
#include "yore/tasks/bigram_backcopy/bigram_chain.h"
#include "yore/tasks/common/statistics_test.h"
#include "yore/tasks/task.h"

namespace yore::tasks {
namespace {

std::unique_ptr<Task> backcopy_of(Json options) {
  options["name"] = "bigram_backcopy";
  return make_task(options);
}

TEST(BigramChain, RowsAreDistributionsInRandomOrders) {
  const BigramChain chain(8, 2, 1, 0), same(8, 2, 1, 0), other(8, 2, 1, 1);
  double harmonic = 0;
  for (int r = 1; r <= 8; ++r) harmonic += 1.0 / r;
  bool differs = false;
  for (std::int32_t x = 0; x < 8; ++x) {
    std::vector<double> sorted = chain.next(x);
    std::sort(sorted.rbegin(), sorted.rend());
    double entropy = 0;
    for (std::size_t r = 0; r < 8; ++r) {
      EXPECT_NEAR(sorted[r], 1 / (static_cast<double>(r + 1) * harmonic), 1e-15);
      entropy -= sorted[r] * std::log(sorted[r]);
    }
    EXPECT_NEAR(chain.entropy(x), entropy, 1e-14);
    EXPECT_EQ(chain.most_likely(x), sorted[0]);
    EXPECT_EQ(chain.next(x), same.next(x));
    differs = differs || chain.next(x) != other.next(x);
  }
  EXPECT_TRUE(differs);
  EXPECT_NE(chain.next(3), chain.next(4));
}

TEST(BigramChain, WithoutSkewAllLettersAreAlike) {
  const BigramChain chain(8, 2, 0, 0);
  EXPECT_EQ(chain.next(5), std::vector<double>(8, 1.0 / 8));
  EXPECT_NEAR(chain.entropy(5), std::log(8), 1e-14);
}

// By the definition: what a trigger is followed by, and what else by how often.
TEST(BigramBackcopy, TriggersCopyAndTheRestIsTheChain) {
  const auto task = backcopy_of({{"letters", 5}, {"triggers", 2}, {"skew", 1}, {"chain_seed", 3}});
  const BigramChain chain(5, 2, 1, 3);
  EXPECT_EQ(task->vocabulary(), 6);
  EXPECT_EQ(task->token_names().back(), "BOS");
  std::map<std::int32_t, std::vector<std::int64_t>> followed;
  std::vector<std::int64_t> first(3);
  for (int step = 0; step < 10; ++step) {
    const Batch batch = task->training_batch(1, step, 100);
    for (std::size_t b = 0; b + 1 < batch.starts.size(); ++b) {
      const auto begin = static_cast<std::size_t>(batch.starts[b]),
                 end = static_cast<std::size_t>(batch.starts[b + 1]);
      EXPECT_EQ(end - begin, 64u);
      EXPECT_EQ(batch.tokens[begin], 5);
      ++first[static_cast<std::size_t>(batch.targets[begin] - 2)];
      for (std::size_t i = begin + 1; i < end; ++i) {
        EXPECT_EQ(batch.tokens[i], batch.targets[i - 1]);
        if (batch.tokens[i] < 2) {
          EXPECT_EQ(batch.targets[i], batch.tokens[i - 1]);
          EXPECT_GE(batch.targets[i], 2);
        } else {
          auto& counts = followed[batch.tokens[i]];
          counts.resize(5);
          ++counts[static_cast<std::size_t>(batch.targets[i])];
        }
      }
    }
  }
  EXPECT_LT(testing::uniformity_ratio(first), 1);
  ASSERT_EQ(followed.size(), 3u);
  for (const auto& [x, counts] : followed) {
    double all = 0;
    for (const std::int64_t n : counts) all += static_cast<double>(n);
    std::vector<double> expected = chain.next(x);
    for (double& share : expected) share *= all;
    EXPECT_LT(testing::chi_square_ratio(counts, expected), 1) << x;
  }
}

// A model that knows the chain and copies: its losses are the floors, but for what was drawn.
TEST(BigramBackcopy, WhoKnowsTheChainReachesTheFloors) {
  const auto task =
      backcopy_of({{"letters", 6}, {"triggers", 2}, {"skew", 1}, {"validation_sequences", 400}});
  const BigramChain chain(6, 2, 1, 0);
  const EvaluationSet set = task->validation();
  const auto scorer = task->scorer(set);
  std::int64_t copies = 0, all = 0;
  for (std::int64_t b = 0; b < set.batch.sequences(); ++b)
    for (std::int64_t i = set.batch.starts[static_cast<std::size_t>(b)];
         i < set.batch.starts[static_cast<std::size_t>(b) + 1]; ++i, ++all) {
      const std::int32_t x = set.batch.tokens[static_cast<std::size_t>(i)];
      std::vector<float> logits(7, -99);
      if (x == 6) {
        for (std::size_t y = 2; y < 6; ++y) logits[y] = 0;
      } else if (x < 2) {
        ++copies;
        logits[static_cast<std::size_t>(set.batch.tokens[static_cast<std::size_t>(i - 1)])] = 0;
      } else {
        for (std::size_t y = 0; y < 6; ++y) logits[y] = static_cast<float>(std::log(chain.next(x)[y]));
      }
      scorer->add(b, i, logits);
    }
  std::map<std::string, Metric> metrics;
  for (const Metric& m : scorer->finish()) metrics[m.name] = m;
  EXPECT_EQ(metrics.at("backcopy_accuracy").value, 1);
  EXPECT_EQ(metrics.at("backcopy_accuracy").count, copies);
  EXPECT_EQ(metrics.at("bigram_accuracy").count, all - copies);
  EXPECT_NEAR(metrics.at("backcopy_loss").value, 0, 1e-12);
  const auto floor = [&](const char* name) {
    return metrics.at(name).keys.at("baselines").at("floor").get<double>();
  };
  EXPECT_EQ(floor("backcopy_loss"), 0);
  // Of so many draws with a deviation below 1 each; four standard errors.
  const double bound = 4 / std::sqrt(static_cast<double>(all - copies));
  const Metric& accuracy = metrics.at("bigram_accuracy");
  EXPECT_NEAR(metrics.at("bigram_loss").value, floor("bigram_loss"), bound);
  EXPECT_GT(floor("bigram_loss"), 1);
  EXPECT_NEAR(accuracy.value, accuracy.keys.at("baselines").at("the likeliest letter").get<double>(), bound);
  EXPECT_NEAR(metrics.at("loss").value, floor("loss"), bound);
}

TEST(BigramBackcopy, WhatCannotBeMeantIsRefused) {
  EXPECT_TRUE(base::refused(
      [] {
        backcopy_of({{"letters", 8}, {"triggers", 7}});
      },
      "triggers: expected 1 to 6, found 7"));
  EXPECT_TRUE(base::refused([] { backcopy_of({{"letters", 3}}); }, "letters: expected 4 to 4096"));
  EXPECT_TRUE(base::refused([] { backcopy_of({{"skew", 4}}); }, "skew: expected 0 to 3"));
  EXPECT_TRUE(base::refused([] { backcopy_of({{"train_min_length", 8}}); }, "train_min_length: expected 16"));
}

}  // namespace
}  // namespace yore::tasks
