// Phases of a run, batches in parts, threads, early stop and first weights: what a configuration can ask of
// the loop beside a plain run.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "yore/base/test_refusal.h"
#include "yore/training/test_runs.h"

namespace yore::training {
namespace {

namespace files = runs::files;

/// Trains for `steps` steps at most and returns what the checkpoint holds.
std::map<std::string, base::NamedArray> after(const runs::RunConfig& config,
                                              const std::filesystem::path& folder, std::int64_t steps) {
  TrainOptions options = quiet();
  options.stop_after = steps;
  train(config, folder, options);
  return checkpoint_of(folder);
}

/// The numbers of the weights by name, without the optimiser's.
std::map<std::string, std::vector<float>> weights(const std::map<std::string, base::NamedArray>& arrays) {
  std::map<std::string, std::vector<float>> list;
  for (const auto& [name, array] : arrays)
    if (name.rfind("adamw.", 0) != 0) list[name] = numbers(array);
  return list;
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return largest;
}

// After one step the first moment is the gradient times a constant: the same sum in another order.
TEST(Accumulation, PartsHaveTheGradientOfTheBatch) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  config.training.clip_norm = 0;
  const auto whole = numbers(after(config, folder / "whole", 1).at("adamw.first"));
  config.training.accumulate = 4;
  const auto parts = numbers(after(config, folder / "parts", 1).at("adamw.first"));
  double norm = 0;
  for (const float g : whole) norm = std::max(norm, std::abs(static_cast<double>(g)));
  ASSERT_GT(norm, 1e-3);
  // Each is a sum of some 1e3 products (16 words of up to 13 tokens in two layers) rounded to 2^-24.
  EXPECT_LE(largest_difference(whole, parts), norm * 1e3 * std::ldexp(1, -24));
}

TEST(Accumulation, PartsTrainTheSameModel) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  const auto whole = weights(after(config, folder / "whole", 40));
  config.training.accumulate = 4;
  const auto parts = weights(after(config, folder / "parts", 40));
  const std::size_t width = 16;
  for (const auto& [name, values] : whole) {
    std::vector<float> a = values, b = parts.at(name);
    if (name.find("qkv.bias") != std::string::npos) {
      // Adding to all keys changes no share of attention: the gradient of their bias is rounding alone, which
      // Adam makes a step of full size of.
      std::fill_n(a.begin() + width, width, 0.0F);
      std::fill_n(b.begin() + width, width, 0.0F);
    }
    // Steps of 3e-3, 40 of them: where gradients are near zero rounding moves a weight by a part of a step.
    EXPECT_LE(largest_difference(a, b), 1e-3) << name;
  }
}

TEST(Accumulation, ResumesToTheSameBytes) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  config.training.accumulate = 4;
  const runs::RunResult expected = train(config, folder / "whole", quiet());
  for (const std::int64_t steps : {7, 20, 1}) after(config, folder / "parts", steps);
  const runs::RunResult got = train(config, folder / "parts", quiet());
  EXPECT_EQ(base::read_file(folder / "whole" / files::kModel),
            base::read_file(folder / "parts" / files::kModel));
  EXPECT_EQ(got.metrics, expected.metrics);
  config.training.accumulate = 5;
  EXPECT_TRUE(base::refused([&] { train(config, folder / "new", quiet()); }, "divisor of the batch of 16"));
}

TEST(Threads, TwoTrainTheSameModelAsOne) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  config.training.steps = 10;
  config.training.evaluate_every = 2;
  const runs::RunResult one = train(config, folder / "one", quiet());
  config.training.threads = 2;
  const runs::RunResult two = train(config, folder / "two", quiet());
  EXPECT_EQ(two.status, "finished");
  ASSERT_EQ(one.history.size(), two.history.size());
  for (std::size_t i = 0; i < one.history.size(); ++i)
    EXPECT_NEAR(two.history[i].loss, one.history[i].loss, 1e-3 * (1 + one.history[i].loss));
  config.training.threads = 0;
  EXPECT_TRUE(base::refused([&] { train(config, folder / "none", quiet()); }, "training.threads"));
}

