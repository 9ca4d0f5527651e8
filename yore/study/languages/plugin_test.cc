#include "yore/study/languages/plugin.h"

#include "yore/study/test_support.h"

namespace yore::study {
namespace {

using testing::contains;

Spread one_run(double value) {
  Spread s;
  s.add(value);
  return s;
}

TEST(LanguageTable, NearestAttentionIsByMeanDistance) {
  LanguageTable table;
  table.models = {"global", "local", "gla"};
  table.attention = {true, true, false};
  table.languages = {"x", "y"};
  table.cells = {{one_run(1.0), one_run(0.5), one_run(0.75)}, {one_run(0.5), one_run(0.75), one_run(1.0)}};
  // From global 0.25 and 0.5, from local 0.25 and 0.25.
  EXPECT_EQ(nearest_attention(table),
            std::vector<std::string>{
                "gla scores most like local (25.0 points over 2 languages); then global (37.5 points over 2 "
                "languages)."});
  table.cells[1][1] = {};
  EXPECT_TRUE(contains(nearest_attention(table)[0], "local (25.0 points over 1 language)"));
  table.attention = {false, false, false};
  EXPECT_TRUE(nearest_attention(table).empty());
}

class LanguagesStudy : public testing::InFolder {};

TEST_F(LanguagesStudy, HasATableOfLanguagesByModels) {
  StudyConfig config = testing::small_study();
  config.axes.insert(config.axes.begin(), {"task.language", {"regex:(ab)*", "regex:a*b*"}});
  config.axes.push_back({"model.width", {32}});  // an axis of one value names no model
  EXPECT_EQ(run_study(config, testing::stand_in(folder_)).exit_code(), 0);
  const Json numbers = base::read_json(folder_ / files::kNumbersJson);
  const Json& cells = numbers.at("languages").at("cells");
  ASSERT_EQ(cells.size(), 6u);
  EXPECT_EQ(cells[2].at("language"), "regex:(ab)*");
  EXPECT_EQ(cells[2].at("model"), "hybrid");
  EXPECT_EQ(cells[2].at("seeds"), 2);
  EXPECT_EQ(cells[2].at("mean"), 1.0);
  // The mean over the buckets of each run, then over runs: as the summary of the kinds has the sets.
  double sum = 0;
  int sets = 0;
  for (const Json& metric : numbers.at("kinds")[1].at("metrics"))
    if (metric.at("name") == "accuracy" && metric.at("set") != "validation") {
      sum += metric.at("mean").get<double>();
      ++sets;
    }
  EXPECT_EQ(sets, 3);
  EXPECT_NEAR(cells[1].at("mean").get<double>(), sum / sets, 1e-12);
  EXPECT_TRUE(contains(base::read_file(folder_ / files::kReport), "<section id=\"languages\""));
  EXPECT_TRUE(fs::exists(folder_ / files::kLanguagesCsv));
}

TEST(LanguagesPlugin, AppliesToLanguagesByModelsAlone) {
  StudyConfig config = testing::small_study();
  EXPECT_EQ(languages_plugin(config), nullptr) << "one language";
  config.axes.push_back({"task.language", {"regex:(ab)*", "regex:a*b*"}});
  EXPECT_NE(languages_plugin(config), nullptr);
  config.axes.push_back({"training.steps", {10, 20}});
  EXPECT_EQ(languages_plugin(config), nullptr) << "a third axis";
}

}  // namespace
}  // namespace yore::study
