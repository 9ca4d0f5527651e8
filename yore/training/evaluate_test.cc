#include "yore/training/evaluate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "yore/base/error.h"
#include "yore/base/random.h"
#include "yore/training/test_runs.h"

namespace yore::training {
namespace {

TEST(Logits, AreEachWordsOwn) {
  // Long words split into several batches by the memory bound; they come unsorted.
  runs::ModelConfig config;
  const model::Recogniser model(config, 2, 1);
  std::vector<tasks::Example> examples;
  base::Random random(5);
  for (int length : {900, 3, 0, 400, 17, 900, 1, 700, 650}) {
    tasks::Example e;
    for (int i = 0; i < length; ++i) e.word.push_back(static_cast<logic::Symbol>(random.below(2)));
    examples.push_back(e);
  }
  const std::vector<double> together = logits(model, examples);
  ASSERT_EQ(together.size(), examples.size());
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const double alone = logits(model, {&examples[i], 1})[0];
    // Another batch may sum in another order: some 1e3 terms, float.
    EXPECT_NEAR(together[i], alone, 1e3 * 1.2e-7 * (1 + std::abs(alone))) << i;
  }
  EXPECT_TRUE(logits(model, {}).empty());
}

TEST(Evaluate, ScoresEverySet) {
  const runs::RunConfig config = small_run();
  const tasks::RecognitionTask task = task_of(config);
  const Evaluation e = evaluate(model::Recogniser(config.model, 2, 1), task);
  EXPECT_EQ(e.validation.words, 64);
  ASSERT_EQ(e.buckets.size(), 2u);
  std::int64_t words = e.validation.words, correct = e.validation.correct, by_length = 0,
               correct_by_length = 0;
  for (const runs::Score& s : e.buckets) words += s.words, correct += s.correct;
  for (const runs::LengthScore& s : e.lengths) by_length += s.words, correct_by_length += s.correct;
  EXPECT_EQ(words, by_length);
  EXPECT_EQ(correct, correct_by_length);
  ASSERT_EQ(e.witnesses.size(), 2u);
  EXPECT_TRUE(e.witnesses[0].accepted);
  EXPECT_FALSE(e.witnesses[1].accepted);
  EXPECT_THROW(evaluate(model::Recogniser(config.model, 3, 1), task), std::invalid_argument);
  runs::ModelConfig learned = config.model;
  learned.positions = "learned";
  learned.max_positions = 30;  // the second bucket goes to 60
  EXPECT_THROW(evaluate(model::Recogniser(learned, 2, 1), task), base::InputError);
}

}  // namespace
}  // namespace yore::training
