#include "yore/tasks/formal/sample.h"

#include <gtest/gtest.h>

#include "yore/base/error.h"
#include "yore/tasks/formal/test_languages.h"

namespace yore::tasks {
namespace {

TEST(SampleWords, DrawsTheSideAskedFor) {
  SampleOptions options;
  options.count = 40;
  options.max_length = 60;
  for (const Which which : {Which::Positive, Which::Negative, Which::Both}) {
    options.which = which;
    int accepted = 0;
    const auto words = sample_words(testing::parity(), options);
    ASSERT_EQ(words.size(), 40u);
    for (const SampledWord& w : words) {
      EXPECT_EQ(w.example.accepted, testing::in_parity(w.example.word));
      EXPECT_EQ(w.split == Split::Test, w.example.word.size() > 40);
      accepted += w.example.accepted;
    }
    EXPECT_EQ(accepted, which == Which::Positive ? 40 : which == Which::Negative ? 0 : 20);
  }
}

TEST(SampleWords, SplitsAreThoseOfTheTask) {
  SampleOptions options;
  options.count = 300;
  options.max_length = 50;
  const RecognitionTask task(testing::parity(), options.data);
  int validation = 0;
  for (const SampledWord& w : sample_words(testing::parity(), options)) {
    EXPECT_EQ(w.split, task.split_of(w.example.word));
    validation += w.split == Split::Validation;
  }
  EXPECT_GT(validation, 0);
}

TEST(SampleWords, FollowTheSeed) {
  const auto tsv = [](std::uint64_t seed) {
    SampleOptions options;
    options.seed = seed;
    return to_tsv(sample_words(testing::parity(), options), testing::parity().alphabet);
  };
  EXPECT_EQ(tsv(1), tsv(1));
  EXPECT_NE(tsv(1), tsv(2));
}

TEST(SampleWords, BadRangesAreRefused) {
  SampleOptions options;
  options.min_length = 5;
  options.max_length = 4;
  EXPECT_THROW(sample_words(testing::parity(), options), base::InputError);
  options.min_length = options.max_length = 3;
  options.which = Which::Positive;
  EXPECT_THROW(sample_words(testing::ab_star(), options), base::InputError);
  options.which = Which::Negative;
  EXPECT_THROW(sample_words(testing::everything(), options), base::InputError);
  options.which = Which::Both;
  EXPECT_NO_THROW(sample_words(testing::everything(), options));
  options.count = -1;
  EXPECT_THROW(sample_words(testing::parity(), options), base::InputError);
}

TEST(SampleWords, Tables) {
  const std::vector<SampledWord> words = {{{{0, 1}, true}, Split::Train}, {{{}, false}, Split::Validation}};
  EXPECT_EQ(to_tsv(words, logic::Alphabet({"a", "b"})),
            "word\tlabel\tlength\tsplit\nab\t1\t2\ttrain\n\t0\t0\tvalidation\n");
  EXPECT_EQ(to_tsv(words, logic::Alphabet({"push", "pop"})),
            "word\tlabel\tlength\tsplit\npush pop\t1\t2\ttrain\n\t0\t0\tvalidation\n");
  EXPECT_EQ(to_jsonl(words, logic::Alphabet({"push", "pop"})),
            "{\"word\":[\"push\",\"pop\"],\"label\":true,\"length\":2,\"split\":\"train\"}\n"
            "{\"word\":[],\"label\":false,\"length\":0,\"split\":\"validation\"}\n");
}

}  // namespace
}  // namespace yore::tasks
