#include "yore/study/scales/scales.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/study/test_support.h"

namespace yore::study {
namespace {

using testing::contains;
using testing::small_study;

// Two sizes of one study: the larger has more steps, another axis and an axis of more values.
Scales two_scales() {
  StudyConfig laptop = small_study(), papers = small_study();
  papers.base.training.steps = 1000;
  testing::values_of(papers, kSeed) = {1, 2, 3};
  papers.axes.push_back({"training.learning_rate", {0.01, 0.001}});
  return {{"laptop", "papers"}, {"half an hour", "as published"}, 0, scale_differences({laptop, papers})};
}

TEST(Scales, DifferencesAreThoseOfTheConfigurations) {
  const Scales scales = two_scales();
  ASSERT_EQ(scales.differences.size(), 3u);
  const auto find = [&](const std::string& path) {
    for (const ScaleDifference& d : scales.differences)
      if (d.path == path) return d.values;
    return std::vector<Json>();
  };
  EXPECT_EQ(find("training.steps"), (std::vector<Json>{120, 1000}));
  EXPECT_EQ(find(kSeed), (std::vector<Json>{{1, 2}, {1, 2, 3}}));
  EXPECT_EQ(find("training.learning_rate"),
            (std::vector<Json>{small_study().base.training.learning_rate, {0.01, 0.001}}))
      << "one value here, an axis there";
  EXPECT_TRUE(scale_differences({small_study(), small_study()}).empty());
}

TEST(Scales, LinesNameTheOtherScalesValues) {
  Scales scales = two_scales();
  EXPECT_EQ(scale_lines(scales)[0], "scale laptop: half an hour");
  const auto has = [&](const std::string& line) {
    const auto lines = scale_lines(scales);
    return std::find(lines.begin(), lines.end(), line) != lines.end();
  };
  EXPECT_TRUE(has("  training.steps: 120 (papers: 1000)"));
  EXPECT_TRUE(has("  training.seed: 1, 2 (papers: 1, 2, 3)"));
  scales.chosen = 1;
  EXPECT_TRUE(has("  training.steps: 1000 (laptop: 120)"));
}

// Twelve kinds against eleven of them and one of its own: as one line 800 characters.
TEST(Scales, LongListsAreSaidAsWhatOnlySomeScalesHave) {
  Json mine = Json::array(), theirs = Json::array({"attention:heads=2,positions=rotary"});
  for (int i = 0; i < 12; ++i) {
    mine.push_back(fmt::format("short_conv/gla:heads=2,expand_k={}", i));
    if (i != 7) theirs.push_back(mine.back());
  }
  Scales scales{{"laptop", "papers", "tiny"}, {"", "", ""}, 0, {{"model.mixer", {mine, theirs, nullptr}}}};
  EXPECT_EQ(scale_lines(scales),
            (std::vector<std::string>{
                "scale laptop: ", "  model.mixer: 12 values (papers: 12 values; tiny: 0 values)",
                "    only laptop, papers: short_conv/gla:heads=2,expand_k=0",
                "    only laptop, papers: short_conv/gla:heads=2,expand_k=1",
                "    only laptop, papers: short_conv/gla:heads=2,expand_k=2",
                "    only laptop, papers: short_conv/gla:heads=2,expand_k=3",
                "    only laptop, papers: short_conv/gla:heads=2,expand_k=4",
                "    only laptop, papers: short_conv/gla:heads=2,expand_k=5",
                "    only laptop, papers: short_conv/gla:heads=2,expand_k=6",
                "    only laptop: short_conv/gla:heads=2,expand_k=7",
                "    only laptop, papers: short_conv/gla:heads=2,expand_k=8",
                "    only laptop, papers: short_conv/gla:heads=2,expand_k=9",
                "    only laptop, papers: short_conv/gla:heads=2,expand_k=10",
                "    only laptop, papers: short_conv/gla:heads=2,expand_k=11",
                "    only papers: attention:heads=2,positions=rotary"}));
  scales = {{"laptop", "papers"}, {"", ""}, 0, {{"model.mixer", {mine, theirs}}}};
  EXPECT_EQ(scale_lines(scales),
            (std::vector<std::string>{"scale laptop: ", "  model.mixer: 12 values (papers: 12 values)",
                                      "    only laptop: short_conv/gla:heads=2,expand_k=7",
                                      "    only papers: attention:heads=2,positions=rotary"}));
  Json reversed = mine;
  std::reverse(reversed.begin(), reversed.end());
  scales.differences = {{"model.mixer", {mine, reversed}}};
  EXPECT_EQ(scale_lines(scales).back(), "    the same values, in another order or number");
}

class ScalesStudy : public testing::InFolder {};

TEST_F(ScalesStudy, AreSaidAtTheStartAndShownInTheReport) {
  StudyConfig config = small_study();
  config.scales = two_scales();
  config.notes = {"something <was> left out"};
  std::vector<std::string> said;
  EXPECT_EQ(run_study(config, testing::stand_in(folder_, &said)).exit_code(), 0);
  ASSERT_GE(said.size(), 5u);
  EXPECT_EQ(said[0], "note: something <was> left out");
  EXPECT_EQ(said[1], "scale laptop: half an hour");
  const std::string html = base::read_file(folder_ / files::kReport);
  EXPECT_TRUE(contains(html, "<section id=\"scales\""));
  EXPECT_TRUE(contains(html, "<th scope=\"row\">training.steps</th><td>120</td><td>1000</td>"));
  EXPECT_TRUE(contains(html, "laptop, this study"));
  EXPECT_TRUE(contains(html, "as published"));
  EXPECT_TRUE(contains(html, "something &lt;was&gt; left out"));
  const Json scale = base::read_json(folder_ / files::kNumbersJson).at("scale");
  EXPECT_EQ(scale.at("name"), "laptop");
  EXPECT_EQ(scale.at("differences").at("training.steps").at("papers"), 1000);
  // The scale is no part of what is measured: without it the same runs are found again.
  EXPECT_EQ(run_study(small_study(), testing::stand_in(folder_)).executed.found_complete, 6);
  EXPECT_FALSE(contains(base::read_file(folder_ / files::kReport), "<section id=\"scales\""));
}

}  // namespace
}  // namespace yore::study
