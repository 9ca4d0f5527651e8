#include "yore/study/grid.h"

#include <gtest/gtest.h>

#include <set>

#include "yore/base/error.h"
#include "yore/base/test_refusal.h"
#include "yore/compiler/compile_language.h"
#include "yore/study/test_support.h"
#include "yore/study/theory/plugin.h"

namespace yore::study {
namespace {

using base::InputError;
using testing::contains;
using testing::small_study;
using testing::values_of;

std::vector<std::string> names_of(const std::vector<Kind>& kinds) {
  std::vector<std::string> names;
  for (const Kind& kind : kinds) names.push_back(kind.name);
  return names;
}

class GridTest : public testing::InFolder {
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

TEST_F(GridTest, TheGridIsEveryKindWithEverySeed) {
  StudyConfig config = small_study();
  values_of(config, "model.attention") = {"global", "local:2", "3*local+1*global"};
  const auto runs = plan(config, "/f");
  ASSERT_EQ(runs.size(), 6u);
  std::set<std::string> names;
  for (const auto& run : runs) {
    EXPECT_TRUE(names.insert(run.name).second);
    EXPECT_EQ(run.folder, fs::path("/f/runs") / run.name);
    EXPECT_EQ(run.config.model.attention, run.kind);
    EXPECT_EQ(run.config.training.seed, run.seed);
    EXPECT_EQ(run.config.task.at("language"), "regex:(ab)*");
    EXPECT_EQ(run.config.task.at("alphabet"), "ab");
    EXPECT_EQ(run.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_."), std::string::npos)
        << run.name;
  }
  EXPECT_EQ(runs[0].seed, runs[2].seed) << "the first seed of every kind comes first";
}

TEST_F(GridTest, RefusesGridsThatMakeNoSense) {
  const auto with = [](auto change) {
    StudyConfig config = small_study();
    change(config);
    return config;
  };
  EXPECT_NO_THROW(validate(small_study()));
  EXPECT_THROW(validate(with([](auto& c) { values_of(c, "model.attention").clear(); })), InputError);
  EXPECT_THROW(validate(with([](auto& c) { values_of(c, kSeed).clear(); })), InputError);
  EXPECT_THROW(validate(with([](auto& c) { values_of(c, kSeed) = {1, 1}; })), InputError);
  EXPECT_THROW(validate(with([](auto& c) {
                 values_of(c, "model.attention") = {"global", "global"};
               })),
               InputError);
  EXPECT_THROW(validate(with([](auto& c) { values_of(c, "model.attention") = {"sideways"}; })), InputError);
  EXPECT_THROW(validate(with([](auto& c) { c.axes.push_back({kSeed, {3}}); })), InputError) << "twice";
  EXPECT_THROW(validate(with([](auto& c) { c.base.model.width = 31; })), InputError);
  EXPECT_TRUE(base::refused(
      [&] {
        validate(with([](auto& c) {
          values_of(c, kSeed).clear();
          for (std::uint64_t seed = 1; seed <= 60'000; ++seed) values_of(c, kSeed).emplace_back(seed);
        }));
      },
      "more than 100000 runs"));
  // The kinds of `init` are the plug-in's affair, which run_study() asks before anything is written.
  const auto prepare = [](StudyConfig config) { theory_plugin(config)->prepare(config); };
  EXPECT_THROW(prepare(with([](auto& c) { c.init = {"random"}; })), InputError);
  EXPECT_THROW(prepare(with([](auto& c) {
                 c.init = {runs::inits::kCompiled, runs::inits::kCompiled};
               })),
               InputError);
  EXPECT_NO_THROW(prepare(with([](auto& c) { c.init = {runs::inits::kCompiled}; })));
  EXPECT_NO_THROW(validate(with([](auto& c) { c.init = {runs::inits::kCompiled}; })))
      << "its shape may come later";
}

// Names that would be equal once they are folders' are told apart by a hash, the first stays; so are long
// ones.
TEST_F(GridTest, FoldersOfDifferentKindsDiffer) {
  StudyConfig config = small_study();
  values_of(config, "model.attention") = {"local:2", "local-2"};
  EXPECT_EQ(plan(config, "/f")[0].name, "local-2-seed1");
  EXPECT_EQ(plan(config, "/f")[1].name.size(), std::string("local-2--seed1").size() + 16);
  const std::string longest(300, 'a');
  values_of(config, "model.attention") = {longest + "b", longest + "c"};
  EXPECT_LE(plan(config, "/f")[0].name.size(), 220u);
  EXPECT_NE(plan(config, "/f")[0].name, plan(config, "/f")[1].name);
  values_of(config, "model.attention") = {"local:2/global", "local:2", "2*local+2*global"};
  std::set<std::string> names;
  for (const auto& run : plan(config, "/f")) EXPECT_TRUE(names.insert(run.name).second) << run.name;
  EXPECT_EQ(names.size(), 6u);
}

TEST_F(GridTest, KindsAreTheProductOfTheAxesInTheirOrder) {
  StudyConfig config = small_study();
  config.axes = {{"model.attention", {"global", "hybrid"}}, {kSeed, {7, 8}}, {"model.width", {32, 64}}};
  EXPECT_NO_THROW(validate(config));
  const std::vector<Kind> all = kinds(config);
  EXPECT_EQ(names_of(all), (std::vector<std::string>{"global, 32", "global, 64", "hybrid, 32", "hybrid, 64"}))
      << "the first axis is the slowest";
  EXPECT_EQ(all[2].config.model.attention, "hybrid");
  EXPECT_EQ(all[2].config.model.width, 32);
  EXPECT_EQ(all[3].config.model.width, 64);
  ASSERT_EQ(all[3].values.size(), 2u);
  EXPECT_EQ(all[3].values[0], (std::pair<std::string, Json>("model.attention", "hybrid")));
  EXPECT_EQ(all[3].values[1], (std::pair<std::string, Json>("model.width", 64)));
  const auto runs = plan(config, "/f");
  ASSERT_EQ(runs.size(), 8u);
  std::set<std::string> names;
  for (const auto& run : runs) EXPECT_TRUE(names.insert(run.name).second) << run.name;
  EXPECT_EQ(runs[3].name, "hybrid_-64-seed7");
  EXPECT_EQ(runs[4].name, "global_-32-seed8");
  EXPECT_FALSE(shared(config, "model.width")) << "it varies";
  EXPECT_EQ(shared(config, "model.layers"), std::optional<Json>(config.base.model.layers));
}

TEST_F(GridTest, WithoutASeedAxisTheBasesSeedHolds) {
  StudyConfig config = small_study();
  config.axes = {{"model.attention", {"global", "hybrid"}}};
  config.base.training.seed = 42;
  EXPECT_EQ(seeds(config), std::vector<std::uint64_t>{42});
  const auto runs = plan(config, "/f");
  ASSERT_EQ(runs.size(), 2u);
  for (const auto& run : runs) {
    EXPECT_EQ(run.seed, 42u);
    EXPECT_EQ(run.config.training.seed, 42u);
  }
  EXPECT_EQ(runs[1].name, "hybrid-seed42");
  config.axes.clear();
  EXPECT_EQ(names_of(kinds(config)), std::vector<std::string>{config.base.model.attention})
      << "no axis at all: one run";
}

TEST_F(GridTest, TheLettersFollowTheLanguage) {
  StudyConfig config = small_study();
  config.axes = {{"task.language", {"regex:(ab)*", "regex:a(b|c)*"}}};
  const std::vector<Kind> all = kinds(config);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].config.task.at("alphabet"), "ab");
  EXPECT_EQ(all[1].config.task.at("alphabet"), "abc");
}

TEST_F(GridTest, AFolderBelongsToOneStudy) {
  const StudyConfig config = small_study();
  EXPECT_EQ(refusal(config), "");
  EXPECT_EQ(refusal(config), "") << "again";
  StudyConfig other = config;
  other.base.training.steps = 999;
  EXPECT_TRUE(contains(refusal(other), "run.training.steps: 120 there, 999 here")) << refusal(other);
  values_of(other, kSeed).pop_back();
  EXPECT_TRUE(contains(refusal(other), "holds another study")) << "not a smaller one: " << refusal(other);
  EXPECT_THROW(check_folder(folder_, other), base::InputError);
  other = config;
  testing::set_language(other, "regex:(aab)*");
  EXPECT_TRUE(contains(refusal(other), "language")) << refusal(other);
  EXPECT_EQ(base::read_json(folder_ / files::kStudy), to_json(config)) << "untouched by what was refused";
}

TEST_F(GridTest, TheGridMayGrowButNotShrink) {
  StudyConfig config = small_study();
  ASSERT_EQ(refusal(config), "");
  values_of(config, kSeed) = {1, 2, 3};
  values_of(config, "model.attention").emplace_back("local:2");
  EXPECT_EQ(refusal(config), "");
  EXPECT_EQ(base::read_json(folder_ / files::kStudy)["axes"][kSeed].size(), 3u);
  EXPECT_TRUE(contains(refusal(small_study()), "model.attention local:2; training.seed 3 would be lost"))
      << refusal(small_study());
}

TEST_F(GridTest, OfTwoAxesEitherMayGrow) {
  StudyConfig config = small_study();
  config.axes = {{"model.attention", {"global", "hybrid"}}, {"model.width", {32}}};
  ASSERT_EQ(refusal(config), "");
  StudyConfig grown = config;
  values_of(grown, "model.width").emplace_back(64);
  EXPECT_EQ(refusal(grown), "");
  EXPECT_TRUE(contains(refusal(config), "model.width 64 would be lost")) << refusal(config);
  StudyConfig other = grown;
  other.axes.push_back({"model.layers", {2, 3}});
  EXPECT_NE(refusal(other), "") << "another axis makes other kinds";
  other = grown;
  other.axes.pop_back();
  EXPECT_NE(refusal(other), "") << "so does one that is gone";
  EXPECT_EQ(base::read_json(folder_ / files::kStudy), to_json(grown)) << "untouched by what was refused";
}

TEST_F(GridTest, AStudyMayGrowByTheCompiledShape) {
  StudyConfig config = small_study();
  EXPECT_FALSE(to_json(config).contains("init")) << "folders of studies without it stay theirs";
  ASSERT_EQ(refusal(config), "");
  config.init = {runs::inits::kCompiledShape};
  EXPECT_EQ(refusal(config), "");
  EXPECT_EQ(base::read_json(folder_ / files::kStudy)["init"], Json({runs::inits::kCompiledShape}));
  config.init.insert(config.init.begin(), runs::inits::kCompiled);
  EXPECT_EQ(refusal(config), "");
  EXPECT_TRUE(contains(refusal(small_study()), "compiled, compiled-shape would be lost"))
      << refusal(small_study());

  theory_plugin(config)->prepare(config);
  EXPECT_EQ(refusal(config), "") << "the kinds that the plug-in makes are no part of study.json";
  const arch::ModelOptions shape = compiler::compile_language(testing::ab_star()).plan.config();
  const auto runs = plan(config, "/f");
  ASSERT_EQ(runs.size(), 10u);
  EXPECT_EQ(runs[3].name, "compiled-seed1");
  EXPECT_EQ(runs[3].config.training.init, "compiled");
  EXPECT_EQ(runs[4].name, "compiled-shape-seed1");
  EXPECT_EQ(runs[4].config.training.init, "random") << "its shape is all that is compiled";
  for (const auto& run : {runs[3], runs[4]}) EXPECT_EQ(run.config.model, shape);
  EXPECT_EQ(runs[2].config.model.width, config.base.model.width);
  EXPECT_EQ(runs[2].config.training.init, "random");
}

TEST_F(GridTest, OtherPeoplesFilesAreLeftAlone) {
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

Axis axis(const std::string& text) {
  return parse_axis(text, small_study().base);
}

std::string axis_refusal(const std::string& text) {
  try {
    axis(text);
  } catch (const InputError& e) {
    EXPECT_TRUE(contains(e.what(), "--axis")) << e.what();
    return e.what();
  }
  return "";
}

TEST(Axis, RangesMayEndAtTheLargestNumber) {
  const std::vector<base::Json> seeds = axis("seed=9223372036854775806:9223372036854775807").values;
  ASSERT_EQ(seeds.size(), 2u);
  EXPECT_EQ(seeds[1], 9223372036854775807u);
  EXPECT_NE(axis_refusal("seed=1:3:2:"), "");
}

// What the kinds' tasks name is read once: a file that is gone afterwards is not missed.
TEST_F(GridTest, KindsAreMadeOnce) {
  base::write_file(
      folder_ / "m.json",
      R"({"alphabet": ["a", "b"], "states": 2, "start": 0, "accept": [0], "transitions": [[1, 0], [0, 1]]})");
  StudyConfig config = small_study();
  config.axes.insert(config.axes.begin(),
                     {"task.language", {"regex:(ab)*", "dfa:" + (folder_ / "m.json").string()}});
  const std::vector<Kind> all = kinds(config);
  settle(config);
  fs::remove(folder_ / "m.json");
  EXPECT_EQ(kinds(config), all);
  EXPECT_EQ(plan(config, folder_).size(), 2 * all.size());
  EXPECT_NO_THROW(validate(config));
  config.settled.reset();
  EXPECT_THROW(kinds(config), InputError);
}

TEST(ParseAxis, RangesCountUpAndIncludeTheirEnds) {
  EXPECT_EQ(axis("training.seed=1:5"), (Axis{kSeed, {1, 2, 3, 4, 5}}));
  EXPECT_EQ(axis("training.seed=1:9:2"), (Axis{kSeed, {1, 3, 5, 7, 9}}));
  EXPECT_EQ(axis("training.seed=1:8:2"), (Axis{kSeed, {1, 3, 5, 7}})) << "never beyond the end";
  EXPECT_EQ(axis("training.seed=3:3"), (Axis{kSeed, {3}}));
  EXPECT_EQ(axis("training.seed=1:2,7"), (Axis{kSeed, {1, 2, 7}}));
  EXPECT_EQ(axis("width=32:64:16"), (Axis{"model.width", {32, 48, 64}}));
  for (const char* bad :
       {"seed=5:1", "seed=1:5:0", "seed=1:5:-1", "seed=0:100000000", "seed=1:", "seed=:5", "seed=1:2:3:4"})
    EXPECT_NE(axis_refusal(bad), "") << bad;
}

TEST(ParseAxis, TheLastPartOfAPathIsEnough) {
  EXPECT_EQ(axis("seed=4").path, kSeed);
  EXPECT_EQ(axis("attention=global,hybrid:2"), (Axis{"model.attention", {"global", "hybrid:2"}}));
  EXPECT_EQ(axis("learning_rate=0.001,0.01"), (Axis{"training.learning_rate", {0.001, 0.01}}));
  EXPECT_EQ(axis("strict=true,false"), (Axis{"model.strict", {true, false}}));
}

TEST(ParseAxis, SemicolonsSeparateValuesThatHaveCommas) {
  EXPECT_EQ(axis("mixer=attention:lookback=global,strict=true;gla"),
            (Axis{"model.mixer", {"attention:lookback=global,strict=true", "gla"}}));
  EXPECT_EQ(axis("mixer=attention:lookback=global,strict=true;"),
            (Axis{"model.mixer", {"attention:lookback=global,strict=true"}}));
  EXPECT_EQ(axis("seed=1:3;"), (Axis{kSeed, {1, 2, 3}}));
}

TEST(ParseAxis, OptionsOfTheTaskAreReadByItsList) {
  EXPECT_EQ(axis("task.train_max_length=20,40"), (Axis{"task.train_max_length", {20, 40}}));
  EXPECT_EQ(axis("near_miss_edits=0:2"), (Axis{"task.near_miss_edits", {0, 1, 2}}));
  EXPECT_EQ(axis("language=regex:(ab)*,regex:(aab)*"),
            (Axis{"task.language", {"regex:(ab)*", "regex:(aab)*"}}));
  EXPECT_NE(axis_refusal("task.train_max_length=long"), "");
  EXPECT_TRUE(contains(axis_refusal("task.train_max_lenght=20"), "task.train_max_length"));
  EXPECT_TRUE(contains(axis_refusal("task.name=formal,mqar"), "task.name cannot vary"));
}

TEST(ParseAxis, SaysWhatIsWrong) {
  for (const char* empty : {"mixer=gla,,attention", "mixer=;gla", "mixer=gla;;", "task=,copy", "mixer=;"})
    EXPECT_TRUE(contains(axis_refusal(empty), "is empty")) << axis_refusal(empty);
  EXPECT_TRUE(contains(axis_refusal("model.widht=32"), "model.width")) << axis_refusal("model.widht=32");
  EXPECT_TRUE(contains(axis_refusal("widht=32"), "width")) << axis_refusal("widht=32");
  for (const char* wrong : {"width=wide", "width=32,wide", "width=3.5", "strict=1", "learning_rate=fast"})
    EXPECT_NE(axis_refusal(wrong), "") << wrong;
  for (const char* none : {"width", "=32", "width=", ""})
    EXPECT_TRUE(contains(axis_refusal(none), "PATH=VALUE")) << none;
}

}  // namespace
}  // namespace yore::study
