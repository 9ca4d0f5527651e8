#include "yore/tasks/formal/recognition.h"

#include <gtest/gtest.h>

#include <set>

#include "yore/base/error.h"
#include "yore/tasks/formal/split.h"
#include "yore/tasks/formal/test_languages.h"

namespace yore::tasks {
namespace {

DataConfig small_data() {
  DataConfig data;
  data.train_max_length = 12;
  data.test_buckets = {{13, 20}, {21, 40}};
  data.validation_words = 200;
  data.test_words_per_bucket = 200;
  return data;
}

TEST(MakeBatch, PacksWordsWithTheirEos) {
  const std::vector<Example> examples = {{{0, 1}, true}, {{}, false}, {{1, 1, 0}, true}};
  const Batch batch = make_batch(examples, 2);
  EXPECT_EQ(batch.starts, (std::vector<std::int64_t>{0, 3, 4, 8}));
  EXPECT_EQ(batch.tokens, (std::vector<std::int32_t>{0, 1, 2, 2, 1, 1, 0, 2}));
  EXPECT_EQ(batch.targets, (std::vector<std::int32_t>{1, 0, 1}));
}

TEST(MakeBatch, NothingIsABatchToo) {
  const Batch batch = make_batch({}, 2);
  EXPECT_EQ(batch.sequences(), 0);
  EXPECT_TRUE(batch.tokens.empty());
}

TEST(RecognitionTask, TrainingWordsAreWhatTheySay) {
  const RecognitionTask task(testing::ab_star(), small_data());
  EXPECT_EQ(task.vocabulary(), 3);
  EXPECT_EQ(task.eos(), 2);
  for (int step = 0; step < 50; ++step) {
    int accepted = 0;
    for (const Example& example : task.training_examples(1, step, 64)) {
      EXPECT_EQ(example.accepted, testing::in_ab_star(example.word));
      EXPECT_LE(example.word.size(), 12u);
      EXPECT_EQ(task.split_of(example.word), Split::Train);
      accepted += example.accepted;
    }
    EXPECT_EQ(accepted, 32);
  }
}

TEST(RecognitionTask, OddBatchesAreBalancedOverSteps) {
  const RecognitionTask task(testing::parity(), small_data());
  for (const int batch : {1, 3}) {
    int accepted = 0;
    for (int step = 0; step < 100; ++step)
      for (const Example& example : task.training_examples(1, step, batch)) accepted += example.accepted;
    EXPECT_EQ(accepted, 50 * batch);
  }
}

TEST(RecognitionTask, ABatchDependsOnSeedAndStepOnly) {
  const RecognitionTask task(testing::parity(), small_data()), other(testing::parity(), small_data());
  const auto late = task.training_examples(3, 1000, 16);
  task.training_examples(3, 0, 16);
  EXPECT_EQ(task.training_examples(3, 1000, 16), late);
  EXPECT_EQ(other.training_examples(3, 1000, 16), late);
  EXPECT_NE(task.training_examples(3, 1001, 16), late);
  EXPECT_NE(task.training_examples(4, 1000, 16), late);
}

// One number over everything that is drawn: other compilers, libraries and machines must draw the same words.
std::uint64_t fingerprint(const std::vector<Example>& examples) {
  std::uint64_t sum = 0;
  for (const Example& e : examples) sum = sum * 31 + word_hash(e.accepted, e.word);
  return sum;
}

TEST(RecognitionTask, DrawsThePinnedWords) {
  const RecognitionTask task(testing::parity(), small_data());
  EXPECT_EQ(fingerprint(task.training_examples(1, 0, 64)), 3932790269246203201u);
  EXPECT_EQ(fingerprint(task.validation().examples), 13476251102319864013u);
  EXPECT_EQ(fingerprint(task.tests().at(1).examples), 12150200536821934206u);
}

TEST(RecognitionTask, NoValidationWordIsEverTrainedOn) {
  for (const Dfa& dfa : {testing::ab_star(), testing::parity()}) {
    const RecognitionTask task(dfa, small_data());
    std::set<Word> held;
    int accepted = 0;
    const WordSet validation = task.validation();
    EXPECT_EQ(validation.name, "validation");
    EXPECT_EQ(validation.examples.size(), 200u);
    for (const Example& example : validation.examples) {
      held.insert(example.word);
      accepted += example.accepted;
      EXPECT_EQ(example.accepted, dfa.accepts(example.word));
      EXPECT_EQ(task.split_of(example.word), Split::Validation);
    }
    EXPECT_EQ(accepted, 100);
    for (int step = 0; step < 300; ++step)
      for (const Example& example : task.training_examples(1, step, 64))
        EXPECT_FALSE(held.contains(example.word));
  }
}

TEST(RecognitionTask, AbStarTrainsOnEveryAcceptedWordItMay) {
  DataConfig data = small_data();
  data.train_max_length = 40;
  const RecognitionTask task(testing::ab_star(), data);
  std::set<Word> trained, validated;
  for (int step = 0; step < 20; ++step)
    for (const Example& example : task.training_examples(1, step, 64))
      if (example.accepted) trained.insert(example.word);
  for (const Example& example : task.validation().examples)
    if (example.accepted) validated.insert(example.word);
  EXPECT_EQ(trained.size(), 18u);
  EXPECT_EQ(validated.size(), 3u);
}

TEST(RecognitionTask, TestSets) {
  const RecognitionTask task(testing::ab_star(), small_data());
  const std::vector<WordSet> sets = task.tests();
  ASSERT_EQ(sets.size(), 2u);
  EXPECT_EQ(sets[0].name, "13-20");
  EXPECT_EQ(sets[1].name, "21-40");
  for (const WordSet& set : sets) {
    EXPECT_EQ(set.examples.size(), 200u);
    int accepted = 0;
    std::size_t last = 0;
    for (const Example& example : set.examples) {
      EXPECT_GE(static_cast<int>(example.word.size()), set.min_length);
      EXPECT_LE(static_cast<int>(example.word.size()), set.max_length);
      EXPECT_GE(example.word.size(), last);
      last = example.word.size();
      EXPECT_EQ(example.accepted, testing::in_ab_star(example.word));
      EXPECT_EQ(task.split_of(example.word), Split::Test);
      accepted += example.accepted;
    }
    EXPECT_EQ(accepted, 100);
  }
  EXPECT_EQ(task.longest_word(), 40);
}

TEST(RecognitionTask, AnOverlappingBucketHoldsNoTrainedWord) {
  DataConfig data = small_data();
  data.test_buckets = {{0, 12}, {8, 16}};
  const RecognitionTask task(testing::parity(), data);
  for (const WordSet& set : task.tests()) {
    EXPECT_EQ(set.examples.size(), 200u);
    for (const Example& example : set.examples) EXPECT_NE(task.split_of(example.word), Split::Train);
  }
}

TEST(RecognitionTask, ABucketWithoutAcceptedWordsIsAllRejected) {
  DataConfig data = small_data();
  data.test_buckets = {{13, 13}};
  const std::vector<WordSet> sets = RecognitionTask(testing::ab_star(), data).tests();
  EXPECT_EQ(sets.at(0).examples.size(), 200u);
  for (const Example& example : sets.at(0).examples) EXPECT_FALSE(example.accepted);
}

TEST(RecognitionTask, EvaluationWordsFollowTheSplitSeed) {
  DataConfig data = small_data();
  const RecognitionTask one(testing::parity(), data);
  data.split_seed = 1;
  const RecognitionTask two(testing::parity(), data);
  EXPECT_NE(one.validation().examples, two.validation().examples);
  EXPECT_NE(one.tests()[0].examples, two.tests()[0].examples);
  EXPECT_NE(one.training_examples(1, 0, 64), two.training_examples(1, 0, 64));
}

TEST(RecognitionTask, WitnessesKeepOrderAndTruth) {
  const Word longest(50, 1);
  const RecognitionTask task(testing::parity(), small_data(),
                             {{"global", 2, {0, 1, 1}}, {"global", 1, {1}}, {"local", 1, longest}});
  const WordSet set = task.witness_set();
  ASSERT_EQ(set.examples.size(), 3u);
  EXPECT_EQ(set.examples[0], (Example{{0, 1, 1}, true}));
  EXPECT_EQ(set.examples[1], (Example{{1}, false}));
  EXPECT_TRUE(set.examples[2].accepted);
  EXPECT_EQ(set.min_length, 1);
  EXPECT_EQ(set.max_length, 50);
  EXPECT_EQ(task.longest_word(), 50);
  EXPECT_EQ(task.witnesses()[2].witness_of, "local");
}

TEST(RecognitionTask, AMisplacedRangeIsRefused) {
  DataConfig data = small_data();
  data.train_min_length = data.train_max_length = 3;
  try {
    RecognitionTask task(testing::ab_star(), data);
    FAIL();
  } catch (const base::InputError& error) {
    EXPECT_EQ(error.source(), "training lengths");
    EXPECT_NE(error.message().find("no accepted word of length 3 to 3; its shortest has length 0"),
              std::string::npos)
        << error.message();
  }
  EXPECT_NO_THROW(RecognitionTask(testing::everything(), data));
}

TEST(RecognitionTask, SurvivesAMove) {
  RecognitionTask task(testing::parity(), small_data());
  const auto before = task.training_examples(1, 5, 8);
  const RecognitionTask moved = std::move(task);
  EXPECT_EQ(moved.training_examples(1, 5, 8), before);
}

}  // namespace
}  // namespace yore::tasks
