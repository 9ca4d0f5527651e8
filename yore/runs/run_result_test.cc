#include "yore/runs/run_result.h"

#include <gtest/gtest.h>

#include <cmath>

#include "yore/base/error.h"

namespace yore::runs {
namespace {

RunResult example() {
  RunResult r;
  r.status = "finished";
  r.steps = 3000;
  r.seconds = 12.5;
  r.parameters = 25'000;
  r.train_range = {"validation", 0, 40, 512, 500, 256, 250};
  r.buckets = {{"41-100", 41, 100, 512, 300, 256, 100}, {"101-200", 101, 200, 0, 0, 0, 0}};
  r.lengths = {{41, 8, 7}, {42, 9, 9}};
  r.witnesses = {{"global", 1, 3, true, -0.25}, {"local", 2, 5, false, 3e10}};
  r.history = {{250, 0.5, 0.75, 1e-3, 1.5}, {500, 0.1, 1.0 / 3.0, 1e-4, 3.25}};
  return r;
}

TEST(RunResultJson, RoundTrip) {
  const Json json = to_json(example());
  const RunResult back = run_result_from_json(base::parse_json(json.dump(), "x"), "x");
  EXPECT_EQ(to_json(back).dump(), json.dump());
  // The dump above would not show a field missing from both directions.
  EXPECT_EQ(back.status, "finished");
  EXPECT_EQ(back.steps, 3000);
  EXPECT_EQ(back.seconds, 12.5);
  EXPECT_EQ(back.parameters, 25'000);
  EXPECT_EQ(back.train_range.positives_correct, 250);
  ASSERT_EQ(back.buckets.size(), 2u);
  EXPECT_EQ(back.buckets[0].name, "41-100");
  EXPECT_EQ(back.buckets[0].max_length, 100);
  ASSERT_EQ(back.lengths.size(), 2u);
  EXPECT_EQ(back.lengths[1].correct, 9);
  ASSERT_EQ(back.witnesses.size(), 2u);
  EXPECT_EQ(back.witnesses[1].logit, 3e10);
  EXPECT_TRUE(back.witnesses[0].accepted);
  ASSERT_EQ(back.history.size(), 2u);
  EXPECT_EQ(back.history[1].validation_accuracy, 1.0 / 3.0);
}

TEST(RunResultJson, AccuracyIsShown) {
  const Json json = to_json(example());
  EXPECT_EQ(json["train_range"]["accuracy"].get<double>(), 500.0 / 512.0);
  EXPECT_EQ(json["buckets"][1]["accuracy"].get<double>(), 0.0);
}

TEST(RunResultJson, ADivergedLossComesBackAsNaN) {
  RunResult r = example();
  r.history[0].loss = std::nan("");
  const std::string text = to_json(r).dump();
  EXPECT_NE(text.find("\"loss\":null"), std::string::npos);
  EXPECT_TRUE(std::isnan(run_result_from_json(base::parse_json(text, "x"), "x").history[0].loss));
}

TEST(RunResultJson, UnknownKeysAndWrongTypesAreRefused) {
  Json json = to_json(example());
  json["buckets"][0]["word"] = 1;
  try {
    run_result_from_json(json, "result.json");
    FAIL();
  } catch (const base::InputError& error) {
    EXPECT_EQ(error.source(), "result.json");
    EXPECT_EQ(error.message(), "buckets[0].word: unknown key; did you mean words?");
  }
  json = to_json(example());
  json["steps"] = "many";
  EXPECT_THROW(run_result_from_json(json, "x"), base::InputError);
}

TEST(HistoryPointJson, RoundTrip) {
  const HistoryPoint point = history_point_from_json(to_json(example().history[1]), "x");
  EXPECT_EQ(point.step, 500);
  EXPECT_EQ(point.loss, 0.1);
  EXPECT_EQ(point.learning_rate, 1e-4);
  EXPECT_EQ(point.seconds, 3.25);
}

}  // namespace
}  // namespace yore::runs
