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
    std::string text;
    for (const SampledWord& w : sample_words(testing::parity(), options))
      text += to_tsv(w, testing::parity().alphabet);
    return text;
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
  const SampledWord two{{{0, 1}, true}, Split::Train}, none{{{}, false}, Split::Validation};
  const logic::Alphabet short_names({"a", "b"}), long_names({"push", "pop"});
  EXPECT_EQ(tsv_header(), "word\tlabel\tlength\tsplit\n");
  EXPECT_EQ(to_tsv(two, short_names), "ab\t1\t2\ttrain\n");
  EXPECT_EQ(to_tsv(two, long_names), "push pop\t1\t2\ttrain\n");
  EXPECT_EQ(to_tsv(none, long_names), "\t0\t0\tvalidation\n");
  EXPECT_EQ(to_jsonl(two, long_names),
            "{\"word\":[\"push\",\"pop\"],\"label\":true,\"length\":2,\"split\":\"train\"}\n");
  EXPECT_EQ(to_jsonl(none, long_names),
            "{\"word\":[],\"label\":false,\"length\":0,\"split\":\"validation\"}\n");
}

// The first of very many come at once.
TEST(SampleWords, AnyNumberIsDrawnOneByOne) {
  SampleOptions options;
  options.count = 1000;
  const auto few = sample_words(testing::parity(), options);
  options.count = 2'147'483'647;
  WordDraws draws(testing::parity(), options);
  for (const SampledWord& word : few) EXPECT_EQ(draws.next()->example.word, word.example.word);
}

}  // namespace
}  // namespace yore::tasks
