#include "yore/tasks/common/task_options.h"

#include <gtest/gtest.h>

#include "yore/base/test_refusal.h"
#include "yore/tasks/common/drawn_task.h"

namespace yore::tasks {
namespace {

std::vector<base::OptionSpec> specs() {
  std::vector<base::OptionSpec> all = {
      {"count", 3, "h"}, {"rate", 0.5, "h"}, {"kind", "one", "h"}, {"fed", false, "h"}};
  for (const base::OptionSpec& option : draw_options({1, 9}, {"10-20"}, "Letters")) all.push_back(option);
  return all;
}

TEST(TaskOptions, AreReadWithTheirLimits) {
  const TaskOptions options({{"count", 5}, {"kind", "two"}, {"split_seed", ~std::uint64_t{0}}}, specs(), "x");
  EXPECT_EQ(options.integer("count", 1, 5), 5);
  EXPECT_EQ(options.number("rate", 0, 1), 0.5);
  EXPECT_EQ(options.choice("kind", {"one", "two"}), 1u);
  EXPECT_FALSE(options.flag("fed"));
  EXPECT_EQ(options.seed("split_seed"), ~std::uint64_t{0});
  EXPECT_EQ(options.json().begin().key(), "count");
  const auto refused = [&](const auto& act, const std::string& part) { return base::refused(act, part); };
  EXPECT_TRUE(refused([&] { options.integer("count", 1, 4); }, "task x: count: expected 1 to 4, found 5"));
  EXPECT_TRUE(refused([&] { options.number("rate", 0.75, 1); }, "rate: expected 0.75 to 1, found 0.5"));
  EXPECT_TRUE(refused([&] { options.choice("kind", {"tow"}); },
                      "kind: expected one of tow; found \"two\"; did you mean tow?"));
}

TEST(TaskOptions, DrawsAreRead) {
  const auto read = [](const Json& given) { return read_draws(TaskOptions(given, specs(), "x"), 1); };
  const Draws draws = read({{"test_lengths", {"3-4", "10-10"}}, {"train_min_length", 2}, {"split_seed", 8}});
  EXPECT_EQ(draws.training, LengthRange(2, 9));
  EXPECT_EQ(draws.tests, (std::vector<LengthRange>{{3, 4}, {10, 10}}));
  EXPECT_EQ(draws.validation_sequences, 512);
  EXPECT_EQ(draws.split_seed, 8u);
  EXPECT_TRUE(read({{"test_lengths", Json::array()}}).tests.empty());
  const auto refused = [&](const Json& given, const std::string& part) {
    return base::refused([&] { read(given); }, part);
  };
  EXPECT_TRUE(refused({{"train_min_length", 10}},
                      "task x: train_min_length, train_max_length: expected low <= high, found 10 and 9"));
  EXPECT_TRUE(refused({{"train_min_length", 0}}, "train_min_length: expected 1 to 1000000, found 0"));
  EXPECT_TRUE(refused({{"test_lengths", {"9-3"}}}, "test_lengths: \"9-3\" is no range of lengths"));
  EXPECT_TRUE(
      refused({{"test_lengths", {"0-3"}}}, "test_lengths: expected lengths from 1 to 1000000, found 0-3"));
  EXPECT_TRUE(
      refused({{"test_lengths", {"1-3", "1-3"}}}, "test_lengths: expected each range once, found 1-3 twice"));
  EXPECT_TRUE(refused({{"test_lengths", {3}}}, "test_lengths: expected texts such as \"41-100\", found 3"));
  EXPECT_TRUE(refused({{"validation_sequences", 0}}, "validation_sequences: expected 1 to"));
  EXPECT_TRUE(refused({{"test_sequences", 0}}, "test_sequences: expected 1 to"));
  EXPECT_TRUE(refused({{"split_seed", -1}}, "split_seed: expected an integer from 0"));
}

}  // namespace
}  // namespace yore::tasks
