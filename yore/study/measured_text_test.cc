#include "yore/study/measured_text.h"

#include <gtest/gtest.h>

#include "yore/study/curves.h"
#include "yore/study/study_report.h"
#include "yore/study/test_support.h"

namespace yore::study {
namespace {

using testing::contains;

// One kind of a task that measures two shares, each with a chance of its own, and is judged by the second.
KindResults judged_by_the_second() {
  KindResults results{{}, 1, 1, 0, "second", {}};
  results.kind.title = "some kind";
  results.metrics = {{"test", "first", true, 0.25, {{"other baseline", 0.375}}, {}},
                     {"test", "second", true, 0.5, {{"simple model", 0.625}}, {}}};
  for (MetricSummary& metric : results.metrics) metric.spread.add(0.75);
  return results;
}

TEST(MeasuredText, ChanceAndBaselinesAreThoseOfTheGoal) {
  const std::string html = comparison({judged_by_the_second()}, {}).markup();
  EXPECT_TRUE(contains(html, "Guessing scores 50%")) << html;
  EXPECT_FALSE(contains(html, "25%")) << html;
  EXPECT_TRUE(contains(html, "simple model")) << html;
  EXPECT_TRUE(contains(html, "62.5%")) << html;
  EXPECT_FALSE(contains(html, "other baseline")) << html;
}

// The sets of a recall task have chances of their own: one number for all of them was wrong for all but one.
TEST(MeasuredText, ChanceIsSaidBySetWhereItDiffers) {
  KindResults results{{}, 1, 1, 0, "accuracy", {}};
  results.metrics = {{"validation", "accuracy", true, 0.0625, {}, {}},
                     {"128:8", "accuracy", true, 0.125, {}, {}}};
  for (MetricSummary& metric : results.metrics) metric.spread.add(0.75);
  const std::string html = comparison({results}, {}).markup();
  EXPECT_TRUE(contains(html, "Guessing scores 6.2% on validation, 12.5% on 128:8.")) << html;
}

TEST(MeasuredText, ASetUpSaysNothingThatDoesNotHold) {
  StudyConfig config = testing::small_study();
  std::string html = configuration(config).markup();
  EXPECT_FALSE(contains(html, "<dt>mixer</dt>")) << "attention stands for it";
  EXPECT_FALSE(contains(html, "<dd></dd>")) << "what is empty reads none";
  EXPECT_TRUE(contains(html, "<dt>phases</dt><dd>none</dd>"));
  EXPECT_TRUE(contains(html, "<dt>embedding scale</dt><dd>1</dd>"));
  EXPECT_FALSE(contains(html, "<dt>kinds</dt>")) << "they are the values of the axis";
  config.axes[0] = {"model.mixer", {"attention:lookback=4,heads=2", "gla"}};
  html = configuration(config).markup();
  EXPECT_FALSE(contains(html, "<dt>attention</dt>")) << "the mixers stand instead";
  EXPECT_TRUE(contains(html, "<div>attention:<wbr>lookback=4,<wbr>heads=2</div><div>gla</div>"))
      << "one a line";
}

RunRecord trained(const Kind& kind, double loss) {
  RunRecord record{{"", kind.name, 1, kind.config, {}}, runs::RunResult{}, 1};
  record.result->goal = "token_accuracy";
  base::Metric metric;
  metric.set = "test";
  metric.name = "token_accuracy";
  metric.keys["correct"] = 1;
  record.result->metrics = {metric};
  for (const int step : {10, 20}) {
    runs::HistoryPoint point;
    point.step = step;
    point.loss = loss;
    point.validation = 0.5;
    record.result->history.push_back(point);
  }
  return record;
}

// Fifty-six lines in one picture cannot be told apart.
TEST(MeasuredText, ManyKindsOfTwoAxesAreDrawnByTheFirst) {
  StudyConfig config = testing::small_study();
  config.axes.insert(config.axes.begin(), Axis{"model.width", {8, 16, 32, 64, 128}});
  std::vector<RunRecord> records;
  for (const Kind& kind : kinds(config))
    if (kind.config.model.width != 32) records.push_back(trained(kind, 1));
  const std::vector<Picture> all =
      pictures(config, [&](const StudyConfig& some) { return loss_by_step(some, records); });
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all[1].title, "model.width: 16");
  ASSERT_EQ(all[1].plot.series.size(), 3u);
  EXPECT_EQ(all[1].plot.series[2].name, "hybrid");
  EXPECT_EQ(all[1].plot.series[2].style, all[4].plot.series[2].style) << "one kind, one style";
  EXPECT_TRUE(contains(all[1].plot.label, "model.width: 16")) << "for who cannot see it";
  const std::string html = plot_figures(all, "loss", "What it is.").markup();
  const auto count = [&](const std::string& part) {
    int n = 0;
    for (std::size_t at = 0; (at = html.find(part, at)) != std::string::npos; ++at) ++n;
    return n;
  };
  EXPECT_EQ(count("<figure>"), 4);
  EXPECT_EQ(count("What it is."), 1);
  EXPECT_TRUE(contains(html, "Not measured: model.width: 32."));
  config.axes[0].values = {8, 16, 32, 64};
  EXPECT_EQ(panels(config).size(), 1u) << "twelve are one picture";
}

TEST(MeasuredText, NumbersOfAnAxisSayWhatTheyAreOf) {
  StudyConfig config = testing::small_study();
  config.axes.insert(config.axes.begin(), {Axis{"training.steps", {150}}, Axis{"model.bias", {true}}});
  const Kind kind = kinds(config)[0];
  EXPECT_EQ(kind.title, "steps 150, bias true, global");
  EXPECT_EQ(kind.name, "150, true, global") << "folders keep their names";
  EXPECT_EQ(where_text(kind.values), kind.title);
}

// Of runs that were looked at once.
TEST(MeasuredText, OnePointIsNoCurve) {
  const StudyConfig config = testing::small_study();
  RunRecord record = trained(kinds(config)[0], 1);
  EXPECT_TRUE(has_curve(loss_by_step(config, {record})));
  record.result->history.resize(1);
  EXPECT_FALSE(has_curve(loss_by_step(config, {record})));
  EXPECT_TRUE(has_points(loss_by_step(config, {record})));
  std::vector<std::unique_ptr<Plugin>> none;
  const auto page = [&](const std::vector<RunRecord>& records) {
    return study_report({config, records, summarise_runs(config, records), "", "", ""}, none, {});
  };
  EXPECT_TRUE(contains(page({record}), "there is no curve to draw"));
  EXPECT_FALSE(contains(page({trained(kinds(config)[0], 1)}), "there is no curve to draw"));
}

TEST(MeasuredText, AShareIsDrawnInPercentWhateverItsName) {
  const StudyConfig config = testing::small_study();
  const report::Plot plot = validation_by_step(config, {trained(kinds(config)[0], 1)});
  EXPECT_EQ(plot.y_label, "token_accuracy, %");
  ASSERT_EQ(plot.series.size(), 1u);
  EXPECT_EQ(plot.series[0].points[0].y, 50);
}

TEST(MeasuredText, NamesTheFirstRunsThatAreMissingAndCountsTheRest) {
  std::vector<RunRecord> records(15);
  for (std::size_t i = 0; i < records.size(); ++i) records[i].run.name = "run" + std::to_string(i + 1);
  records[0].result.emplace();
  const std::string notice = missing_notice(records).markup();
  EXPECT_TRUE(contains(notice, "14 of 15 runs have no result yet")) << notice;
  EXPECT_TRUE(contains(notice, "run2, run3")) << notice;
  EXPECT_TRUE(contains(notice, "run13 and 2 more, named under Runs.")) << notice;
  records.resize(3);
  EXPECT_TRUE(contains(missing_notice(records).markup(), "run2, run3.")) << "few are all named";
}

TEST(MeasuredText, ValuesAreWrittenForPeople) {
  EXPECT_EQ(value_text("a b"), "a b");
  EXPECT_EQ(value_text(true), "yes");
  EXPECT_EQ(value_text(Json::array({16, 64})), "16, 64") << "two values are no range";
  EXPECT_EQ(value_text(Json::array({0.0003, 0.0025})), "0.0003, 0.0025");
  EXPECT_EQ(value_text(1.0), "1");
  EXPECT_EQ(value_text(1e-5), "1e-05");
  EXPECT_EQ(value_text(Json::array({"gla:heads=2,conv=4", "gsa"})), "gla:heads=2,conv=4; gsa");
}

}  // namespace
}  // namespace yore::study
