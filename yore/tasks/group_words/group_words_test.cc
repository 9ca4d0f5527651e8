#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "yore/base/test_refusal.h"
#include "yore/tasks/common/statistics_test.h"
#include "yore/tasks/group_words/group.h"
#include "yore/tasks/task.h"

namespace yore::tasks {
namespace {

std::unique_ptr<Task> group_words_of(Json options) {
  options["name"] = "group_words";
  return make_task(options);
}

// Follows each point through the permutations that the tokens' names spell.
std::string image(const std::vector<std::string>& names) {
  std::string result = names.at(0);
  for (char& point : result) {
    point = static_cast<char>('1' + (&point - result.data()));
    for (const std::string& name : names) point = name[static_cast<std::size_t>(point - '1')];
  }
  return result;
}

void check_labels(const std::string& group, const std::string& tokens) {
  const auto task = group_words_of({{"group", group}, {"tokens", tokens}, {"train_max_length", 12}});
  const std::vector<std::string> names = task->token_names();
  const std::vector<std::string> labels = parse_group(group, "x").names;
  EXPECT_EQ(task->outputs(), static_cast<int>(labels.size()));
  EXPECT_EQ(task->vocabulary(), static_cast<int>(names.size()));
  std::vector<Batch> batches = {task->training_batch(1, 0, 50), task->validation().batch};
  for (const EvaluationSet& set : task->tests()) batches.push_back(set.batch);
  for (const Batch& batch : batches)
    for (std::int64_t b = 0; b < std::min<std::int64_t>(batch.sequences(), 50); ++b) {
      std::vector<std::string> so_far;
      for (std::int64_t i = batch.starts[static_cast<std::size_t>(b)];
           i < batch.starts[static_cast<std::size_t>(b) + 1]; ++i) {
        so_far.push_back(names.at(static_cast<std::size_t>(batch.tokens[static_cast<std::size_t>(i)])));
        const std::string& label =
            labels.at(static_cast<std::size_t>(batch.targets[static_cast<std::size_t>(i)]));
        if (group[0] == 'z') {
          int sum = 0;
          for (const std::string& name : so_far) sum += std::stoi(name);
          ASSERT_EQ(label, std::to_string(sum % static_cast<int>(labels.size())));
        } else {
          ASSERT_EQ(label, image(so_far));
        }
      }
    }
}

TEST(GroupWords, LabelsAreTheProductsSoFar) {
  for (const char* group : {"s5", "a5", "s3", "z60", "z2"})
    for (const char* tokens : {"all", "generators"}) check_labels(group, tokens);
}

TEST(GroupWords, LengthsAreTheOnesAskedFor) {
  const auto task = group_words_of({{"group", "a5"}, {"train_min_length", 3}, {"train_max_length", 6}});
  std::set<std::int64_t> lengths;
  for (int step = 0; step < 20; ++step) {
    const Batch batch = task->training_batch(1, step, 16);
    for (std::int64_t b = 0; b < batch.sequences(); ++b) lengths.insert(batch.length(b));
  }
  EXPECT_EQ(lengths, (std::set<std::int64_t>{3, 4, 5, 6}));
  const std::vector<EvaluationSet> tests = task->tests();
  ASSERT_EQ(tests.size(), 2u);
  EXPECT_EQ(tests[1].name, "17-32");
  EXPECT_EQ(tests[1].batch.sequences(), 512);
  for (std::int64_t b = 0; b < 512; ++b) {
    EXPECT_GE(tests[1].batch.length(b), 17);
    EXPECT_LE(tests[1].batch.length(b), 32);
    if (b > 0) {
      EXPECT_GE(tests[1].batch.length(b), tests[1].batch.length(b - 1)) << "shortest first";
    }
  }
}

// With every element a token, tokens and products are uniform at every place.
TEST(GroupWords, TokensAndProductsAreUniform) {
  const auto task = group_words_of({{"group", "s4"}, {"train_min_length", 5}, {"train_max_length", 5}});
  std::vector<std::int64_t> tokens(24), products(24);
  const Batch batch = task->training_batch(1, 0, 20'000);
  for (std::int64_t b = 0; b < batch.sequences(); ++b) {
    ++tokens[static_cast<std::size_t>(batch.tokens[static_cast<std::size_t>(5 * b + 2)])];
    ++products[static_cast<std::size_t>(batch.targets[static_cast<std::size_t>(5 * b + 4)])];
  }
  EXPECT_LT(testing::uniformity_ratio(tokens), 1);
  EXPECT_LT(testing::uniformity_ratio(products), 1);
}

TEST(GroupWords, ChanceIsPrinted) {
  const auto task = group_words_of({{"group", "a4xz5"}, {"validation_sequences", 4}});
  const EvaluationSet set = task->validation();
  for (const Metric& m : task->scorer(set)->finish()) {
    if (m.name == "accuracy") {
      EXPECT_DOUBLE_EQ(m.keys.at("chance").get<double>(), 1.0 / 60);
    } else {
      EXPECT_FALSE(m.keys.contains("chance")) << m.name;
    }
  }
}

TEST(GroupWords, WhatCannotBeMeantIsRefused) {
  EXPECT_TRUE(base::refused(
      [] {
        group_words_of({{"group", "s9"}});
      },
      "task group_words: group: \"s9\" is no group"));
  EXPECT_TRUE(base::refused(
      [] {
        complete_task({{"name", "group_words"}, {"group", "q8"}});
      },
      "is no group"));
  EXPECT_TRUE(base::refused([] { group_words_of({{"tokens", "generator"}}); }, "did you mean generators?"));
  EXPECT_TRUE(base::refused(
      [] {
        group_words_of({{"train_min_length", 0}});
      },
      "train_min_length: expected 1 to"));
}

}  // namespace
}  // namespace yore::tasks
