#include "yore/training/measure.h"

#include <gtest/gtest.h>

#include <set>

#include "yore/base/test_refusal.h"
#include "yore/runs/measures.h"
#include "yore/training/test_runs.h"

namespace yore::training {
namespace {

runs::RunConfig backcopy_run() {
  runs::RunConfig c = small_run();
  c.model.mixer = "attention:value_scale=on";
  c.model.strict = false;
  c.task = tasks::complete_task({{"name", "bigram_backcopy"},
                                 {"letters", 6},
                                 {"validation_sequences", 16},
                                 {"test_lengths", {"16-32"}},
                                 {"test_sequences", 8}});
  c.training.steps = 3;
  c.training.measure = "sinks,w8a8";
  return c;
}

// A run's result has the names that were foretold, of every set, and evaluating again gives the numbers.
TEST(Measure, ARunIsMeasuredAtItsEnd) {
  const Scratch scratch;
  const runs::RunConfig config = backcopy_run();
  const runs::RunResult result = train(config, scratch / "run", quiet());
  const auto task = task_of(config);
  const auto measures = runs::parse_measures(config.training.measure, "x");
  for (const char* set : {"validation", "16-32"}) {
    std::vector<std::string> own;
    for (const base::Metric& m : task->scorer(task->validation())->finish()) own.push_back(m.name);
    const auto foretold = runs::with_measures(measures, set == std::string("validation"), own);
    std::multiset<std::string> names;
    for (const base::Metric& m : result.metrics)
      if (m.set == set) names.insert(m.name);
    EXPECT_EQ(names, std::multiset<std::string>(foretold.begin(), foretold.end())) << set;
  }
  const model::SavedModel saved = model::load_model(scratch / "run");
  EXPECT_EQ(measure(saved.model, *task, measures), result.metrics);
}

TEST(Measure, WhatCannotBeMeasuredIsRefusedBeforeTraining) {
  const Scratch scratch;
  runs::RunConfig config = backcopy_run();
  config.model.mixer = "gla";
  EXPECT_TRUE(base::refused([&] { train(config, scratch / "run", quiet()); }, "found mixers gla"));
  EXPECT_FALSE(std::filesystem::exists(scratch / "run"));
  config.training.measure = "w8a8";
  EXPECT_NO_THROW(train(config, scratch / "run", quiet()));
}

}  // namespace
}  // namespace yore::training