TEST(Phases, HaveTheirRates) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  config.training.steps = 30;
  config.training.warmup_steps = 2;
  config.training.evaluate_every = 1;
  config.training.phases = {{10, 1e-3, "", base::Json::object()}, {5, 0, "", base::Json::object()}};
  const runs::RunResult r = train(config, folder / "run", quiet());
  ASSERT_EQ(r.history.size(), 30u);
  const auto rate = [&](std::size_t step) { return r.history[step].learning_rate; };  // of step 0, 1 ..
  EXPECT_DOUBLE_EQ(rate(0), 0.5e-3);
  for (std::size_t step = 1; step < 10; ++step) EXPECT_DOUBLE_EQ(rate(step), 1e-3) << step;
  EXPECT_DOUBLE_EQ(rate(10), 1.5e-3);
  for (std::size_t step = 11; step < 15; ++step) EXPECT_DOUBLE_EQ(rate(step), 3e-3) << step;
  EXPECT_DOUBLE_EQ(rate(15), 1.5e-3);
  EXPECT_DOUBLE_EQ(rate(16), 3e-3);
  for (std::size_t step = 18; step < 30; ++step) EXPECT_LT(rate(step), rate(step - 1)) << step;
}

TEST(Phases, LeaveWhatIsNotTrainable) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  config.training.weight_decay = 0.1;
  config.training.phases = {{20, 0, "layers.?.attention.*", base::Json::object()},
                            {10, 0, "read_out.bias", base::Json::object()}};
  const auto start = after(config, folder / "run", 0), first = after(config, folder / "run", 20),
             second = after(config, folder / "run", 10), rest = after(config, folder / "run", 10);
  int attention = 0;
  for (const auto& [name, array] : weights(start)) {
    const bool learns = name.find(".attention.") != std::string::npos;
    attention += learns;
    EXPECT_EQ(first.at(name) == start.at(name), !learns) << name;
    EXPECT_EQ(second.at(name) == first.at(name), name != "read_out.bias") << name;
    EXPECT_FALSE(rest.at(name) == second.at(name)) << name;
  }
  EXPECT_EQ(attention, 12);
  // Killed anywhere, the same bytes; the last call went on to step 40.
  for (const std::int64_t steps : {3, 19, 5}) after(config, folder / "parts", steps);
  EXPECT_EQ(after(config, folder / "parts", 13), rest);
  config.training.phases[1].trainable = "readout.*";
  EXPECT_TRUE(base::refused([&] { train(config, folder / "new", quiet()); }, "\"readout.*\""));
  EXPECT_FALSE(std::filesystem::exists(folder / "new" / files::kConfig));
}

// A run all of whose steps are in a phase of shorter words is a run of shorter words.
TEST(Phases, HaveTheirTask) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  config.training.final_learning_rate = 1;  // the rate of a phase
  config.training.steps = 20;
  const auto plain = weights(after(config, folder / "plain", 15));
  runs::RunConfig phased = config;
  phased.training.phases = {{20, 0, "", {{"train_max_length", 4}, {"train_min_length", 2}}}};
  const auto got = weights(after(phased, folder / "phased", 15));
  config.task["train_max_length"] = 4;
  config.task["train_min_length"] = 2;
  EXPECT_EQ(got, weights(after(config, folder / "short", 15)));
  EXPECT_NE(got, plain);
  // What is measured is the run's own task.
  const runs::RunResult r = train(phased, folder / "phased", quiet());
  EXPECT_EQ(scores_of(r).validation.max_length, 12);
  phased.training.phases[0].task = {{"alphabet", "abc"}};
  EXPECT_TRUE(base::refused([&] { train(phased, folder / "new", quiet()); }, "another vocabulary"));
  phased.training.phases[0].task = {{"train_max_length", 13}};
  EXPECT_TRUE(base::refused([&] { train(phased, folder / "new", quiet()); }, "beyond which it is tested"));
  phased.training.phases[0].task = {{"split_seed", 5}};
  EXPECT_TRUE(base::refused([&] { train(phased, folder / "new", quiet()); },
                            "training.phases.task: split_seed: expected the run's 0, found 5"));
  phased.training.phases[0].task = {{"validation_words", 2}, {"train_max_length", 4}};
  EXPECT_TRUE(base::refused([&] { train(phased, folder / "new", quiet()); }, "validation_words: expected"));
  phased.training.phases[0].task = {{"train_max_lenght", 3}};
  EXPECT_TRUE(
      base::refused([&] { train(phased, folder / "new", quiet()); }, "did you mean train_max_length"));
  phased.training.phases[0] = {21, 0, "", base::Json::object()};
  EXPECT_TRUE(base::refused([&] { train(phased, folder / "new", quiet()); }, "1 to the run's 20 steps"));
}

