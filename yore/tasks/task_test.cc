// The registry, descriptions of tasks as text, and what every task of the registry must hold to.
#include "yore/tasks/task.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "yore/base/test_refusal.h"

namespace yore::tasks {
namespace {

TEST(Task, NamesAreUniqueAndOptionsHaveHelp) {
  std::vector<std::string> names;
  for (const TaskInfo& info : task_infos()) {
    EXPECT_EQ(std::count(names.begin(), names.end(), info.name), 0) << info.name;
    names.push_back(info.name);
    EXPECT_FALSE(info.summary.empty() || info.source.empty()) << info.name;
    for (const base::OptionSpec& option : info.options) EXPECT_FALSE(option.help.empty()) << option.name;
  }
}

TEST(Task, TextIsReadAsADescription) {
  EXPECT_EQ(parse_task("formal"), (Json{{"name", "formal"}}));
  EXPECT_EQ(parse_task("formal:(ab)*"), (Json{{"name", "formal"}, {"language", "(ab)*"}}));
  EXPECT_EQ(parse_task("formal:language=(ab)*,train_max_length=9"),
            (Json{{"name", "formal"}, {"language", "(ab)*"}, {"train_max_length", 9}}));
  EXPECT_TRUE(base::refused([] { parse_task("formel"); }, "did you mean formal?"));
  EXPECT_TRUE(base::refused(
      [] {
        complete_task({{"name", "formal"}, {"lengths", 3}, {"language", "a"}});
      },
      "unknown option \"lengths\""));
  EXPECT_TRUE(base::refused(
      [] {
        complete_task({{"name", "formal"}, {"language", "a"}, {"train_max_length", "9"}});
      },
      "expected a whole number"));
}

TEST(Task, AFormalTaskIsCompletedOnce) {
  const Json once = complete_task({{"name", "formal"}, {"language", "(ab)*"}});
  EXPECT_EQ(once["language"], "regex:(ab)*");
  EXPECT_EQ(once["alphabet"], "ab");
  EXPECT_EQ(complete_task(once), once);
}

// Against counts made by hand: 2 sequences of 3 and 2 tokens, targets at three places.
TEST(Task, TokensAreScored) {
  EvaluationSet set{"some", {{"n", 1}}, {}};
  const std::vector<std::int32_t> a = {0, 1, 2}, b = {2, 2}, ta = {kIgnored, 1, 2}, tb = {kIgnored, 0};
  set.batch.add(a, ta);
  set.batch.add(b, tb);
  const auto scorer = token_scorer(set);
  const std::vector<float> sure = {0, 9, 0}, wrong = {9, 0, 0};
  scorer->add(1, 4, wrong);
  scorer->add(0, 1, sure);
  scorer->add(0, 2, wrong);
  const std::vector<Metric> m = scorer->finish();
  ASSERT_EQ(m.size(), 3u);
  EXPECT_DOUBLE_EQ(m[0].value, 2.0 / 3);
  EXPECT_EQ(m[0].count, 3);
  EXPECT_DOUBLE_EQ(m[1].value, 0.5);
  const double right = std::log(1 + 2 * std::exp(-9.0));
  EXPECT_NEAR(m[2].value, (2 * right + 9 + right) / 3, 1e-12);
}

}  // namespace
}  // namespace yore::tasks
