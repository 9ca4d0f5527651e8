#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "yore/base/test_refusal.h"
#include "yore/base/test_scratch.h"
#include "yore/tasks/common/statistics_test.h"
#include "yore/tasks/task.h"

namespace yore::tasks {
namespace {

class TextTask : public ::testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& bytes) {
    base::write_file(scratch_ / name, bytes);
    return (scratch_ / name).string();
  }
  static Json text(const std::string& path, const Json& more = Json::object()) {
    Json options = {{"name", "text"}, {"file", path}};
    options.update(more);
    return options;
  }
  base::Scratch scratch_;
};

std::string repeated(const std::string& unit, std::size_t bytes) {
  std::string result;
  while (result.size() < bytes) result += unit;
  result.resize(bytes);
  return result;
}

std::int64_t asked(const Batch& batch) {
  return static_cast<std::int64_t>(batch.targets.size()) -
         std::count(batch.targets.begin(), batch.targets.end(), kIgnored);
}

TEST_F(TextTask, ReadsItsMainOption) {
  EXPECT_EQ(parse_task("text:a.txt,b.txt"), (Json{{"name", "text"}, {"file", "a.txt,b.txt"}}));
  EXPECT_EQ(parse_task("text:file=a.txt,context=64"),
            (Json{{"name", "text"}, {"file", "a.txt"}, {"context", 64}}));
}

// A bigram table made from what is trained on is perfect on abab.., and would not be if targets were shifted.
TEST_F(TextTask, ABigramTableIsPerfectWhereLettersAlternate) {
  const auto task = make_task(text(file("ab", repeated("ab", 2000)), {{"context", 16}}));
  std::map<std::int32_t, std::set<std::int32_t>> next;
  const Batch batch = task->training_batch(1, 0, 64);
  for (std::size_t i = 0; i < batch.tokens.size(); ++i) next[batch.tokens[i]].insert(batch.targets[i]);
  EXPECT_EQ(next, (std::map<std::int32_t, std::set<std::int32_t>>{{'a', {'b'}}, {'b', {'a'}}}));
  const EvaluationSet set = task->tests().at(0);
  const auto scorer = task->scorer(set);
  for (std::size_t i = 0; i < set.batch.tokens.size(); ++i) {
    std::vector<float> outputs(256, 0);
    outputs[static_cast<std::size_t>(*next[set.batch.tokens[i]].begin())] = 200;
    scorer->add(0, static_cast<std::int64_t>(i), outputs);
  }
  for (const Metric& m : scorer->finish()) {
    EXPECT_EQ(m.count, 99);
    const bool one = m.name == "accuracy" || m.name == "perplexity" || m.name == "word_perplexity";
    EXPECT_EQ(m.value, one ? 1 : 0) << m.name;
  }
}

// The three parts are written in letters of their own.
TEST_F(TextTask, TrainingSeesItsPartAlone) {
  const std::string path =
      file("t", repeated("abcdefgh", 900) + repeated("ijklmnop", 50) + repeated("qrstuvwx", 50));
  const auto task = make_task(text(path, {{"context", 33}}));
  const auto within = [](const Batch& batch, char low, char high) {
    for (const auto* list : {&batch.tokens, &batch.targets})
      for (const std::int32_t token : *list)
        if (token != kIgnored && (token < low || token > high)) return false;
    return true;
  };
  for (int step = 0; step < 50; ++step) {
    const Batch batch = task->training_batch(1, step, 32);
    EXPECT_TRUE(within(batch, 'a', 'h'));
    for (std::int64_t b = 0; b < 32; ++b) EXPECT_EQ(batch.length(b), 33);
  }
  EXPECT_TRUE(within(task->validation().batch, 'i', 'p'));
  EXPECT_TRUE(within(task->tests().at(0).batch, 'q', 'x'));
  EXPECT_EQ(asked(task->validation().batch), 49);
  EXPECT_EQ(asked(task->tests().at(0).batch), 49);
}

