#include "yore/tasks/scoring.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "yore/tasks/test_languages.h"

namespace yore::tasks {
namespace {

const WordSet kSet = {"41-100", 41, 100, {{{0}, true}, {{1}, false}, {{0, 0}, true}, {{1, 0}, false}}};

TEST(Score, CountsCorrectAnswersOfEachClass) {
  const std::vector<double> logits = {2.5, -1, -3, 0};
  const runs::Score s = score(kSet, logits);
  EXPECT_EQ(s.name, "41-100");
  EXPECT_EQ(s.min_length, 41);
  EXPECT_EQ(s.max_length, 100);
  EXPECT_EQ(s.words, 4);
  EXPECT_EQ(s.correct, 3);  // a logit of 0 rejects
  EXPECT_EQ(s.positives, 2);
  EXPECT_EQ(s.positives_correct, 1);
  EXPECT_EQ(s.accuracy(), 0.75);
}

TEST(Score, NaNRejects) {
  EXPECT_EQ(score(kSet, std::vector<double>(4, std::nan(""))).correct, 2);
}

TEST(Score, NeedsOneLogitAWord) {
  EXPECT_THROW(score(kSet, std::vector<double>(3)), std::invalid_argument);
}

TEST(AddByLength, MergesIntoASortedTable) {
  std::vector<runs::LengthScore> table;
  add_by_length(kSet, std::vector<double>{1, 1, 1, 1}, table);
  add_by_length({"x", 0, 9, {{{}, true}, {{0, 0}, false}}}, std::vector<double>{1, -1}, table);
  ASSERT_EQ(table.size(), 3u);
  const int expected[3][3] = {{0, 1, 1}, {1, 2, 1}, {2, 3, 2}};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(table[i].length, expected[i][0]);
    EXPECT_EQ(table[i].words, expected[i][1]);
    EXPECT_EQ(table[i].correct, expected[i][2]);
  }
}

TEST(WitnessScores, OneLineAWitness) {
  const RecognitionTask task(testing::parity(), runs::DataConfig{},
                             {{"global", 1, {1}}, {"hybrid", 2, {1, 1}}});
  const auto lines = witness_scores(task, std::vector<double>{0.5, -0.5});
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].witness_of, "global");
  EXPECT_FALSE(lines[0].accepted);
  EXPECT_EQ(lines[0].logit, 0.5);
  EXPECT_EQ(lines[1].n, 2);
  EXPECT_EQ(lines[1].length, 2);
  EXPECT_TRUE(lines[1].accepted);
}

}  // namespace
}  // namespace yore::tasks
