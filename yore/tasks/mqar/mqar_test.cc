#include <gtest/gtest.h>

#include <map>
#include <set>

#include "yore/base/test_refusal.h"
#include "yore/tasks/task.h"

namespace yore::tasks {
namespace {

using Sequence = std::vector<std::int32_t>;

std::unique_ptr<Task> mqar_of(Json options) {
  options["name"] = "mqar";
  return make_task(options);
}

Sequence row(const Batch& batch, std::int64_t b) {
  const auto first = batch.tokens.begin() + batch.starts[static_cast<std::size_t>(b)];
  return Sequence(first, first + batch.length(b));
}

std::int64_t asked(const Batch& batch, std::int64_t b) {
  const auto first = batch.targets.begin() + batch.starts[static_cast<std::size_t>(b)];
  return batch.length(b) - std::count(first, first + batch.length(b), kIgnored);
}

TEST(Mqar, DefaultsAreThePublishedSweep) {
  const auto task = mqar_of(Json::object());
  EXPECT_EQ(task->vocabulary(), 8192);
  EXPECT_EQ(task->longest(), 1024);
  const std::vector<EvaluationSet> tests = task->tests();
  std::vector<std::string> names;
  for (const EvaluationSet& set : tests) {
    names.push_back(set.name);
    EXPECT_EQ(set.batch.sequences(), 1000);
    for (std::int64_t b = 0; b < 1000; ++b) {
      EXPECT_EQ(set.batch.length(b), set.keys["length"]);
      EXPECT_EQ(asked(set.batch, b), set.keys["pairs"]);
    }
    EXPECT_DOUBLE_EQ(task->scorer(set)->finish().at(0).keys.at("chance").get<double>(),
                     1.0 / set.keys["pairs"].get<double>());
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"64:4", "64:8", "64:16", "128:32", "256:64", "512:128", "1024:256"}));
  EXPECT_EQ(complete_task({{"name", "mqar"}})["train"].dump(),
            R"(["64:4:100000","128:8:20000","256:16:20000","256:32:20000","256:64:20000"])");
}

// Of 30 rows every epoch has each once, in an order of its own; other seeds order the same rows otherwise.
TEST(Mqar, AnEpochHasEveryRowOnce) {
  const auto task = mqar_of({{"train", {"16:2:20", "32:4:10"}}, {"test", {"16:2"}}, {"vocabulary", 64}});
  std::vector<std::vector<Sequence>> epochs;
  for (const std::uint64_t seed : {1, 2})
    for (int epoch = 0; epoch < 2; ++epoch) {
      epochs.emplace_back();
      for (int step = 6 * epoch; step < 6 * epoch + 6; ++step) {
        const Batch batch = task->training_batch(seed, step, 5);
        for (std::int64_t b = 0; b < 5; ++b) epochs.back().push_back(row(batch, b));
      }
    }
  const std::set<Sequence> rows(epochs[0].begin(), epochs[0].end());
  EXPECT_EQ(rows.size(), 30u);
  for (std::size_t e = 1; e < epochs.size(); ++e) {
    EXPECT_EQ(std::set<Sequence>(epochs[e].begin(), epochs[e].end()), rows);
    EXPECT_NE(epochs[e], epochs[0]);
  }
  std::map<std::size_t, int> shapes;
  for (const Sequence& some : rows) ++shapes[some.size()];
  EXPECT_EQ(shapes, (std::map<std::size_t, int>{{16, 20}, {32, 10}}));
}

TEST(Mqar, ValidationHasTheTrainingShapesInProportion) {
  const auto task = mqar_of({{"train", {"16:2:3000", "32:4:1000"}},
                             {"vocabulary", 64},
                             {"test", Json::array()},
                             {"validation_sequences", 4000}});
  EXPECT_TRUE(task->tests().empty());
  const EvaluationSet set = task->validation();
  std::map<std::int64_t, int> shapes;
  for (std::int64_t b = 0; b < 4000; ++b) {
    ++shapes[set.batch.length(b)];
    EXPECT_EQ(asked(set.batch, b), set.batch.length(b) / 8);
  }
  EXPECT_NEAR(shapes[16], 3000, 5 * std::sqrt(4000 * 0.75 * 0.25));
  EXPECT_EQ(shapes[16] + shapes[32], 4000);
}

TEST(Mqar, WhatCannotBeMeantIsRefused) {
  const auto refused = [](const Json& options, const std::string& part) {
    return base::refused([&] { mqar_of(options); }, part);
  };
  EXPECT_TRUE(refused({{"train", {"64:17:10"}}},
                      "task mqar: train: expected at least 4 tokens a pair, found 64:17:10"));
  EXPECT_TRUE(refused({{"test", {"64:4611686018427387904"}}}, "test: expected at least 4 tokens a pair"));
  EXPECT_TRUE(refused({{"test", {"64:17"}}}, "test: expected at least 4 tokens a pair, found 64:17"));
  EXPECT_TRUE(
      refused({{"vocabulary", 16}}, "train: expected at most 7 pairs, the keys of a vocabulary of 16"));
  EXPECT_TRUE(refused({{"vocabulary", 33}}, "vocabulary: expected an even number"));
  EXPECT_TRUE(refused({{"train", {"65:4:10"}}}, "train: expected an even number of tokens"));
  EXPECT_TRUE(refused({{"train", Json::array()}}, "train: expected at least one shape"));
  for (const char* text : {"64", "64:4", "64:4:", "64:4:0", "64:0:1", "-64:4:1", "64:4:1:1", "64:4:x", ""})
    EXPECT_TRUE(refused({{"train", {text}}}, "train: expected TOKENS:PAIRS:ROWS such as 64:4:100000"))
        << text;
  for (const char* text : {"64", "64:4:10", "64:", ":4"})
    EXPECT_TRUE(refused({{"test", {text}}}, "test: expected TOKENS:PAIRS such as 64:4")) << text;
  EXPECT_TRUE(refused({{"test", {"64:4", "64:4"}}}, "test: expected each shape once, found 64:4 twice"));
  EXPECT_TRUE(refused({{"vocabulary", 16}, {"train", {"16:1:9"}}, {"test", {"16:2"}}},
                      "train: expected at least 1024 different lists of pairs"));
  EXPECT_TRUE(refused({{"filler", "zero"}}, "did you mean zeros?"));
  EXPECT_TRUE(refused({{"power", 1.5}}, "power: expected 0 to 1, found 1.5"));
  EXPECT_TRUE(refused({{"power", -1}}, "power: expected 0 to 1"));
}

}  // namespace
}  // namespace yore::tasks
