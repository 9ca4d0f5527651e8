#include "yore/training/evaluate.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/tasks/formal/formal.h"
#include "yore/training/test_runs.h"

namespace yore::training {
namespace {

TEST(Evaluate, ScoresEverySet) {
  const runs::RunConfig config = small_run();
  const auto task = task_of(config);
  const tasks::RecognitionScores e =
      tasks::recognition_scores(evaluate(fresh_model(config.model, 1), *task), "metrics");
  EXPECT_EQ(e.validation.words, 64);
  ASSERT_EQ(e.buckets.size(), 2u);
  std::int64_t words = e.validation.words, correct = e.validation.correct, by_length = 0,
               correct_by_length = 0;
  for (const tasks::Score& s : e.buckets) words += s.words, correct += s.correct;
  for (const tasks::LengthScore& s : e.lengths) by_length += s.words, correct_by_length += s.correct;
  EXPECT_EQ(words, by_length);
  EXPECT_EQ(correct, correct_by_length);
  const auto& witnesses = dynamic_cast<const tasks::FormalTask&>(*task).words().witnesses();
  ASSERT_GE(witnesses.size(), 2u);
  ASSERT_EQ(e.witnesses.size(), witnesses.size());
  for (std::size_t i = 0; i < witnesses.size(); ++i) {
    const logic::Word& word = witnesses[i].word;
    EXPECT_EQ(e.witnesses[i].accepted, std::find(word.begin(), word.end(), 0) != word.end()) << "has an a";
    EXPECT_EQ(e.witnesses[i].length, static_cast<int>(word.size()));
    EXPECT_NE(e.witnesses[i].accepted, e.witnesses[i ^ 1].accepted) << "one of two";
  }
  EXPECT_THROW(evaluate(fresh_model(config.model, 1, 3), *task), std::invalid_argument);
  EXPECT_THROW(evaluate(model::Model(arch::expand(config.model, 3, arch::ReadOutKind::Vocabulary), 1), *task),
               std::invalid_argument);
  arch::ModelOptions learned = config.model;
  learned.positions = "learned";
  learned.max_positions = 30;  // the second bucket goes to 60
  EXPECT_THROW(evaluate(fresh_model(learned, 1), *task), base::InputError);
}

// The scores of words, counted again from the model's answers to one word at a time.
TEST(Evaluate, CountsTheModelsOwnAnswers) {
  const runs::RunConfig config = small_run();
  const auto task = task_of(config);
  const model::Model model = fresh_model(config.model, 1);
  const tasks::RecognitionScores e = tasks::recognition_scores(evaluate(model, *task), "metrics");
  const at::NoGradGuard no_gradients;
  for (const tasks::EvaluationSet& set : {task->validation(), task->tests()[0]}) {
    std::int64_t correct = 0, positives = 0, positives_correct = 0;
    for (std::int64_t b = 0; b < set.batch.sequences(); ++b) {
      const std::vector<std::int64_t> which = {b};
      const bool truth = set.batch.targets[static_cast<std::size_t>(b)] != 0;
      const double logit =
          model.forward(model::pack(set.batch.starts, set.batch.tokens, which))[0].item<double>();
      correct += (logit > 0) == truth;
      positives += truth;
      positives_correct += truth && logit > 0;
    }
    const tasks::Score& score = set.name == "validation" ? e.validation : e.buckets[0];
    EXPECT_EQ(score.name, set.name);
    EXPECT_EQ(score.words, set.batch.sequences());
    EXPECT_EQ(score.correct, correct);
    EXPECT_EQ(score.positives, positives);
    EXPECT_EQ(score.positives_correct, positives_correct);
  }
}

TEST(Evaluate, FindsTheGoal) {
  const std::vector<base::Metric> metrics = {{"validation", "loss", 0.5, 3, {}},
                                             {"validation", "accuracy", 0.75, 3, {}}};
  EXPECT_EQ(goal_value(metrics, {"accuracy", true, 1}), 0.75);
  EXPECT_EQ(goal_value(metrics, {"loss", false, 0}), 0.5);
  EXPECT_THROW(goal_value(metrics, {"bleu", true, 1}), std::logic_error);
}

}  // namespace
}  // namespace yore::training
