// Heads on a budget as a user meets them: trained with gates, hardened, sliced, measured, and refused.
#include <gtest/gtest.h>

#include "tests/program.h"

namespace yore::tests {
namespace {

std::vector<std::string> training(const Scratch& scratch, const char* folder, std::vector<std::string> more) {
  std::vector<std::string> arguments = {
      "train",
      "--task",
      "marked_token:letters=4,classes=2,validation_sequences=64,test_sequences=64,test_lengths=[24-30]",
      "--layers",
      "2",
      "--width",
      "16",
      "--heads",
      "4",
      "--mlp-width",
      "16",
      "--steps",
      "40",
      "--batch",
      "8",
      "--evaluate-every",
      "20",
      "--quiet",
      "--out",
      scratch / folder};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

void expect_refused(const std::vector<std::string>& arguments, const std::string& part) {
  const auto run = yore(arguments);
  EXPECT_EQ(run.exit_code, 2) << part;
  EXPECT_NE(run.err.find(part), std::string::npos) << run.err;
}

class CliBudget : public ::testing::Test {
 protected:
  Scratch scratch_;
};

TEST_F(CliBudget, FromGatesToASmallerModel) {
  ASSERT_EQ(yore(training(scratch_, "run", {"--head-budget", "0.25"})).exit_code, 0);
  const auto hard = yore({"budget", "harden", scratch_ / "run", "--budget", "0.5", "--adapt", "10", "--out",
                          scratch_ / "hard", "--json", "--quiet"});
  ASSERT_EQ(hard.exit_code, 0) << hard.err;
  base::write_file(scratch_ / "hard/generation_config.json", "{}");
  const base::Json kept = base::parse_json(hard.out, "hard").at("kept");
  EXPECT_EQ(kept[0].size() + kept[1].size(), 4u);
  const auto sliced = yore({"budget", "slice", scratch_ / "hard", "--out", scratch_ / "small"});
  ASSERT_EQ(sliced.exit_code, 0) << sliced.err;
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "small/generation_config.json"));
  // In its own place, where heads.json would no longer be true.
  std::filesystem::copy(scratch_ / "hard", scratch_ / "same", std::filesystem::copy_options::recursive);
  EXPECT_EQ(yore({"budget", "slice", scratch_ / "same", "--out", scratch_ / "same", "--force"}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "same/heads.json"));
  // Both are ordinary models, with the same answers.
  const auto metrics = [&](const char* folder) {
    const auto run = yore({"evaluate", scratch_ / folder, "--json"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return base::parse_json(run.out, folder);
  };
  const base::Json a = metrics("hard"), b = metrics("small");
  EXPECT_LT(b["parameters"], a["parameters"]);
  for (std::size_t i = 0; i < a["metrics"].size(); ++i)
    EXPECT_NEAR(a["metrics"][i]["value"].get<double>(), b["metrics"][i]["value"].get<double>(), 1e-5);
  EXPECT_EQ(yore({"export", scratch_ / "small", "-o", scratch_ / "small.onnx"}).exit_code, 0);
  const auto plan = yore({"plan", "--model", scratch_ / "small"});
  EXPECT_EQ(plan.exit_code, 0) << plan.err;

  const auto bench = yore({"budget", "bench", scratch_ / "run", "--budgets", "0.5", "1", "--seconds", "0",
                           "--json", "--quiet", "-o", scratch_ / "budgets.json"});
  ASSERT_EQ(bench.exit_code, 0) << bench.err;
  const base::Json json = base::parse_json(bench.out, "bench");
  EXPECT_EQ(json["runs"][0]["rows"].size(), 2u);
  EXPECT_EQ(json["runs"][0]["falls"], 0);
  EXPECT_EQ(base::read_json(scratch_ / "budgets.json"), json);

  expect_refused({"budget", "harden", scratch_ / "run", "--budget", "0", "--out", scratch_ / "x"},
                 "--budget: expected a share");
  expect_refused({"budget", "harden", scratch_ / "run", "--budget", "0.2", "--out", scratch_ / "x"},
                 "fewer than one in each of the 2 layers");
  expect_refused({"budget", "harden", scratch_ / "run", "--budget", "0.5", "--out", scratch_ / "small"},
                 "exists; --force");
  expect_refused({"budget", "harden", scratch_ / "run", "--budget", "0.5"}, "--out: missing");
  expect_refused({"budget", "harden", scratch_ / "run", "--out", scratch_ / "x"}, "--budget: missing");
  expect_refused({"budget", "harden", scratch_ / "run", "--budget", "0.5", "--out", ""}, "--out: is empty");
  const auto harden = [&](const std::vector<std::string>& more, const std::string& why) {
    std::vector<std::string> line = {"budget", "harden", scratch_ / "run", "--budget",
                                     "0.5",    "--out",  scratch_ / "x"};
    line.insert(line.end(), more.begin(), more.end());
    expect_refused(line, why);
  };
  harden({"--learning-rate", "5"}, "--learning-rate: does nothing without --adapt");
  harden({"--batches", "3", "--adapt", "1"}, "--batches: does nothing without --rank sensitivity");
  harden({"--seed", "7", "--rank", "norm"}, "--seed: does nothing without");
  const auto measure = [&](const std::vector<std::string>& more, const std::string& why) {
    std::vector<std::string> line = {"budget", "bench", scratch_ / "run", "--quiet"};
    line.insert(line.end(), more.begin(), more.end());
    expect_refused(line, why);
  };
  measure({"--budgets", "0.5", "1.5"}, "--budgets: expected a share of the heads");
  measure({"--budgets", "0.5", "1", "0.50"}, "--budgets: 0.5 is given twice");
  measure({"--rank", "norm", "norm"}, "--rank: norm is given twice");
  measure({scratch_ / "run/../run"}, "is given twice");
  measure({"--force"}, "--force: replaces the file to write, and none is named");
  expect_refused({"budget", "slice", scratch_ / "small", "--out", scratch_ / "x"}, "holds no hardened model");
  expect_refused({"budget", "slice", scratch_ / "hard", "--budget", "0.5", "--out", scratch_ / "x"},
                 "--budget: does not go with slice");
  expect_refused({"budget", "harden", scratch_ / "nowhere", "--budget", "0.5", "--out", scratch_ / "x"},
                 "does not exist");
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "x"));
}

TEST_F(CliBudget, ADenseModelIsPruned) {
  ASSERT_EQ(yore(training(scratch_, "run", {})).exit_code, 0);
  expect_refused({"budget", "harden", scratch_ / "run", "--budget", "0.5", "--out", scratch_ / "x"},
                 "has no gates.safetensors");
  for (const char* rank : {"norm", "sensitivity", "random"})
    EXPECT_EQ(yore({"budget", "harden", scratch_ / "run", "--budget", "0.5", "--rank", rank, "--out",
                    scratch_ / rank})
                  .exit_code,
              0);
}

TEST_F(CliBudget, WithoutHeadsToGiveUp) {
  expect_refused(training(scratch_, "a", {"--mixer", "gla", "--head-budget", "0.25"}), "its layers are gla");
  expect_refused(training(scratch_, "b", {"--head-budget", "1"}),
                 "training.head_budget: expected the lowest budget");
  expect_refused(training(scratch_, "c", {"--head-budget-full", "0.5"}), "a head_budget beside it");
  ASSERT_EQ(yore(training(scratch_, "one", {"--mixer", "attention:heads=1"})).exit_code, 0);
  expect_refused(
      {"budget", "harden", scratch_ / "one", "--rank", "norm", "--budget", "0.5", "--out", scratch_ / "x"},
      "has one head");
}

}  // namespace
}  // namespace yore::tests
