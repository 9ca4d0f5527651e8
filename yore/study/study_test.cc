#include "yore/study/study.h"

#include <gtest/gtest.h>

#include "yore/base/error.h"
#include "yore/study/numbers.h"
#include "yore/study/test_support.h"
#include "yore/study/theory/compiled_model.h"
#include "yore/study/theory/plugin.h"

namespace yore::study {
namespace {

using testing::contains;
using testing::small_study;
using testing::stand_in;
using testing::starts;

class StudyTest : public testing::InFolder {
 protected:
  std::string report() const { return base::read_file(folder_ / files::kReport); }
};

TEST_F(StudyTest, FromNothingToAReport) {
  const Outcome outcome = run_study(small_study(), stand_in(folder_));
  EXPECT_EQ(outcome.exit_code(), 0);
  EXPECT_EQ(outcome.planned, 6);
  EXPECT_EQ(outcome.measured, 6);
  EXPECT_EQ(outcome.report, folder_ / files::kReport);
  for (const char* file :
       {files::kStudy, files::kVerdict, files::kNumbersCsv, files::kNumbersJson, files::kReport})
    EXPECT_TRUE(fs::exists(folder_ / file)) << file;
  EXPECT_EQ(base::read_json(folder_ / files::kVerdict)["sufficient"], Json({"hybrid"}));
  const auto kinds = summarise_runs(small_study(), collect(plan(small_study(), folder_)));
  EXPECT_EQ(kinds[0].find("validation", "accuracy")->constant, 0.5);
  const std::string html = report();
  EXPECT_TRUE(contains(html,
                       "Neither global nor 1-local attention alone can recognise <code>(ab)*</code>; a "
                       "hybrid of the two can."));
  EXPECT_TRUE(contains(html, "all 3 kinds agree with theory"));
  EXPECT_TRUE(contains(html, "yore study &#39;(ab)*&#39; --out here"));
  EXPECT_FALSE(contains(html, "class=\"notice\"")) << "nothing is missing";
  EXPECT_TRUE(contains(html, "id=\"training\""));
  EXPECT_FALSE(contains(html, "there is no curve to draw"));
}

TEST_F(StudyTest, ASecondCallTrainsNothingAndALargerGridOnlyWhatIsNew) {
  StudyConfig config = small_study();
  run_study(config, stand_in(folder_));
  std::vector<std::string> said;
  EXPECT_EQ(run_study(config, stand_in(folder_, &said)).executed.found_complete, 6);
  EXPECT_TRUE(contains(said[0], "6 runs had a result before"));
  testing::values_of(config, kSeed).emplace_back(3);
  const Outcome more = run_study(config, stand_in(folder_));
  EXPECT_EQ(more.executed.found_complete, 6);
  EXPECT_EQ(more.measured, 9);
  for (const auto& run : plan(config, folder_)) EXPECT_EQ(starts(run), 1);
  config.base.training.learning_rate = 5;
  EXPECT_THROW(run_study(config, stand_in(folder_)), base::InputError);
}

TEST_F(StudyTest, AShardReportsItsShareAndSaysWhatIsMissing) {
  Execution execution = stand_in(folder_);
  execution.shard_count = 2;
  const Outcome first = run_study(small_study(), execution);
  EXPECT_EQ(first.exit_code(), 0);
  EXPECT_EQ(first.measured, 3);
  EXPECT_TRUE(contains(report(), "3 of 6 runs have no result yet, and nothing is claimed about them"));
  execution.shard_index = 2;
  EXPECT_EQ(run_study(small_study(), execution).measured, 6);
  EXPECT_FALSE(contains(report(), "have no result yet"));
}

TEST_F(StudyTest, AFailedRunShowsInTheExitCodeAndTheReport) {
  ::setenv("STAND_IN_FAILS", "hybrid-seed1", 1);
  std::vector<std::string> said;
  const Outcome outcome = run_study(small_study(), stand_in(folder_, &said));
  EXPECT_EQ(outcome.exit_code(), 1);
  EXPECT_EQ(outcome.measured, 5);
  EXPECT_TRUE(contains(report(), "hybrid-seed1"));
  EXPECT_TRUE(contains(report(), "not run"));
  std::string all;
  for (const auto& line : said) all += line + "\n";
  EXPECT_TRUE(contains(all, "out of cheese"));
  EXPECT_TRUE(contains(all, "1 run failed")) << all;
}

TEST_F(StudyTest, ADamagedResultIsAFailedRunAndTheOthersAreReported) {
  run_study(small_study(), stand_in(folder_));
  const std::vector<PlannedRun> runs = plan(small_study(), folder_);
  base::write_file(runs[0].folder / runs::files::kResult, "garbage\n");
  std::vector<std::string> said;
  const Outcome outcome = run_study(small_study(), stand_in(folder_, &said));
  EXPECT_EQ(outcome.exit_code(), 1);
  EXPECT_EQ(outcome.measured, 5);
  EXPECT_TRUE(contains(report(), "1 of 6 runs have no result yet"));
  std::string all;
  for (const auto& line : said) all += line + "\n";
  EXPECT_TRUE(contains(all, "1 run cannot be read; their folders have to be deleted")) << all;
  EXPECT_FALSE(contains(all, "the same command tries them again")) << all;
}

TEST_F(StudyTest, ADivergedRunIsNotScored) {
  ::setenv("STAND_IN_DIVERGES", "hybrid-seed1", 1);
  EXPECT_EQ(run_study(small_study(), stand_in(folder_)).exit_code(), 0);
  EXPECT_TRUE(contains(report(), "2 of 2, 1 diverged"));
  EXPECT_EQ(base::read_json(folder_ / files::kNumbersJson)["summary"][2]["validation"]["runs"], 1);
  // No spread of one run.
  const Json numbers = base::read_json(folder_ / files::kNumbersJson);
  for (const Json& metric : numbers["kinds"][2]["metrics"]) EXPECT_TRUE(metric["deviation"].is_null());
}

TEST_F(StudyTest, ManyConclusionsAreFoldedAwayAndWhatIsNotMeasuredIsNotRepeated) {
  StudyConfig config = small_study();
  std::vector<Json>& attention = testing::values_of(config, "model.attention");
  testing::values_of(config, kSeed) = {1};
  Execution execution = stand_in(folder_);
  execution.shard_index = 1;
  execution.shard_count = 3;
  run_study(config, execution);
  EXPECT_TRUE(contains(report(), "<li><strong>global</strong>: Theory"));
  EXPECT_FALSE(contains(report(), "<li><strong>hybrid</strong>")) << "not run";
  EXPECT_FALSE(contains(report(), "<summary>Each kind in a sentence</summary>"));
  for (int k = 1; k <= 10; ++k) attention.push_back("local:" + std::to_string(k + 1));
  run_study(config, stand_in(folder_));
  EXPECT_TRUE(contains(report(), "<summary>Each kind in a sentence</summary>"));
  EXPECT_TRUE(contains(report(), "<li><strong>local:<wbr>11</strong>: Theory"));
  const std::string html = report();
  const std::size_t lead = html.find("class=\"lead\"");
  const std::string sentences = html.substr(lead, html.find("</p>", lead) - lead);
  EXPECT_FALSE(contains(sentences, "local:11")) << "a number where more than a few disagree: " << sentences;
}

TEST_F(StudyTest, TheCompiledTransformerStandsBesideTheTrained) {
  const Outcome outcome = run_study(small_study(), stand_in(folder_));
  ASSERT_EQ(outcome.exit_code(), 0);
  EXPECT_TRUE(outcome.plugins_are_fine);
  for (const char* file : {"model.safetensors", "model.json", files::kVerify, files::kScores})
    EXPECT_TRUE(fs::exists(folder_ / files::kCompiledModel / file)) << file;
  const std::string html = report();
  EXPECT_TRUE(contains(html, "computed, not trained"));
  EXPECT_TRUE(contains(html, "right on all 16383 words to length 13"));
  EXPECT_TRUE(contains(html, "<section id=\"compiled\""));
  const Json numbers = base::read_json(folder_ / files::kNumbersJson);
  EXPECT_EQ(numbers["compiled"]["verified"]["right"], true);
  EXPECT_EQ(numbers["compiled"]["parameters"],
            compiler::compile_language(testing::ab_star()).plan.parameters());
  EXPECT_EQ(numbers["compiled"]["scores"][0]["set"], "validation");
  EXPECT_EQ(numbers["compiled"]["scores"][0]["value"], 1.0);
}

TEST_F(StudyTest, ACompiledTransformerMeasuredToBeWrongShowsInTheExitCode) {
  ::setenv("STAND_IN_VERIFY", "wrong", 1);
  const Outcome outcome = run_study(small_study(), stand_in(folder_));
  EXPECT_EQ(outcome.exit_code(), 1);
  EXPECT_FALSE(outcome.plugins_are_fine);
  EXPECT_TRUE(contains(report(), "measured to be WRONG"));
}

TEST_F(StudyTest, WhereThereIsNoneTheReportSaysWhy) {
  StudyConfig config = small_study();
  testing::set_language(config, "regex:(b*ab*a)*b*");
  EXPECT_EQ(run_study(config, stand_in(folder_)).exit_code(), 0);
  EXPECT_FALSE(fs::exists(folder_ / files::kCompiledModel));
  EXPECT_TRUE(contains(report(), "so none was compiled"));
  EXPECT_EQ(base::read_json(folder_ / files::kNumbersJson)["compiled"]["compiled"], false);
  fs::remove_all(folder_);
  config.init = {runs::inits::kCompiled};
  EXPECT_THROW(run_study(config, stand_in(folder_)), base::InputError);
  EXPECT_FALSE(fs::exists(folder_)) << "refused before anything was written";
}

TEST_F(StudyTest, KindsOfTheCompiledShapeJoinTheGrid) {
  StudyConfig config = small_study();
  run_study(config, stand_in(folder_));
  config.init = {runs::inits::kCompiled, runs::inits::kCompiledShape};
  const Outcome outcome = run_study(config, stand_in(folder_));
  EXPECT_EQ(outcome.exit_code(), 0);
  EXPECT_EQ(outcome.planned, 10);
  EXPECT_EQ(outcome.executed.found_complete, 6) << "the study grew, and was not begun anew";
  const Json run = base::read_json(folder_ / "runs/compiled-seed2/config.json");
  EXPECT_EQ(run["training"]["init"], "compiled");
  EXPECT_EQ(run["model"]["width"], compiler::compile_language(testing::ab_star()).plan.config().width);
  EXPECT_EQ(base::read_json(folder_ / "runs/compiled-shape-seed2/config.json")["training"]["init"], "random");
  const Json summary = base::read_json(folder_ / files::kNumbersJson)["summary"];
  ASSERT_EQ(summary.size(), 5u);
  EXPECT_EQ(summary[3]["name"], runs::inits::kCompiled);
  EXPECT_EQ(summary[3]["theory"], true);
  const std::string html = report();
  EXPECT_TRUE(contains(html, "trained from compiled"));
  EXPECT_TRUE(contains(html, "trained in compiled shape"));
}

TEST_F(StudyTest, NothingIsWrittenIntoAFolderOfSomethingElse) {
  base::write_file(folder_ / "photo.png", "x");
  EXPECT_THROW(run_study(small_study(), stand_in(folder_)), base::InputError);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

// Chromium as an outside judge: the page parses into what was meant, and asks the network for nothing.
TEST_F(StudyTest, OpensInChromiumIfInstalled) {
  run_study(small_study(), stand_in(folder_));
  if (!base::find_program("chromium")) GTEST_SKIP() << "chromium is not installed";
  const auto result =
      base::run_process({"chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                         "--no-first-run", "--disable-background-networking", "--disable-component-update",
                         "--disable-sync", "--user-data-dir=" + (folder_ / "profile").string(), "--dump-dom",
                         "--enable-logging=stderr", "file://" + (folder_ / files::kReport).string()});
  const std::string& dom = result.out;
  ASSERT_TRUE(contains(dom, "</html>")) << result.err;
  EXPECT_FALSE(contains(result.err, "CONSOLE")) << "the browser complained: " << result.err;
  const auto count = [&](const std::string& part) {
    int n = 0;
    for (std::size_t at = 0; (at = dom.find(part, at)) != std::string::npos; ++at) ++n;
    return n;
  };
  EXPECT_EQ(count("<h1>"), 1);
  EXPECT_GE(count("<section "), 7);
  EXPECT_EQ(count("<section "), count("</section>"));
  EXPECT_EQ(count("<svg "), 7) << "three plots in two sizes and the automaton";
  EXPECT_EQ(count("role=\"img\""), 7);
  EXPECT_EQ(count("<table>"), count("</table>"));
  EXPECT_EQ(count("download=\""), 6);
  // What could reach outside: none of it is there, besides the names of XML namespaces, which nothing
  // fetches.
  for (const char* outside : {"<script", "<link", "<img", "<iframe", "<object", "<embed", "@import", "src="})
    EXPECT_EQ(count(outside), 0) << outside;
  EXPECT_EQ(count("http"), 1 + count("xmlns=\"http://www.w3.org/2000/svg\"") +
                               count("xmlns:xlink=\"http://www.w3.org/1999/xlink\""))
      << "http-equiv and namespaces only";
}

}  // namespace
}  // namespace yore::study
