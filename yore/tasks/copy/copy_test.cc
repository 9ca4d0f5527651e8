#include <gtest/gtest.h>

#include <map>
#include <set>

#include "yore/base/test_refusal.h"
#include "yore/tasks/common/statistics_test.h"
#include "yore/tasks/task.h"

namespace yore::tasks {
namespace {

using Sequence = std::vector<std::int32_t>;

std::unique_ptr<Task> copy_of(Json options) {
  options["name"] = "copy";
  return make_task(options);
}

// The words of a batch, each checked against the form token by token.
std::vector<Sequence> words_of(const Batch& batch, int letters) {
  std::vector<Sequence> words;
  for (std::size_t b = 0; b + 1 < batch.starts.size(); ++b) {
    const auto first = static_cast<std::size_t>(batch.starts[b]),
               end = static_cast<std::size_t>(batch.starts[b + 1]);
    EXPECT_EQ((end - first) % 2, 0u);
    const std::size_t n = (end - first) / 2 - 1;
    EXPECT_EQ(batch.tokens[first], letters);
    EXPECT_EQ(batch.tokens[first + n + 1], letters + 1);
    Sequence word;
    for (std::size_t i = 0; i < n; ++i) {
      word.push_back(batch.tokens[first + 1 + i]);
      EXPECT_LT(word.back(), letters);
      EXPECT_EQ(batch.tokens[first + n + 2 + i], word.back());
      // What is asked at a token is the token after it.
      EXPECT_EQ(batch.targets[first + n + 1 + i], batch.tokens[first + n + 2 + i]);
      EXPECT_EQ(batch.targets[first + i], kIgnored);
    }
    EXPECT_EQ(batch.targets[first + n], kIgnored);
    EXPECT_EQ(batch.targets[end - 1], kIgnored);
    words.push_back(word);
  }
  return words;
}

TEST(Copy, SequencesHaveTheForm) {
  const auto task = copy_of({{"letters", 5}});
  EXPECT_EQ(task->vocabulary(), 7);
  EXPECT_EQ(task->longest(), 130);
  EXPECT_EQ(task->token_names().back(), "SEP");
  std::set<std::size_t> lengths;
  for (int step = 0; step < 10; ++step)
    for (const Sequence& word : words_of(task->training_batch(1, step, 32), 5)) lengths.insert(word.size());
  EXPECT_EQ(lengths.size(), 16u);
  EXPECT_EQ(*lengths.begin(), 1u);
  EXPECT_EQ(*lengths.rbegin(), 16u);
  words_of(task->validation().batch, 5);
  const std::vector<EvaluationSet> tests = task->tests();
  ASSERT_EQ(tests.size(), 2u);
  for (const Sequence& word : words_of(tests[0].batch, 5))
    EXPECT_TRUE(17 <= word.size() && word.size() <= 32);
}

TEST(Copy, LettersAndLengthsAreUniform) {
  const auto task = copy_of({{"letters", 20}, {"train_min_length", 4}, {"train_max_length", 11}});
  std::vector<std::int64_t> letters(20), lengths(8);
  for (const Sequence& word : words_of(task->training_batch(1, 0, 8000), 20)) {
    ++letters[static_cast<std::size_t>(word[3])];
    ++lengths[word.size() - 4];
  }
  EXPECT_LT(testing::uniformity_ratio(letters), 1);
  EXPECT_LT(testing::uniformity_ratio(lengths), 1);
}

// Few enough words to see all of them: the two sides never meet, and together they are everything.
TEST(Copy, ShortWordsAreSplitToo) {
  const auto task = copy_of({{"letters", 3}, {"train_max_length", 3}, {"test_lengths", {"1-3"}}});
  std::set<Sequence> trained, held;
  for (int step = 0; step < 40; ++step)
    for (const Sequence& word : words_of(task->training_batch(1, step, 64), 3)) trained.insert(word);
  std::vector<EvaluationSet> sets = task->tests();
  sets.push_back(task->validation());
  for (const EvaluationSet& set : sets)
    for (const Sequence& word : words_of(set.batch, 3)) {
      EXPECT_FALSE(trained.contains(word));
      held.insert(word);
    }
  EXPECT_EQ(trained.size() + held.size(), 3u + 9u + 27u);
  EXPECT_EQ(held.size(), 1u + 1u + 3u);
}

// Worked out by another program from the documentation of streams, split and draws. Runs and sets must stay
// what they are: these values may never change.
TEST(Copy, DrawsArePinned) {
  const auto task = copy_of({{"letters", 5},
                             {"train_max_length", 4},
                             {"test_lengths", {"5-9"}},
                             {"validation_sequences", 4},
                             {"test_sequences", 3},
                             {"split_seed", 9}});
  using Words = std::vector<Sequence>;
  EXPECT_EQ(words_of(task->training_batch(3, 7, 5), 5),
            (Words{{3}, {2, 4, 4}, {0}, {2, 3, 4}, {0, 0, 2, 1}}));
  EXPECT_EQ(words_of(task->validation().batch, 5), (Words{{2, 4}, {2, 0, 4}, {1, 4, 3}, {0, 4, 3, 2}}));
  EXPECT_EQ(words_of(task->tests().at(0).batch, 5),
            (Words{{3, 4, 1, 4, 2}, {4, 2, 3, 4, 0, 3}, {0, 1, 3, 0, 0, 3, 2}}));
}

TEST(Copy, ChanceIsPrinted) {
  const auto task = copy_of({{"letters", 4}, {"validation_sequences", 1}});
  EXPECT_EQ(task->scorer(task->validation())->finish().at(0).keys.at("chance"), 0.25);
}

TEST(Copy, WhatCannotBeMeantIsRefused) {
  EXPECT_TRUE(base::refused([] { copy_of({{"letters", 1}}); }, "task copy: letters: expected 2 to"));
  EXPECT_TRUE(base::refused(
      [] {
        complete_task({{"name", "copy"}, {"train_min_length", 17}});
      },
      "expected low <= high, found 17 and 16"));
}

// What evaluation sets need is counted in tokens, of which there may be more than units of length.
TEST(Copy, MemoryIsThatOfTheTokens) {
  for (const auto& [name, options] : std::map<std::string, Json>{
           {"copy", Json::object()},
           {"sort", {{"letters", 1 << 20}}},
           {"two_cycles", {{"names", 1 << 20}}},
           {"selective_copy",
            {{"items", 1'000'000}, {"train_min_length", 1'000'000}, {"train_max_length", 1'000'000}}}}) {
    Json all = options;
    all.update({{"name", name}, {"test_lengths", {"1000000-1000000"}}, {"test_sequences", 10'000'000}});
    EXPECT_TRUE(base::refused([&] { make_task(all); }, "of 2e+13 tokens in all")) << name;
  }
}

}  // namespace
}  // namespace yore::tasks