// Bytes that number their places: windows begin evenly at every place that leaves room for a whole one.
TEST_F(TextTask, WindowsAreDrawnEvenly) {
  std::string numbers;
  for (int i = 0; i < 60; ++i) numbers += static_cast<char>(i);
  const std::string valid = file("valid", "valid");
  const auto task =
      make_task(text(file("one", numbers), {{"validation", valid}, {"test_fraction", 0.0}, {"context", 20}}));
  std::vector<std::int64_t> begins(40);
  const Batch batch = task->training_batch(1, 0, 20'000);
  for (std::int64_t b = 0; b < batch.sequences(); ++b) {
    EXPECT_EQ(batch.length(b), 20);
    ++begins.at(static_cast<std::size_t>(batch.tokens[static_cast<std::size_t>(20 * b)]));
  }
  EXPECT_LT(testing::uniformity_ratio(begins), 1);
}

TEST_F(TextTask, ADocumentIsDrawnWithTheProbabilityOfItsLength) {
  const std::string a = file("a", std::string(31, 'a')), b = file("b", std::string(11, 'b')),
                    v = file("v", "valid");
  const auto task =
      make_task(text(a + "," + b, {{"validation", v}, {"test_fraction", 0.0}, {"context", 16}}));
  EXPECT_TRUE(task->tests().empty());
  std::vector<std::int64_t> counts(2);
  const Batch batch = task->training_batch(1, 0, 8000);
  for (std::int64_t s = 0; s < 8000; ++s) {
    const bool second =
        batch.tokens[static_cast<std::size_t>(batch.starts[static_cast<std::size_t>(s)])] == 'b';
    ++counts[second];
    EXPECT_EQ(batch.length(s), second ? 10 : 16) << "a short document is fed whole";
  }
  EXPECT_LT(testing::chi_square_ratio(counts, {6000, 2000}), 1);
}

TEST_F(TextTask, EveryStrideAsksForTheSameBytes) {
  const std::string path = file("t", repeated("the quick brown fox ", 3000));
  for (const int context : {1, 7, 64, 4096})
    for (const int stride : {0, 1, 5}) {
      if (stride > context) continue;
      const auto task = make_task(text(path, {{"context", context}, {"stride", stride}}));
      EXPECT_EQ(asked(task->validation().batch), 149);
      EXPECT_EQ(asked(task->tests().at(0).batch), 149);
      EXPECT_EQ(task->tests().at(0).keys, (Json{{"bytes", 150},
                                                {"documents", 1},
                                                {"predicted_bytes", 149},
                                                {"predicted_words", 30},
                                                {"window", context},
                                                {"stride", stride == 0 ? context : stride}}));
    }
}

TEST_F(TextTask, ValidationIsBounded) {
  const std::string a = file("a", std::string(1000, 'a')), b = file("b", std::string(1000, 'b'));
  const auto predictions = [&](int bytes) {
    return asked(make_task(text(a + "," + b, {{"validation_bytes", bytes}}))->validation().batch);
  };
  EXPECT_EQ(predictions(0), 2 * 49);
  EXPECT_EQ(predictions(30), 29);
  EXPECT_EQ(predictions(50), 49);
  EXPECT_EQ(predictions(51), 49) << "a document of one byte asks nothing";
  EXPECT_EQ(predictions(60), 49 + 9);
  EXPECT_EQ(predictions(1'000'000), 2 * 49);
}

// Uniform answers: ln 256 nats, 8 bits.
TEST_F(TextTask, MetricsFollowFromTheLoss) {
  const auto task = make_task(text(file("t", repeated("the quick brown fox ", 3000))));
  EXPECT_EQ(task->goal().metric, "bits_per_byte");
  EXPECT_FALSE(task->goal().higher_is_better);
  const EvaluationSet set = task->validation();
  const auto scorer = task->scorer(set);
  for (std::size_t i = 0; i < set.batch.tokens.size(); ++i)
    scorer->add(0, static_cast<std::int64_t>(i), std::vector<float>(256, 3));
  std::map<std::string, double> values;
  for (const Metric& m : scorer->finish()) values[m.name] = m.value;
  EXPECT_EQ(values.size(), 5u);
  EXPECT_NEAR(values.at("loss"), std::log(256), 1e-9);
  EXPECT_NEAR(values.at("bits_per_byte"), 8, 1e-9);
  EXPECT_NEAR(values.at("perplexity"), 256, 1e-6);
  // 149 bytes, of which 30 end words: "the quick brown fox " seven times and a half.
  EXPECT_NEAR(std::log(values.at("word_perplexity")), std::log(256) * 149 / 30, 1e-9);
  EXPECT_EQ(values.at("accuracy"), 0);
}

TEST_F(TextTask, AChangedTextIsRefused) {
  const std::string path = file("t", repeated("abc", 200));
  const Json once = complete_task(text(path));
  EXPECT_EQ(once["identity"].size(), 1u);
  EXPECT_EQ(once["identity"][0].get<std::string>().substr(0, 9), "200 bytes");
  EXPECT_NO_THROW(make_task(once));
  file("t", repeated("abd", 200));
  EXPECT_TRUE(base::refused([&] { make_task(once); }, path + ": is not the text it was"));
  EXPECT_TRUE(base::refused([&] { complete_task(once); }, path + ": is not the text it was"));
}

TEST_F(TextTask, ATextShorterThanAContextIsRemarkedOn) {
  const std::string path = file("t", repeated("abc", 60)), v = file("v", "valid");
  const auto remark = [&](int context) {
    return make_task(text(path, {{"validation", v}, {"test_fraction", 0.0}, {"context", context}}))->remark();
  };
  // 60 bytes: a window has the first 59, and the last is asked.
  EXPECT_EQ(remark(59), "");
  EXPECT_NE(remark(60).find("no window of training has more than 59 tokens, where context is 60"),
            std::string::npos)
      << remark(60);
}

TEST_F(TextTask, WhatCannotBeMeantIsRefused) {
  const std::string path = file("t", repeated("abc", 200)), v = file("v", "valid");
  const auto refused = [&](const Json& more, const std::string& part) {
    return base::refused([&] { complete_task(text(path, more)); }, part);
  };
  EXPECT_TRUE(refused({{"context", 0}}, "context: expected 1 to"));
  EXPECT_TRUE(refused({{"context", 8}, {"stride", 9}}, "stride: expected 0 to 8, found 9"));
  EXPECT_TRUE(
      refused({{"validation_fraction", 0.0}}, "validation_fraction: expected more than 0, or validation"));
  EXPECT_TRUE(
      refused({{"validation_fraction", 0.5}, {"test_fraction", 0.5}}, "expected at most 0.95 together"));
  EXPECT_TRUE(refused({{"validation_fraction", -0.1}}, "validation_fraction: expected 0 to 0.9"));
  EXPECT_TRUE(refused({{"validation", v}, {"validation_fraction", 0.1}},
                      "validation_fraction: expected none beside validation files, found 0.1"));
  EXPECT_TRUE(refused({{"validation_bytes", 1}}, "validation_bytes: expected 0 (= all) or at least 2"));
  EXPECT_TRUE(refused({{"test", path}}, "holds the same text as"));
  EXPECT_TRUE(refused({{"identity", {"1 bytes", "2 bytes"}}}, "identity: expected one for each of 1 files"));
  const Json files = complete_task(text(path, {{"validation", v}}));
  EXPECT_EQ(files["validation_fraction"], 0);
  EXPECT_EQ(files["test_fraction"], 0.05);
}

}  // namespace
}  // namespace yore::tasks
