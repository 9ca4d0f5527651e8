#include "yore/tasks/formal/scores.h"

#include <gtest/gtest.h>

#include "yore/base/test_refusal.h"

namespace yore::tasks {
namespace {

using base::Json;
using base::Metric;

TEST(Scores, AMetricSaysEverything) {
  const std::vector<Metric> set = to_metrics(Score{"41-100", 41, 100, 512, 384, 256, 200});
  ASSERT_EQ(set.size(), 1u);
  EXPECT_EQ(set[0], (Metric{"41-100",
                            "accuracy",
                            0.75,
                            512,
                            {{"min_length", 41},
                             {"max_length", 100},
                             {"correct", 384},
                             {"positives", 256},
                             {"positives_correct", 200}}}));
  const std::vector<Metric> lengths = to_metrics(std::vector<LengthScore>{{7, 4, 3}});
  ASSERT_EQ(lengths.size(), 1u);
  EXPECT_EQ(lengths[0], (Metric{kByLength, "accuracy", 0.75, 4, {{"length", 7}, {"correct", 3}}}));
  EXPECT_EQ(to_metric({"global", 2, 9, true, -1.5}),
            (Metric{kWitness,
                    "logit",
                    -1.5,
                    1,
                    {{"witness_of", "global"}, {"n", 2}, {"length", 9}, {"accepted", true}}}));
}

TEST(Scores, ASetOfOneClassSaysSo) {
  const auto one_class = [](std::int64_t words, std::int64_t positives) {
    return to_metrics(Score{"x", 1, 2, words, 0, positives, 0})[0].keys.contains("one_class");
  };
  EXPECT_TRUE(one_class(8, 0));
  EXPECT_TRUE(one_class(8, 8));
  EXPECT_FALSE(one_class(8, 1));
  EXPECT_FALSE(one_class(0, 0)) << "an empty set is of no class";
  EXPECT_EQ(to_metrics(Score{})[0].value, 0) << "and scores nothing";
}

TEST(Scores, ComeBackFromMetrics) {
  std::vector<Metric> metrics;
  const auto put = [&](const std::vector<Metric>& some) {
    metrics.insert(metrics.end(), some.begin(), some.end());
  };
  put(to_metrics(Score{kValidation, 0, 40, 10, 9, 5, 4}));
  put(to_metrics(std::vector<LengthScore>{{3, 4, 4}, {9, 6, 5}}));
  put(to_metrics(Score{"5-9", 5, 9, 8, 6, 4, 3}));
  put(to_metrics(std::vector<LengthScore>{{5, 2, 1}, {9, 6, 6}}));
  put({to_metric({"local", 1, 5, false, 0.5}), to_metric({"local", 2, 7, true, -3})});
  const RecognitionScores scores = recognition_scores(metrics, "x");
  EXPECT_EQ(scores.validation.name, kValidation);
  EXPECT_EQ(scores.validation.words, 10);
  EXPECT_EQ(scores.validation.correct, 9);
  EXPECT_EQ(scores.validation.positives, 5);
  EXPECT_EQ(scores.validation.positives_correct, 4);
  EXPECT_EQ(scores.validation.max_length, 40);
  ASSERT_EQ(scores.buckets.size(), 1u);
  EXPECT_EQ(scores.buckets[0].name, "5-9");
  EXPECT_EQ(scores.buckets[0].min_length, 5);
  EXPECT_DOUBLE_EQ(scores.buckets[0].accuracy(), 0.75);
  // Length 9 of both sets together.
  ASSERT_EQ(scores.lengths.size(), 3u);
  const std::vector<std::vector<std::int64_t>> expected = {{3, 4, 4}, {5, 2, 1}, {9, 12, 11}};
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ((std::vector<std::int64_t>{scores.lengths[i].length, scores.lengths[i].words,
                                         scores.lengths[i].correct}),
              expected[i]);
  ASSERT_EQ(scores.witnesses.size(), 2u);
  EXPECT_EQ(scores.witnesses[1].witness_of, "local");
  EXPECT_EQ(scores.witnesses[1].n, 2);
  EXPECT_EQ(scores.witnesses[1].length, 7);
  EXPECT_TRUE(scores.witnesses[1].accepted);
  EXPECT_EQ(scores.witnesses[1].logit, -3);
}

TEST(Scores, MetricsOfAnotherTaskAreRefused) {
  EXPECT_TRUE(base::refused(
      [] {
        recognition_scores({{"validation", "accuracy", 1, 3, {{"correct", 3}}}}, "runs/a");
      },
      "runs/a: its metrics are not those of words of a language"));
  EXPECT_TRUE(base::refused(
      [] {
        recognition_scores({{kWitness, "logit", 1, 1, Json::object()}}, "x");
      },
      "its metrics are not those"));
}

}  // namespace
}  // namespace yore::tasks