TEST(Phases, PatternsAreMatchedInLittleTime) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  const auto trains = [&](const std::string& pattern) {
    config.training.phases = {{5, 0, pattern, base::Json::object()}};
    after(config, folder / ("run" + std::to_string(pattern.size())), 0);
  };
  trains("*?.*.*.weight");
  std::string pattern;
  for (int i = 0; i < 12; ++i) pattern += "*?";
  EXPECT_TRUE(base::refused([&] { trains(pattern + "*X"); }, "no parameter's name matches"));
  EXPECT_TRUE(base::refused([&] { trains("*weight?"); }, "no parameter's name matches"));
}

TEST(EarlyStop, AtAGivenScore) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  config.training.steps = 2000;
  config.training.early_stop = 2;
  config.training.evaluate_every = 2;
  const runs::RunResult perfect = train(config, folder / "perfect", quiet());
  config.training.early_stop_at = 0.6;
  const runs::RunResult r = train(config, folder / "run", quiet());
  ASSERT_EQ(r.status, "early-stop");
  ASSERT_GE(r.history.size(), 2u);
  int good = 0;
  for (std::size_t i = 0; i < r.history.size(); ++i) {
    EXPECT_LT(good, 2) << "went on after two good validations";
    good = r.history[i].validation >= 0.6 ? good + 1 : 0;
  }
  EXPECT_EQ(good, 2);
  EXPECT_LT(r.steps, perfect.steps);
}

TEST(Init, OfAModelsFolder) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  train(config, folder / "first", quiet());
  config.training.seed = 9;
  config.training.init = folder / "first";
  const auto begun = after(config, folder / "second", 0);
  const auto from = base::read_safetensors(folder / "first" / files::kModel).arrays;
  ASSERT_EQ(weights(begun).size(), from.size());
  for (const auto& [name, array] : from) EXPECT_EQ(begun.at(name), array) << name;
  // Resuming needs the folder no more.
  std::filesystem::remove_all(folder / "first");
  EXPECT_EQ(train(config, folder / "second", quiet()).status, "finished");
}

TEST(Init, RefusesAnotherModel) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  const auto saved = [&](const arch::ModelOptions& options, const char* name) {
    model::save_model(fresh_model(options, 1), config.task, {"a", "b"}, folder / name);
    config.training.init = folder / name;
  };
  arch::ModelOptions other = config.model;
  other.layers = 3;
  saved(other, "deeper");
  EXPECT_TRUE(base::refused([&] { train(config, folder / "run", quiet()); }, "blocks: 2 and 3"));
  other = config.model;
  other.attention = "global";  // the same arrays
  saved(other, "global");
  EXPECT_TRUE(base::refused([&] { train(config, folder / "run", quiet()); }, "lookback: [1,-1] and [-1,-1]"));
  config.training.init = folder / "nowhere";
  EXPECT_TRUE(base::refused([&] { train(config, folder / "run", quiet()); }, "nowhere: does not exist"));
  // Nothing is left of it: the folder is no run yet.
  EXPECT_FALSE(std::filesystem::exists(folder / "run" / files::kConfig));
  config.training.init = "random";
  EXPECT_EQ(train(config, folder / "run", quiet()).status, "finished");
}

}  // namespace
}  // namespace yore::training
