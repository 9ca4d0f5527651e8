#include <gtest/gtest.h>

#include <algorithm>

#include "yore/tasks/common/statistics_test.h"
#include "yore/tasks/task.h"

namespace yore::tasks {
namespace {

struct Sequence {
  std::vector<std::int32_t> text, pattern;
  std::int32_t answer = 0;
};

std::vector<Sequence> sequences_of(const Batch& batch, std::int32_t separator) {
  std::vector<Sequence> all;
  for (std::size_t b = 0; b + 1 < batch.starts.size(); ++b) {
    const auto begin = batch.tokens.begin() + batch.starts[b],
               end = batch.tokens.begin() + batch.starts[b + 1];
    const auto middle = std::find(begin, end, separator);
    all.push_back({{begin, middle},
                   {middle + 1, end},
                   batch.targets[static_cast<std::size_t>(batch.starts[b + 1]) - 1]});
    for (auto i = batch.starts[b]; i + 1 < batch.starts[b + 1]; ++i)
      EXPECT_EQ(batch.targets[static_cast<std::size_t>(i)], kIgnored);
  }
  return all;
}

TEST(StringMatching, ThePatternOccursOnceAndTheAnswerFollows) {
  for (const auto& [letters, pattern] : {std::pair(8, 2), std::pair(3, 2), std::pair(3, 4)}) {
    const auto task = make_task(
        {{"name", "string_matching"}, {"letters", letters}, {"pattern", pattern}, {"train_min_length", 8}});
    for (const Sequence& s : sequences_of(task->training_batch(1, 0, 400), letters)) {
      ASSERT_EQ(static_cast<int>(s.pattern.size()), pattern);
      int occurrences = 0;
      for (std::size_t i = 0; i + s.pattern.size() <= s.text.size(); ++i) {
        if (!std::equal(s.pattern.begin(), s.pattern.end(), s.text.begin() + static_cast<std::ptrdiff_t>(i)))
          continue;
        ++occurrences;
        ASSERT_LT(i + s.pattern.size(), s.text.size()) << "nothing follows";
        EXPECT_EQ(s.answer, s.text[i + s.pattern.size()]);
      }
      EXPECT_EQ(occurrences, 1);
    }
  }
}

// The answer is as likely to be any letter, whatever the pattern's last letter and the text's last letter
// are.
TEST(StringMatching, PatternAndEndOfTheTextDoNotTellTheAnswer) {
  const auto task = make_task(
      {{"name", "string_matching"}, {"letters", 4}, {"train_min_length", 16}, {"train_max_length", 16}});
  std::vector<std::int64_t> answers(4);
  std::vector<std::vector<std::int64_t>> by_pattern(4, std::vector<std::int64_t>(4));
  int last_is_answer = 0, all = 0;
  for (int step = 0; step < 20; ++step)
    for (const Sequence& s : sequences_of(task->training_batch(1, step, 400), 4)) {
      ++answers[static_cast<std::size_t>(s.answer)];
      ++by_pattern[static_cast<std::size_t>(s.pattern.back())][static_cast<std::size_t>(s.answer)];
      last_is_answer += s.text.back() == s.answer;
      ++all;
    }
  EXPECT_LT(testing::uniformity_ratio(answers), 1);
  for (const auto& counts : by_pattern) EXPECT_LT(testing::uniformity_ratio(counts), 1);
  // One text in fourteen ends with the answer itself, and the others by chance.
  EXPECT_NEAR(static_cast<double>(last_is_answer) / all, 1.0 / 14 + 13.0 / 14 / 4, 0.02);
}

}  // namespace
}  // namespace yore::tasks
