#include "yore/budget/bench.h"

#include "yore/base/test_refusal.h"
#include "yore/base/test_scratch.h"
#include "yore/budget/test_subjects.h"

namespace yore::budget {
namespace {

TEST(Bench, RowsAndTheirSummary) {
  const base::Scratch scratch;
  const Subject subject = some_subject("attention:heads=4,head_width=3", 2, true);
  arch::write_model(subject.file, scratch / "gated");
  base::write_safetensors(scratch / "gated" / model::kGatesFile, *subject.gates);
  BenchOptions options;
  options.budgets = {1, 0.5};
  options.seconds = 0;
  const BenchRun run = bench(scratch / "gated", options);
  EXPECT_TRUE(run.gates);
  EXPECT_EQ(run.metric, "accuracy");
  EXPECT_EQ(run.falls, 0);
  ASSERT_EQ(run.rows.size(), 2u);
  EXPECT_EQ(run.rows[0].budget, 0.5);
  EXPECT_EQ(run.rows[0].kept_share, 0.5);
  EXPECT_EQ(run.rows[1].kept_share, 1);
  for (const double all : {run.rows[1].soft, run.rows[1].hard, run.rows[1].adapted})
    EXPECT_EQ(all, run.dense);

  // Two runs of a kind are one line of the summary, with mean, lowest and highest.
  BenchRun other = run;
  other.dense = run.dense + 0.5;
  base::Json json = bench_json({run, other});
  ASSERT_EQ(json["runs"].size(), 2u);
  ASSERT_EQ(json["summary"].size(), 2u);
  EXPECT_EQ(json["summary"][0]["seeds"], 2);
  EXPECT_EQ(json["summary"][0]["dense"]["low"], run.dense);
  EXPECT_EQ(json["summary"][0]["dense"]["high"], run.dense + 0.5);
  EXPECT_EQ(json["summary"][0]["dense"]["mean"], run.dense + 0.25);
  const auto says = [&](const std::string& part) {
    return bench_lines(json).find(part) != std::string::npos;
  };
  EXPECT_EQ(json["summary"][0]["sources"].size(), 2u);
  EXPECT_TRUE(says("gated and 1 more: ")) << bench_lines(json);
  other.kind = "another";
  other.source = "another";
  const base::Json two = bench_json({run, other});
  EXPECT_EQ(two["summary"].size(), 4u);
  EXPECT_NE(bench_lines(two).find("another: "), std::string::npos) << "each has a title of its own";
  EXPECT_TRUE(says("2 models with gates")) << bench_lines(json);
  EXPECT_EQ(says("order is consistent"), run.not_nested == 0);
  json["runs"][0]["falls"] = 3;
  EXPECT_TRUE(says("gates that fall as the budget grows: 3; budgets")) << bench_lines(json);
  EXPECT_TRUE(says("\nheads: share that is kept;")) << "what the columns mean";
}

// Without gates the other rankings are compared; speed is measured beside the formula.
TEST(Bench, ADenseModel) {
  const base::Scratch scratch;
  arch::write_model(some_subject("attention:heads=4,head_width=3").file, scratch / "dense");
  BenchOptions options;
  options.budgets = {0.5};
  options.seconds = 0.01;
  const BenchRun run = bench(scratch / "dense", options);
  ASSERT_EQ(run.rows.size(), 3u);
  for (const BenchRow& row : run.rows) {
    EXPECT_TRUE(row.speed.share > 0 && row.speed.share < 1);
    // Half of all heads go: of each layer's four between one and three, of its time a quarter to three
    // quarters.
    const double saved = 1 - 1 / row.speed.formula;
    EXPECT_NEAR(saved, row.speed.share / 2, row.speed.share / 4 + 1e-12);
    EXPECT_GT(row.speed.speed_up, 0);
  }
  options.budgets = {0.5, 1.5};
  EXPECT_TRUE(base::refused([&] { bench(scratch / "dense", options); }, "--budgets: expected a share"));
  EXPECT_EQ(bench_folders(scratch / "dense"), std::vector<std::filesystem::path>{scratch / "dense"});
}

}  // namespace
}  // namespace yore::budget
