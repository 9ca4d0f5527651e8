// The estimate of a study's time, held against sums by hand.
#include "yore/study/estimate.h"

#include "yore/study/test_support.h"
#include "yore/tasks/model_for.h"

namespace yore::study {
namespace {

runs::RunConfig small_run() {
  StudyConfig config;
  testing::set_language(config, "regex:(ab)*");
  config.base.task["test_buckets"] = Json::array({"41-41"});
  config.base.task["test_words_per_bucket"] = 10;
  config.base.task["witness_depth"] = 0;
  config.base.training.steps = 10;
  return config.base;
}

double seconds_of(const runs::RunConfig& config) {
  return estimated_seconds({{"", "", 1, config, {}}});
}

TEST(Estimate, HasTheEvaluations) {
  runs::RunConfig few = small_run(), many = small_run();
  many.training.evaluate_every = 1;
  // Nine validations more, of sequences of at most 41 tokens (their costs differ by the keys they meet).
  TaskMeasure measure;
  const TaskSizes& sizes = measure.of(few);
  const arch::Model model = tasks::model_for(few.model, *sizes.task);
  double tokens = 0;
  const tasks::Batch validation = sizes.task->validation().batch;
  tokens += static_cast<double>(validation.tokens.size());
  const double more = seconds_of(many) - seconds_of(few);
  // Both have the making of the data, measured on a machine that may be busy.
  EXPECT_GT(more, 0.5 * 9 * tokens * arch::flops(model, 0) / 5e9);
  EXPECT_LT(more, 2 * 9 * tokens * arch::flops(model, 41) / 5e9);
  // A step of one short word leaves nearly all of the time to a large test set.
  runs::RunConfig tested = small_run();
  tested.training.steps = 1, tested.training.batch = 1;
  tested.task["test_words_per_bucket"] = 4000;
  EXPECT_GT(seconds_of(tested), 4000 * 42 * arch::flops(model, 0) / 5e9 / 2);
}

TEST(Estimate, SetsHaveTheNamesOfTheirMetrics) {
  TaskMeasure measure;
  const TaskSizes& sizes = measure.of(small_run());
  ASSERT_EQ(sizes.sets.size(), 2u);
  EXPECT_EQ(sizes.sets[0].name, "validation");
  EXPECT_EQ(sizes.sets[1].name, "41-41");
  // Words of 41 letters and EOS.
  EXPECT_EQ(sizes.sets[1].lengths, (std::map<std::int64_t, std::int64_t>{{42, 10}}));
  runs::RunConfig another_seed = small_run();
  another_seed.training.seed = 7;
  EXPECT_EQ(&measure.of(another_seed), &sizes) << "the task is the same";
}

TEST(Estimate, TimesHaveAUnit) {
  EXPECT_EQ(time_text(0.0404), "0.04 s");
  EXPECT_EQ(time_text(0.44), "0.44 s");
  EXPECT_EQ(time_text(12.4), "12 s");
  EXPECT_EQ(time_text(59.6), "1.0 min");
  EXPECT_EQ(time_text(210), "3.5 min");
  EXPECT_EQ(time_text(3590), "1.0 hours");
  EXPECT_EQ(time_text(36000), "10 hours");
}

}  // namespace
}  // namespace yore::study
