#include "yore/runs/run_result.h"

#include <gtest/gtest.h>

#include <cmath>

#include "yore/base/error.h"

namespace yore::runs {
namespace {

RunResult example_result() {
  RunResult r;
  r.status = "finished";
  r.steps = 3000;
  r.seconds = 12.5;
  r.parameters = 25'000;
  r.goal = "bits_per_byte";
  r.metrics = {{"validation", "accuracy", 500.0 / 512.0, 512, {{"min_length", 0}, {"correct", 500}}},
               {"41-100", "loss", 1e-300, 9'000'000'000, Json::object()},
               {"witness", "logit", -0.25, 1, {{"witness_of", "global"}, {"n", 1}, {"accepted", true}}}};
  r.history = {{250, 0.5, 0.75, 1e-3, 1.5}, {500, 0.1, 1.0 / 3.0, 1e-4, 3.25}};
  return r;
}

TEST(RunResultJson, RoundTrip) {
  const Json json = to_json(example_result());
  const RunResult back = run_result_from_json(base::parse_json(json.dump(), "x"), "x");
  EXPECT_EQ(to_json(back).dump(), json.dump());
  // The dump above would not show a field missing from both directions.
  EXPECT_EQ(back.status, "finished");
  EXPECT_EQ(back.steps, 3000);
  EXPECT_EQ(back.seconds, 12.5);
  EXPECT_EQ(back.parameters, 25'000);
  EXPECT_EQ(back.goal, "bits_per_byte");
  EXPECT_EQ(back.metrics, example_result().metrics);
  ASSERT_EQ(back.history.size(), 2u);
  EXPECT_EQ(back.history[1].validation, 1.0 / 3.0);
}

TEST(RunResultJson, AMetricIsOneObject) {
  EXPECT_EQ(to_json(example_result())["metrics"][0].dump(),
            R"({"set":"validation","name":"accuracy","value":0.9765625,"count":512,)"
            R"("keys":{"min_length":0,"correct":500}})");
}

TEST(RunResultJson, AMetricThatIsNotANumberComesBackAsNaN) {
  RunResult r = example_result();
  r.metrics[1].value = std::nan("");
  const std::string text = to_json(r).dump();
  EXPECT_TRUE(std::isnan(run_result_from_json(base::parse_json(text, "x"), "x").metrics[1].value));
}

TEST(RunResultJson, ADivergedLossComesBackAsNaN) {
  RunResult r = example_result();
  r.history[0].loss = std::nan("");
  const std::string text = to_json(r).dump();
  EXPECT_NE(text.find("\"loss\":null"), std::string::npos);
  EXPECT_TRUE(std::isnan(run_result_from_json(base::parse_json(text, "x"), "x").history[0].loss));
}

TEST(RunResultJson, UnknownKeysAndWrongTypesAreRefused) {
  Json json = to_json(example_result());
  json["metrics"][0]["cuont"] = 1;
  try {
    run_result_from_json(json, "result.json");
    FAIL();
  } catch (const base::InputError& error) {
    EXPECT_EQ(error.source(), "result.json");
    EXPECT_EQ(error.message(), "metrics[0].cuont: unknown key; did you mean count?");
  }
  json = to_json(example_result());
  json["steps"] = "many";
  EXPECT_THROW(run_result_from_json(json, "x"), base::InputError);
}

TEST(HistoryPointJson, RoundTrip) {
  const HistoryPoint point = history_point_from_json(to_json(example_result().history[1]), "x");
  EXPECT_EQ(point.step, 500);
  EXPECT_EQ(point.loss, 0.1);
  EXPECT_EQ(point.validation, 1.0 / 3.0);
  EXPECT_EQ(point.learning_rate, 1e-4);
  EXPECT_EQ(point.seconds, 3.25);
}

}  // namespace
}  // namespace yore::runs
