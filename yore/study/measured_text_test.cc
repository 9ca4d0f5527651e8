#include "yore/study/measured_text.h"

#include <gtest/gtest.h>

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
  EXPECT_EQ(value_text(Json::array({41, 100})), "41–100");
  EXPECT_EQ(value_text(Json::array({1, 2, 3})), "1, 2, 3");
  EXPECT_EQ(value_text(Json::array({"gla:heads=2,conv=4", "gsa"})), "gla:heads=2,conv=4; gsa");
}

}  // namespace
}  // namespace yore::study
