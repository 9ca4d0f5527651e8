#include "yore/study/grid.h"

#include <gtest/gtest.h>

#include <set>

#include "yore/base/error.h"
#include "yore/study/theory/compiled.h"
#include "yore/study/test_support.h"

namespace yore::study {
namespace {

using base::InputError;
using testing::contains;
using testing::small_study;

class StudyConfigTest : public testing::InFolder {
 protected:
  std::string refusal(const StudyConfig& config) {
    try {
      claim_folder(folder_, config);
    } catch (const InputError& e) {
      return e.what();
    }
    return "";
  }
};

TEST_F(StudyConfigTest, TheGridIsEveryKindWithEverySeed) {
  StudyConfig config = small_study();
  config.attention = {"global", "local:2", "3*local+1*global"};
  const auto runs = plan(config, "/f");
  ASSERT_EQ(runs.size(), 6u);
  std::set<std::string> names;
  for (const auto& run : runs) {
    EXPECT_TRUE(names.insert(run.name).second);
    EXPECT_EQ(run.folder, fs::path("/f/runs") / run.name);
    EXPECT_EQ(run.config.model.attention, run.attention);
    EXPECT_EQ(run.config.training.seed, run.seed);
    EXPECT_EQ(run.config.data.language, "regex:(ab)*");
    EXPECT_EQ(run.config.data.alphabet, "ab");
    EXPECT_EQ(run.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_."), std::string::npos)
        << run.name;
  }
  EXPECT_EQ(runs[0].seed, runs[2].seed) << "the first seed of every kind comes first";
}

TEST_F(StudyConfigTest, RefusesGridsThatMakeNoSense) {
  const auto with = [](auto change) {
    StudyConfig config = small_study();
    change(config);
    return config;
  };
  EXPECT_NO_THROW(validate(small_study()));
  EXPECT_THROW(validate(with([](auto& c) { c.attention.clear(); })), InputError);
  EXPECT_THROW(validate(with([](auto& c) { c.seeds.clear(); })), InputError);
  EXPECT_THROW(validate(with([](auto& c) { c.seeds = {1, 1}; })), InputError);
  EXPECT_THROW(validate(with([](auto& c) { c.attention = {"global", "global"}; })), InputError);
  EXPECT_THROW(validate(with([](auto& c) { c.attention = {"sideways"}; })), InputError);
  EXPECT_THROW(validate(with([](auto& c) { c.base.model.width = 31; })), InputError);
  EXPECT_THROW(validate(with([](auto& c) { c.init = {"random"}; })), InputError);
  EXPECT_THROW(validate(with([](auto& c) { c.init = {kCompiled, kCompiled}; })), InputError);
  EXPECT_NO_THROW(validate(with([](auto& c) { c.init = {kCompiled}; }))) << "its shape may come later";
}

TEST_F(StudyConfigTest, AFolderBelongsToOneStudy) {
  const StudyConfig config = small_study();
  EXPECT_EQ(refusal(config), "");
  EXPECT_EQ(refusal(config), "") << "again";
  StudyConfig other = config;
  other.base.training.steps = 999;
  EXPECT_TRUE(contains(refusal(other), "run.training.steps: 120 there, 999 here")) << refusal(other);
  other = config;
  other.language = languages::read_language("regex:(aab)*", "ab");
  EXPECT_TRUE(contains(refusal(other), "language")) << refusal(other);
  EXPECT_EQ(base::read_json(folder_ / files::kStudy), to_json(config)) << "untouched by what was refused";
}

TEST_F(StudyConfigTest, TheGridMayGrowButNotShrink) {
  StudyConfig config = small_study();
  ASSERT_EQ(refusal(config), "");
  config.seeds = {1, 2, 3};
  config.attention.push_back("local:2");
  EXPECT_EQ(refusal(config), "");
  EXPECT_EQ(base::read_json(folder_ / files::kStudy)["seeds"].size(), 3u);
  EXPECT_TRUE(contains(refusal(small_study()), "local:2 would be lost")) << refusal(small_study());
}

TEST_F(StudyConfigTest, AStudyMayGrowByTheCompiledShape) {
  StudyConfig config = small_study();
  EXPECT_FALSE(to_json(config).contains("init")) << "folders of studies without it stay theirs";
  ASSERT_EQ(refusal(config), "");
  config.init = {kCompiledShape};
  config.compiled_shape = config.base.model;
  config.compiled_shape->width = 48;
  EXPECT_EQ(refusal(config), "");
  EXPECT_EQ(base::read_json(folder_ / files::kStudy)["init"], Json({kCompiledShape}));
  config.init.insert(config.init.begin(), kCompiled);
  EXPECT_EQ(refusal(config), "");
  EXPECT_TRUE(contains(refusal(small_study()), "compiled, compiled-shape would be lost"))
      << refusal(small_study());

  const auto runs = plan(config, "/f");
  ASSERT_EQ(runs.size(), 10u);
  EXPECT_EQ(runs[3].name, "compiled-seed1");
  EXPECT_EQ(runs[3].config.training.init, "compiled");
  EXPECT_EQ(runs[4].name, "compiled-shape-seed1");
  EXPECT_EQ(runs[4].config.training.init, "random") << "its shape is all that is compiled";
  for (const auto& run : {runs[3], runs[4]}) EXPECT_EQ(run.config.model, *config.compiled_shape);
  EXPECT_EQ(runs[2].config.model.width, config.base.model.width);
  EXPECT_EQ(runs[2].config.training.init, "random");
}

TEST_F(StudyConfigTest, OtherPeoplesFilesAreLeftAlone) {
  base::write_file(folder_ / "notes.txt", "mine");
  EXPECT_TRUE(contains(refusal(small_study()), "notes.txt"));
  EXPECT_FALSE(fs::exists(folder_ / files::kStudy));
  folder_ = folder_ / "notes.txt";
  EXPECT_TRUE(contains(refusal(small_study()), "is a file"));
  folder_ = folder_.parent_path();
  base::write_file(folder_ / files::kStudy, "[]");
  EXPECT_NE(refusal(small_study()), "");
  base::write_file(folder_ / files::kStudy, "{");
  EXPECT_NE(refusal(small_study()), "");
}

}  // namespace
}  // namespace yore::study
