// What every task of the registry must hold to. A new task gives its options below.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "yore/base/random.h"
#include "yore/base/test_refusal.h"
#include "yore/base/test_scratch.h"
#include "yore/runs/run_config.h"
#include "yore/tasks/task.h"

namespace yore::tasks {
namespace {

using Sequence = std::vector<std::int32_t>;

// Options under which the sets are small and the task is not trivial. An empty object: the defaults are.
Json small_options(const std::string& name, const base::Scratch& scratch) {
  const Json few = {{"validation_sequences", 64}, {"test_sequences", 64}};
  const auto and_few = [&](Json options) {
    options.update(few);
    return options;
  };
  if (name == "formal")
    return {{"language", "(a|b)*aab(a|b)*"}, {"validation_words", 64}, {"test_words_per_bucket", 64}};
  if (name == "group_words") return and_few({{"group", "s5"}});
  if (name == "copy" || name == "induction" || name == "selective_copy" || name == "bigram_backcopy" ||
      name == "marked_token" || name == "majority" || name == "search" || name == "sort" ||
      name == "string_matching" || name == "two_cycles")
    return few;
  if (name == "text") {
    const std::string path = (scratch / "text.txt").string();
    base::Random random(5);
    std::string bytes;
    for (int i = 0; i < 20'000; ++i) bytes += static_cast<char>('a' + random.below(20));
    base::write_file(path, bytes);
    return {{"file", path}, {"context", 32}};
  }
  if (name == "mqar")
    return and_few(
        {{"vocabulary", 256}, {"train", {"64:4:1000", "128:8:500"}}, {"test", {"64:4", "128:32"}}});
  if (name == "labelled_text") {
    const std::string path = (scratch / "rows.csv").string();
    base::Random random(6);
    std::string rows;
    for (int i = 0; i < 600; ++i) {
      rows += fmt::format("{},", random.below(3));
      for (int w = 0; w < 8; ++w) rows += fmt::format(" w{}", random.below(50));
      rows += "\n";
    }
    base::write_file(path, rows);
    return {{"file", path}};
  }
  if (name == "regbench") return and_few({{"train_automata", 1000}});
  ADD_FAILURE() << "every_task_test.cc has no options for the task " << name;
  return Json::object();
}

class EveryTask : public ::testing::TestWithParam<std::string> {
 protected:
  Json description() const {
    Json task = {{"name", GetParam()}};
    task.update(small_options(GetParam(), scratch_));
    return task;
  }
  std::unique_ptr<Task> make() const { return make_task(description()); }
  static std::vector<EvaluationSet> sets_of(const Task& task) {
    std::vector<EvaluationSet> sets = {task.validation()};
    for (EvaluationSet& set : task.tests()) sets.push_back(std::move(set));
    return sets;
  }
  base::Scratch scratch_;
};

void expect_same(const Batch& a, const Batch& b) {
  EXPECT_EQ(a.starts, b.starts);
  EXPECT_EQ(a.tokens, b.tokens);
  EXPECT_EQ(a.targets, b.targets);
}

Sequence sequence_of(const Batch& batch, std::int64_t b) {
  const auto first = batch.tokens.begin() + batch.starts[static_cast<std::size_t>(b)];
  return Sequence(first, first + batch.length(b));
}

// Calls f(sequence, token, target) wherever something is asked.
void for_each_target(const Task& task, const Batch& batch, const auto& f) {
  for (std::int64_t b = 0; b < batch.sequences(); ++b) {
    const std::int64_t first = batch.starts[static_cast<std::size_t>(b)], end = first + batch.length(b);
    if (task.objective() == Objective::Accept) {
      f(b, end - 1, batch.targets[static_cast<std::size_t>(b)]);
    } else {
      for (std::int64_t i = first; i < end; ++i)
        if (const std::int32_t target = batch.targets[static_cast<std::size_t>(i)]; target != kIgnored)
          f(b, i, target);
    }
  }
}

void check_batch(const Task& task, const Batch& batch) {
  ASSERT_GE(batch.sequences(), 1);
  ASSERT_EQ(batch.starts.front(), 0);
  ASSERT_EQ(batch.starts.back(), static_cast<std::int64_t>(batch.tokens.size()));
  ASSERT_EQ(batch.targets.size(), task.objective() == Objective::Accept
                                      ? static_cast<std::size_t>(batch.sequences())
                                      : batch.tokens.size());
  for (std::int64_t b = 0; b < batch.sequences(); ++b) {
    ASSERT_GE(batch.length(b), 1);
    ASSERT_LE(batch.length(b), task.longest());
  }
  for (const std::int32_t token : batch.tokens) ASSERT_TRUE(0 <= token && token < task.vocabulary()) << token;
  const int outputs = task.objective() == Objective::Accept ? 2 : task.outputs();
  for (const std::int32_t target : batch.targets)
    ASSERT_TRUE(kIgnored <= target && target < outputs) << target;
  std::set<std::int64_t> asked;
  for_each_target(task, batch, [&](std::int64_t b, std::int64_t, std::int32_t target) {
    ASSERT_NE(target, kIgnored);
    asked.insert(b);
  });
  ASSERT_EQ(static_cast<std::int64_t>(asked.size()), batch.sequences())
      << "a sequence of which nothing is asked";
}

TEST_P(EveryTask, CompletesItsOptionsOnce) {
  const Json once = complete_task(description());
  EXPECT_EQ(complete_task(once).dump(), once.dump());
  std::vector<std::string> names = {"name"};
  for (const base::OptionSpec& option : find_task(GetParam()).options) names.push_back(option.name);
  std::vector<std::string> found;
  for (const auto& [name, value] : once.items()) found.push_back(name);
  EXPECT_EQ(found, names);
  EXPECT_TRUE(base::refused(
      [&] {
        complete_task({{"name", GetParam()}, {"no_such_option", 1}});
      },
      "unknown option \"no_such_option\""));
}

// The defaults are paths of a run's configuration, and the model that they describe is one.
TEST_P(EveryTask, DefaultsAreOfARunsConfiguration) {
  runs::RunConfig config;
  for (const auto& [path, value] : find_task(GetParam()).defaults.items()) {
    EXPECT_TRUE(path.starts_with("model.") || path.starts_with("training.")) << path;
    runs::set_path(config, path, value, path);
  }
  EXPECT_NO_THROW(runs::validate(config));
}

TEST_P(EveryTask, SaysWhatItIs) {
  const auto task = make();
  EXPECT_GE(task->vocabulary(), 1);
  switch (task->objective()) {
    case Objective::Accept:
      EXPECT_EQ(task->outputs(), 1);
      break;
    case Objective::NextToken:
      EXPECT_EQ(task->outputs(), task->vocabulary());
      break;
    case Objective::Tags:
      EXPECT_GE(task->outputs(), 2);
      break;
  }
  const std::vector<std::string> names = task->token_names();
  if (!names.empty()) {
    EXPECT_EQ(static_cast<int>(names.size()),
              task->vocabulary() - (task->objective() == Objective::Accept ? 1 : 0));
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  }
}

TEST_P(EveryTask, BatchesDependOnSeedAndStepAlone) {
  const auto one = make(), two = make();
  const Batch batch = one->training_batch(3, 7, 8);
  EXPECT_EQ(batch.sequences(), 8);
  one->training_batch(4, 1, 3);
  expect_same(one->training_batch(3, 7, 8), batch);
  expect_same(two->training_batch(3, 7, 8), batch);
  EXPECT_NE(one->training_batch(3, 8, 8).tokens, batch.tokens);
  EXPECT_NE(one->training_batch(4, 7, 8).tokens, batch.tokens);
  expect_same(one->validation().batch, two->validation().batch);
}

TEST_P(EveryTask, TokensTargetsAndLengthsAreWithinTheirBounds) {
  const auto task = make();
  for (int step = 0; step < 20; ++step) check_batch(*task, task->training_batch(1, step, 16));
  for (const EvaluationSet& set : sets_of(*task)) check_batch(*task, set.batch);
}

TEST_P(EveryTask, SetsHaveNamesOfTheirOwn) {
  const auto task = make();
  EXPECT_EQ(task->validation().name, "validation");
  std::set<std::string> names;
  for (const EvaluationSet& set : sets_of(*task)) EXPECT_TRUE(names.insert(set.name).second) << set.name;
}

TEST_P(EveryTask, TrainingNeverSeesWhatIsEvaluated) {
  const auto task = make();
  std::set<Sequence> trained;
  for (const std::uint64_t seed : {1, 2})
    for (int step = 0; step < 100; ++step) {
      const Batch batch = task->training_batch(seed, step, 16);
      for (std::int64_t b = 0; b < batch.sequences(); ++b) trained.insert(sequence_of(batch, b));
    }
  for (const EvaluationSet& set : sets_of(*task)) {
    // Witness words are chosen by theory, not drawn, and may lie within the training lengths.
    if (set.name == "witness") continue;
    for (std::int64_t b = 0; b < set.batch.sequences(); ++b)
      EXPECT_FALSE(trained.contains(sequence_of(set.batch, b))) << set.name << ", sequence " << b;
  }
}

// The metric of each set by name, for answers made from the targets.
std::map<std::string, Metric> score(const Task& task, const EvaluationSet& set, const auto& answer) {
  const auto scorer = task.scorer(set);
  std::vector<float> outputs(static_cast<std::size_t>(task.outputs()));
  for_each_target(task, set.batch, [&](std::int64_t b, std::int64_t i, std::int32_t target) {
    answer(target, outputs);
    scorer->add(b, i, outputs);
  });
  std::map<std::string, Metric> metrics;
  for (const Metric& m : scorer->finish())
    if (m.set == set.name) metrics[m.name] = m;
  return metrics;
}

TEST_P(EveryTask, AnOracleIsPerfectAndAConstantAnswerIsNot) {
  const auto task = make();
  const bool accept = task->objective() == Objective::Accept;
  for (const EvaluationSet& set : sets_of(*task)) {
    if (set.name == "witness") continue;  // scored by its logits
    std::map<std::int32_t, std::int64_t> counts;
    std::int64_t asked = 0;
    for_each_target(*task, set.batch, [&](std::int64_t, std::int64_t, std::int32_t target) {
      ++counts[target];
      ++asked;
    });
    const auto oracle = score(*task, set, [&](std::int32_t target, std::vector<float>& outputs) {
      std::fill(outputs.begin(), outputs.end(), 0.0f);
      if (accept)
        outputs[0] = target == 1 ? 1.0f : -1.0f;
      else
        outputs[static_cast<std::size_t>(target)] = 99;
    });
    ASSERT_TRUE(oracle.contains("accuracy")) << set.name;
    EXPECT_EQ(oracle.at("accuracy").value, 1) << set.name;
    EXPECT_EQ(oracle.at("accuracy").count, asked);
    ASSERT_TRUE(oracle.contains(task->goal().metric));
    EXPECT_NEAR(oracle.at(task->goal().metric).value, task->goal().perfect, 1e-9);
    if (const auto chance = oracle.at("accuracy").keys.find("chance");
        chance != oracle.at("accuracy").keys.end()) {
      EXPECT_TRUE(chance->get<double>() > 0 && chance->get<double>() < 1);
    }
    for (const auto& [constant, count] : counts) {
      if (constant > 3) break;
      const auto fixed = score(*task, set, [&](std::int32_t, std::vector<float>& outputs) {
        std::fill(outputs.begin(), outputs.end(), 0.0f);
        if (accept)
          outputs[0] = constant == 1 ? 1.0f : -1.0f;
        else
          outputs[static_cast<std::size_t>(constant)] = 99;
      });
      EXPECT_EQ(fixed.at("accuracy").value, static_cast<double>(count) / static_cast<double>(asked))
          << set.name;
      EXPECT_LT(count, asked) << set.name << " asks for one answer alone";
    }
  }
}

// A study names its metrics before anything is measured.
TEST_P(EveryTask, AScorerGivenNothingNamesItsMetrics) {
  const auto task = make();
  for (const EvaluationSet& set : sets_of(*task)) {
    const auto names = [&](Scorer& scorer) {
      std::set<std::string> all;
      for (const Metric& m : scorer.finish())
        if (m.set == set.name) all.insert(m.name);
      return all;
    };
    const auto nothing = task->scorer(set), everything = task->scorer(set);
    const std::vector<float> outputs(static_cast<std::size_t>(task->outputs()), 0.0f);
    for_each_target(*task, set.batch,
                    [&](std::int64_t b, std::int64_t i, std::int32_t) { everything->add(b, i, outputs); });
    EXPECT_EQ(names(*nothing), names(*everything)) << set.name;
    EXPECT_FALSE(names(*nothing).empty()) << set.name;
  }
}

std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const TaskInfo& info : task_infos()) names.push_back(info.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryTask, ::testing::ValuesIn(all_names()),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace yore::tasks
