#include "yore/tasks/formal/formal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "yore/base/test_refusal.h"
#include "yore/expressivity/verdict.h"
#include "yore/tasks/formal/test_languages.h"

namespace yore::tasks {
namespace {

Json small(const std::string& language) {
  return {{"name", "formal"},       {"language", language},
          {"train_max_length", 10}, {"test_buckets", {"11-20", "21-30"}},
          {"validation_words", 64}, {"test_words_per_bucket", 32}};
}

// The outputs of someone who knows parity: +1 accepts, -1 rejects; `flip` of every four are wrong.
std::vector<Metric> score_parity(const Task& task, const EvaluationSet& set, int flip) {
  const auto scorer = task.scorer(set);
  for (std::int64_t b = set.batch.sequences() - 1; b >= 0; --b) {
    const auto first = set.batch.tokens.begin() + set.batch.starts[static_cast<std::size_t>(b)];
    const Word word(first, first + set.batch.length(b) - 1);
    const bool truth = testing::in_parity(word);
    const float logit = truth != (b % 4 < flip) ? 1.0f : -1.0f;
    scorer->add(b, set.batch.starts[static_cast<std::size_t>(b) + 1] - 1, {&logit, 1});
  }
  return scorer->finish();
}

TEST(FormalTask, IsItsWordsAndEos) {
  const auto task = make_task(small("(a|ba*b)*"));
  EXPECT_EQ(task->objective(), Objective::Accept);
  EXPECT_EQ(task->vocabulary(), 3);
  EXPECT_EQ(task->outputs(), 1);
  EXPECT_EQ(task->token_names(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(task->goal().metric, "accuracy");
  const Batch batch = task->training_batch(1, 0, 16);
  ASSERT_EQ(batch.sequences(), 16);
  ASSERT_EQ(batch.targets.size(), 16u);
  for (std::int64_t b = 0; b < 16; ++b) {
    const auto first = batch.tokens.begin() + batch.starts[static_cast<std::size_t>(b)];
    const auto last = first + batch.length(b) - 1;
    EXPECT_EQ(*last, 2);
    EXPECT_EQ(batch.targets[static_cast<std::size_t>(b)], testing::in_parity(Word(first, last)));
    EXPECT_LE(batch.length(b), task->longest());
  }
}

TEST(FormalTask, ScoresAreCounted) {
  const auto task = make_task(small("(a|ba*b)*"));
  std::vector<std::string> names;
  for (const EvaluationSet& set : task->tests()) {
    names.push_back(set.name);
    if (set.name == kWitness) continue;
    const std::vector<Metric> perfect = score_parity(*task, set, 0), half = score_parity(*task, set, 2);
    EXPECT_EQ(perfect[0].value, 1);
    EXPECT_EQ(half[0].value, 0.5);
    EXPECT_EQ(half[0].count, 32);
    EXPECT_EQ(half[0].keys["positives"], 16);
    // Lengths add up to the set, in ascending order.
    std::int64_t words = 0, correct = 0;
    int last = 0;
    for (std::size_t i = 1; i < half.size(); ++i) {
      EXPECT_EQ(half[i].set, kByLength);
      EXPECT_LT(last, half[i].keys["length"].get<int>());
      last = half[i].keys["length"].get<int>();
      words += half[i].count;
      correct += half[i].keys["correct"].get<std::int64_t>();
    }
    EXPECT_EQ(words, 32);
    EXPECT_EQ(correct, 16);
    EXPECT_NO_THROW(recognition_scores(half, "x"));
  }
  // Parity has witnesses: it is in none of the classes.
  EXPECT_EQ(names, (std::vector<std::string>{"11-20", "21-30", kWitness}));
}

TEST(FormalTask, AnAnswerThatIsNoNumberRejects) {
  const auto task = make_task(small("(a|ba*b)*"));
  const EvaluationSet set = task->validation();
  const auto scorer = task->scorer(set);
  const float nan = std::nanf("");
  for (std::int64_t b = 0; b < set.batch.sequences(); ++b) scorer->add(b, 0, {&nan, 1});
  const Score score = recognition_scores(scorer->finish(), "x").validation;
  EXPECT_EQ(score.positives_correct, 0);
  EXPECT_EQ(score.correct, 64 - score.positives);
}

TEST(FormalTask, WitnessesGetTheirLogits) {
  const auto task = make_task(small("(a|ba*b)*"));
  const std::vector<EvaluationSet> tests = task->tests();
  const EvaluationSet& set = tests.back();
  ASSERT_EQ(set.name, kWitness);
  const auto scorer = task->scorer(set);
  for (std::int64_t b = set.batch.sequences() - 1; b >= 0; --b) {
    const float logit = static_cast<float>(b);
    scorer->add(b, 0, {&logit, 1});
  }
  const RecognitionScores scores = recognition_scores(scorer->finish(), "x");
  ASSERT_EQ(scores.witnesses.size(), static_cast<std::size_t>(set.batch.sequences()));
  for (std::size_t b = 0; b < scores.witnesses.size(); ++b) {
    EXPECT_EQ(scores.witnesses[b].logit, static_cast<double>(b));
    EXPECT_EQ(scores.witnesses[b].length, set.batch.length(static_cast<std::int64_t>(b)) - 1);
    EXPECT_EQ(scores.witnesses[b].accepted, set.batch.targets[b] == 1);
  }
}

// The witnesses are those of the classes that the language is not in, and follow the lookback.
TEST(FormalTask, WitnessesFollowTheClasses) {
  const auto refuted = [](int lookback, int depth) {
    Json options = small("(ab)*");
    options["witness_depth"] = depth;
    const auto task = make_task(options, {lookback});
    std::set<std::string> classes;
    for (const WitnessWord& w : static_cast<const FormalTask&>(*task).words().witnesses())
      classes.insert(w.witness_of);
    return classes;
  };
  EXPECT_TRUE(refuted(1, 0).empty());
  expressivity::ClassifyOptions options;
  for (const int lookback : {1, 2}) {
    options.lookback = lookback;
    std::set<std::string> expected;
    for (const auto& verdict : expressivity::classify(testing::ab_star(), options).classes)
      if (verdict.witness) expected.insert(expressivity::name(verdict.of));
    EXPECT_EQ(refuted(lookback, 3), expected);
  }
}

TEST(FormalTask, CompletingReadsTheLanguage) {
  EXPECT_TRUE(base::refused([] { complete_task({{"name", "formal"}, {"language", "(ab"}}); }, "regex"));
  EXPECT_TRUE(base::refused(
      [] {
        complete_task({{"name", "formal"}, {"language", "name:dyck_9"}});
      },
      "dyck"));
  const Json once = complete_task({{"name", "formal"}, {"language", "a*"}, {"alphabet", "ab"}});
  EXPECT_EQ(once["language"], "regex:a*");
  EXPECT_EQ(complete_task(once).dump(), once.dump());
}

}  // namespace
}  // namespace yore::tasks
