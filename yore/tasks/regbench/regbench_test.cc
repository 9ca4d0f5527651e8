#include <gtest/gtest.h>

#include <map>
#include <set>

#include "yore/base/test_refusal.h"
#include "yore/tasks/common/statistics_test.h"
#include "yore/tasks/task.h"

namespace yore::tasks {
namespace {

using Sequence = std::vector<std::int32_t>;

std::unique_ptr<Task> regbench_of(Json options) {
  options["name"] = "regbench";
  return make_task(options);
}

// The whole prompt: the tokens, and the last one, which is a target only.
Sequence prompt(const Batch& batch, std::int64_t b) {
  const auto start = batch.starts[static_cast<std::size_t>(b)];
  const auto first = batch.tokens.begin() + start;
  Sequence all(first, first + batch.length(b));
  all.push_back(batch.targets[static_cast<std::size_t>(start + batch.length(b)) - 1]);
  return all;
}

std::vector<Sequence> strings_of(const Sequence& prompt, std::int32_t separator) {
  std::vector<Sequence> strings(1);
  for (const std::int32_t token : prompt) {
    if (token == separator)
      strings.emplace_back();
    else
      strings.back().push_back(token);
  }
  return strings;
}

TEST(RegBench, DefaultsAreThePublishedOnes) {
  const auto task = regbench_of(Json::object());
  EXPECT_EQ(task->vocabulary(), 19);
  EXPECT_EQ(task->token_names().front(), "a");
  EXPECT_EQ(task->token_names().back(), "|");
  EXPECT_EQ(task->longest(), 948);
  EXPECT_EQ(task->goal().metric, "dfa_accuracy");
  EXPECT_EQ(complete_task({{"name", "regbench"}})["train_automata"], 5000);
  EXPECT_EQ(task->validation().batch.sequences() + task->tests().at(0).batch.sequences(), 500);
  std::vector<std::int64_t> strings(10), lengths(49);
  for (int step = 0; step < 100; ++step) {
    const Batch batch = task->training_batch(1, step, 32);
    for (std::int64_t b = 0; b < 32; ++b) {
      const auto all = strings_of(prompt(batch, b), 18);
      ASSERT_TRUE(10 <= all.size() && all.size() <= 19);
      ++strings[all.size() - 10];
      for (const Sequence& s : all) {
        ASSERT_TRUE(1 <= s.size() && s.size() <= 49);
        ++lengths[s.size() - 1];
      }
    }
  }
  EXPECT_LT(testing::uniformity_ratio(strings), 1);
  EXPECT_LT(testing::uniformity_ratio(lengths), 1);
}

// A target is the letter that comes next and is fed later only; separators are never asked for.
TEST(RegBench, TargetsAreTheNextLetters) {
  const auto task = regbench_of(Json::object());
  for (const Batch& batch :
       {task->training_batch(1, 0, 64), task->validation().batch, task->tests().at(0).batch})
    for (std::int64_t b = 0; b < batch.sequences(); ++b) {
      const Sequence all = prompt(batch, b);
      const auto start = static_cast<std::size_t>(batch.starts[static_cast<std::size_t>(b)]);
      EXPECT_NE(all.front(), 18);
      for (std::size_t i = 0; i + 1 < all.size(); ++i)
        ASSERT_EQ(batch.targets[start + i], all[i + 1] == 18 ? kIgnored : all[i + 1]);
    }
}

TEST(RegBench, AnEpochHasEveryRowOnce) {
  const auto task = regbench_of({{"train_automata", 30}});
  std::vector<std::vector<Sequence>> epochs;
  for (const std::uint64_t seed : {1, 2})
    for (int epoch = 0; epoch < 2; ++epoch) {
      epochs.emplace_back();
      for (int step = 6 * epoch; step < 6 * epoch + 6; ++step) {
        const Batch batch = task->training_batch(seed, step, 5);
        for (std::int64_t b = 0; b < 5; ++b) epochs.back().push_back(prompt(batch, b));
      }
    }
  const std::set<Sequence> rows(epochs[0].begin(), epochs[0].end());
  EXPECT_EQ(rows.size(), 30u);
  for (std::size_t e = 1; e < epochs.size(); ++e) {
    EXPECT_EQ(std::set<Sequence>(epochs[e].begin(), epochs[e].end()), rows);
    EXPECT_NE(epochs[e], epochs[0]);
  }
  // More automata leave the first ones as they are.
  const auto more = regbench_of({{"train_automata", 60}, {"validation_sequences", 20}});
  const EvaluationSet few = more->validation(), many = task->validation();
  for (std::int64_t b = 0; b < 20; ++b) EXPECT_EQ(prompt(few.batch, b), prompt(many.batch, b));
  EXPECT_NE(regbench_of({{"split_seed", 1}})->validation().batch.tokens, many.batch.tokens);
}

// The baselines of the held-out sets: the order that they must have, whatever the split.
TEST(RegBench, BaselinesAreReportedBesideTheMetrics) {
  std::map<int, double> accuracy, variation;
  for (const int n : {1, 2, 3}) {
    const auto task = regbench_of({{"ngram", n}});
    const EvaluationSet set = task->tests().at(0);
    const auto scorer = task->scorer(set);
    for (std::int64_t b = 0; b < set.batch.sequences(); ++b)
      for (auto i = set.batch.starts[static_cast<std::size_t>(b)];
           i < set.batch.starts[static_cast<std::size_t>(b) + 1]; ++i)
        if (set.batch.targets[static_cast<std::size_t>(i)] != kIgnored)
          scorer->add(b, i, std::vector<float>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1e9f});
    for (const Metric& m : scorer->finish()) {
      if (m.name != "dfa_accuracy" && m.name != "total_variation") continue;
      const double ngram = m.keys.at("baselines").front(), chance = m.keys.at("chance");
      (m.name == "dfa_accuracy" ? accuracy : variation)[n] = ngram;
      if (m.name == "total_variation") {
        EXPECT_NEAR(m.value, chance, 1e-9) << "even logits are chance";
        EXPECT_LT(ngram, chance);
      } else {
        EXPECT_GT(ngram, chance);
        // One to three of 18 letters.
        EXPECT_TRUE(1.0 / 18 < chance && chance < 3.0 / 18) << chance;
      }
    }
  }
  EXPECT_TRUE(accuracy[1] < accuracy[2] && accuracy[2] < accuracy[3]);
  EXPECT_TRUE(variation[1] > variation[2] && variation[2] > variation[3]);
  EXPECT_LT(accuracy[3], 1);
}

TEST(RegBench, EveryOptionDoesSomething) {
  const auto task = regbench_of({{"letters", 30},
                                 {"min_alphabet", 6},
                                 {"max_alphabet", 6},
                                 {"min_states", 5},
                                 {"max_states", 5},
                                 {"min_moves", 2},
                                 {"max_moves", 2},
                                 {"min_strings", 2},
                                 {"max_strings", 3},
                                 {"min_length", 7},
                                 {"max_length", 8},
                                 {"validation_sequences", 300},
                                 {"test_sequences", 11}});
  EXPECT_EQ(task->vocabulary(), 31);
  EXPECT_EQ(task->token_names()[29], "29");
  EXPECT_EQ(task->longest(), 3 * 9 - 2);
  EXPECT_EQ(task->tests().at(0).batch.sequences(), 11);
  const EvaluationSet set = task->validation();
  ASSERT_EQ(set.batch.sequences(), 300);
  std::set<std::size_t> counts, lengths;
  std::set<std::int32_t> used;
  for (std::int64_t b = 0; b < 300; ++b) {
    const auto all = strings_of(prompt(set.batch, b), 30);
    counts.insert(all.size());
    std::set<std::int32_t> alphabet, firsts;
    for (const Sequence& s : all) {
      lengths.insert(s.size());
      alphabet.insert(s.begin(), s.end());
      firsts.insert(s.front());
    }
    EXPECT_LE(alphabet.size(), 6u);
    EXPECT_LE(firsts.size(), 2u);
    used.insert(alphabet.begin(), alphabet.end());
  }
  EXPECT_EQ(counts, (std::set<std::size_t>{2, 3}));
  EXPECT_EQ(lengths, (std::set<std::size_t>{7, 8}));
  EXPECT_EQ(used.size(), 30u);
  const auto scorer = task->scorer(set);
  for (const Metric& m : scorer->finish())
    if (m.name == "dfa_accuracy") {
      EXPECT_NEAR(m.keys.at("chance").get<double>(), 2.0 / 30, 1e-12);
    }
}

TEST(RegBench, WhatCannotBeMeantIsRefused) {
  const auto refused = [](const Json& options, const std::string& part) {
    return base::refused([&] { regbench_of(options); }, part);
  };
  EXPECT_TRUE(
      refused({{"letters", 10}}, "task regbench: max_alphabet: expected at most the 10 letters, found 18"));
  EXPECT_TRUE(refused({{"max_moves", 4}}, "max_moves: expected fewer than the 4 states"));
  EXPECT_TRUE(refused({{"max_moves", 5}, {"min_states", 6}}, "max_moves: expected at most the 4 letters"));
  EXPECT_TRUE(refused({{"min_states", 13}}, "min_states, max_states: expected low <= high, found 13 and 12"));
  EXPECT_TRUE(refused({{"min_length", 0}}, "min_length: expected 1 to"));
  EXPECT_TRUE(refused({{"min_strings", 1}}, "min_strings, min_length: expected one of them above 1"));
  EXPECT_NO_THROW(regbench_of({{"min_strings", 1}, {"min_length", 2}}));
  EXPECT_TRUE(refused({{"ngram", 9}}, "ngram: expected 1 to 8, found 9"));
  EXPECT_TRUE(refused({{"train_automata", 0}}, "train_automata: expected 1 to"));
  EXPECT_TRUE(refused({{"letters", 2},
                       {"min_alphabet", 1},
                       {"max_alphabet", 1},
                       {"min_states", 2},
                       {"max_states", 2},
                       {"max_moves", 1}},
                      "letters, states, alphabet, moves: expected room for more different automata"));
  EXPECT_TRUE(refused({{"max_state", 12}}, "did you mean max_states"));
}

}  // namespace
}  // namespace yore::tasks
