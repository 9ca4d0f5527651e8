#include "yore/arch/options.h"
#include "yore/study/pareto/plugin.h"
#include "yore/study/pareto/statements.h"
#include "yore/study/test_support.h"

namespace yore::study {
namespace {

using testing::contains;

Spread spread(std::initializer_list<double> values) {
  Spread s;
  for (const double value : values) s.add(value);
  return s;
}

StatePoint point(const std::string& family, const std::string& kind, std::int64_t bytes,
                 std::initializer_list<double> values) {
  StatePoint p{family, kind, bytes, spread(values)};
  p.validation = p.spread.mean;
  return p;
}

// The measured shape of the recall task: windows need all of the row, a blurry window of a quarter nearly
// reaches them, a third mixer stays behind.
StateSet recall() {
  StateSet set;
  set.set = "64:8";
  set.goal = "accuracy";
  set.tokens = 64;
  set.chance = 0.125;
  set.points = {point("attention", "window 64", 32768, {0.995, 0.996, 0.997}),
                point("attention", "window 32", 16384, {0.763, 0.764}),
                point("blurry_window", "8 slots", 4096, {0.687, 0.689}),
                point("blurry_window", "16 slots", 8192, {0.990, 0.993, 0.996}),
                point("gsa", "gsa of 8", 4096, {0.114, 0.476})};
  rank(set);
  return set;
}

std::vector<std::string> families_of(const std::vector<std::string>& mixers) {
  std::vector<arch::Model> models;
  for (const std::string& mixer : mixers) {
    arch::ModelOptions options;
    options.mixer = mixer;
    options.strict = false;
    models.push_back(arch::expand(options, 10, arch::ReadOutKind::Vocabulary));
  }
  return families(models);
}

TEST(Pareto, AFamilyIsTheMixersThatVary) {
  EXPECT_EQ(families_of({"short_conv/attention:window=8", "short_conv/attention", "short_conv/gla"}),
            (std::vector<std::string>{"attention", "attention", "gla"}));
  EXPECT_EQ(families_of({"2*attention:window=8", "2*attention"}),
            (std::vector<std::string>{"attention", "attention"}));
  EXPECT_EQ(families_of({"attention/gla", "gla/attention"}),
            (std::vector<std::string>{"attention/gla", "gla/attention"}));
}

TEST(Pareto, PointsAreSortedAndTheBestSettingOfASizeIsChosenOnValidation) {
  StateSet set = recall();
  EXPECT_EQ(set.points[0].kind, "window 32");
  EXPECT_EQ(set.points[1].kind, "window 64");
  StatePoint lucky = point("attention", "another rate", 32768, {0.999, 0.999});
  lucky.validation = 0.5;
  set.points.push_back(lucky);
  rank(set);
  const std::vector<StatePoint> drawn = set.drawn("attention");
  ASSERT_EQ(drawn.size(), 2u);
  EXPECT_EQ(drawn[1].kind, "window 64") << "better on validation, though not on the test";
  EXPECT_EQ(drawn[1].settings, 2);
  EXPECT_EQ(drawn[0].settings, 1);
}

TEST(Pareto, TheFrontHoldsWhatNothingSmallerReaches) {
  std::vector<std::string> front;
  for (const StatePoint& p : recall().points)
    if (p.front) front.push_back(p.kind);
  // gsa of 8 has the state of 8 slots and less accuracy; a window of 32 more state and less than 16 slots.
  EXPECT_EQ(front, (std::vector<std::string>{"window 64", "8 slots", "16 slots"}));
  StateSet loss = recall();
  loss.higher_is_better = false;
  loss.chance = 0.9;
  rank(loss);
  front.clear();
  for (const StatePoint& p : loss.points)
    if (p.front) front.push_back(p.kind);
  EXPECT_EQ(front, (std::vector<std::string>{"gsa of 8"})) << "the lowest number with the smallest state";
}

std::vector<std::string> front_of(StateSet set) {
  rank(set);
  std::vector<std::string> front;
  for (const StatePoint& p : set.points)
    if (p.front) front.push_back(p.kind);
  return front;
}

TEST(Pareto, WhatGuessesIsNotOnTheFront) {
  StateSet set = recall();
  // The smallest states: one guesses, one is above chance by less than counts, one with one seed of two, one
  // with both.
  set.points.push_back(point("gla", "guesses", 16, {0.12, 0.125}));
  set.points.push_back(point("gla", "barely", 32, {0.1299, 0.1299}));
  set.points.push_back(point("gla", "one of two", 64, {0.125, 0.4}));
  EXPECT_EQ(front_of(set), (std::vector<std::string>{"window 64", "8 slots", "16 slots"}));
  set.points.push_back(point("gla", "learns", 128, {0.15, 0.16}));
  EXPECT_EQ(front_of(set), (std::vector<std::string>{"window 64", "8 slots", "16 slots", "learns"}))
      << "one of two has the higher mean and less state, and yet does not hide it";
  for (StatePoint& p : set.points) p.spread = spread({0.1, 0.12});
  EXPECT_TRUE(front_of(set).empty());
  set.chance.reset();
  EXPECT_EQ(front_of(set), (std::vector<std::string>{"guesses"})) << "nothing is known of chance";
}

TEST(Pareto, SaysWhatStateIsSavedAtEqualAccuracy) {
  const std::vector<std::string> lines = comparisons(recall());
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(
      lines[0],
      "16 slots (99.3%, 3 seeds, 8192 bytes) does as well as window 64 (99.6%, 3 seeds, 32768 bytes) with "
      "4.0 times less state.");
  EXPECT_EQ(
      lines[1],
      "No gsa here does as well as window 64 (99.6%, 3 seeds, 32768 bytes); its best is gsa of 8 (29.5%, 2 "
      "seeds, 4096 bytes).");
  for (const std::string& line : lines) EXPECT_TRUE(says_as_well(line)) << line;
  EXPECT_EQ(meaning_of_as_well(recall()),
            "As well means: the means are at most half a percentage point apart.");
  EXPECT_FALSE(says_as_well("16 slots (1 seed) does better than window 64 (1 seed) with the same state."));
}

TEST(Pareto, ClaimsNothingBeyondTheData) {
  StateSet set = recall();
  // 98.9 is 0.7 points below: no longer as well.
  set.points[3].spread = spread({0.989});
  EXPECT_EQ(
      comparisons(set)[0],
      "No blurry_window here does as well as window 64 (99.6%, 3 seeds, 32768 bytes); its best is 16 slots "
      "(98.9%, 1 seed, 8192 bytes), by one seed, which has no spread to judge by.");
  // Better by more than that, with more state.
  set.points[1].spread = spread({0.9});
  set.points[3].bytes = 65536;
  EXPECT_EQ(
      comparisons(set)[0],
      "16 slots (98.9%, 1 seed, 65536 bytes) does better than window 64 (90%, 1 seed, 32768 bytes) with 2.0 "
      "times the state, by one seed, which has no spread to judge by.");
  // A reference that guesses compares with nothing.
  set.points[0].spread = set.points[1].spread = spread({0.126});
  EXPECT_TRUE(comparisons(set).empty());
  EXPECT_EQ(guessing(set),
            std::vector<std::string>{"No better than guessing here (12.5%): attention. So nothing "
                                     "is compared with attention."});
  set.points.resize(2);
  EXPECT_TRUE(comparisons(set).empty()) << "one family";
}

TEST(Pareto, FamiliesThatGuessShareOneSentence) {
  StateSet set = recall();
  EXPECT_TRUE(guessing(set).empty());
  set.points.push_back(point("gla", "gla 1", 512, {0.1, 0.13}));
  set.points.push_back(point("gla", "gla 2", 1024, {0.1, 0.12}));
  rank(set);
  EXPECT_EQ(guessing(set), std::vector<std::string>{"No better than guessing here (12.5%): gla."});
  for (const std::string& line : trends(set)) EXPECT_FALSE(contains(line, "gla")) << line;
  for (StatePoint& p : set.points) p.spread = spread({0.1, 0.12});
  EXPECT_EQ(statements(set), std::vector<std::string>{"No family is better than guessing here (12.5%)."});
}

// Whatever the points: a family that is compared stands on one side of the sentence alone.
TEST(Pareto, NoFamilyIsComparedWithItself) {
  for (const double attention : {0.1, 0.3, 0.7, 0.99})
    for (const double slots : {0.1, 0.3, 0.7, 0.99}) {
      StateSet set = recall();
      set.points = {point("attention", "attention 1", 64, {attention}),
                    point("attention", "attention 2", 128, {attention, 0.5}),
                    point("slots", "slots 1", 64, {slots}), point("slots", "slots 2", 128, {slots, 0.6})};
      rank(set);
      for (const std::string& line : comparisons(set))
        if (contains(line, " does ")) {
          EXPECT_TRUE(contains(line, "attention ") && contains(line, "slots ")) << line;
        }
      set.points.resize(2);
      rank(set);
      EXPECT_TRUE(comparisons(set).empty()) << "one family alone";
    }
}

TEST(Pareto, WithoutAttentionTheBestFamilyIsTheReference) {
  StateSet set = recall();
  set.points.erase(set.points.begin(), set.points.begin() + 2);
  EXPECT_EQ(
      comparisons(set)[0],
      "No gsa here does as well as 16 slots (99.3%, 3 seeds, 8192 bytes); its best is gsa of 8 (29.5%, 2 "
      "seeds, 4096 bytes).");
}

TEST(Pareto, GainsWithTheStateAreThoseBeyondTheSpreadOfSeeds) {
  StateSet set = recall();
  set.points.push_back(point("gsa", "gsa of 16", 8192, {0.40, 0.60}));
  set.points.push_back(point("gla", "gla", 1024, {0.5, 0.6}));
  rank(set);
  const std::vector<std::string> lines = trends(set);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(
      lines[0],
      "attention from 16384 to 32768 bytes of state: 76.3% to 99.6%, better beyond the spread of the seeds.");
  EXPECT_EQ(lines[2],
            "gsa from 4096 to 8192 bytes of state: 29.5% to 50%, a change within the spread of the seeds.");
  EXPECT_EQ(lines[3], "Gain as their state grows: attention, blurry_window. Do not: gsa.");
  set.points[0].spread = set.points[2].spread = spread({0.763});
  EXPECT_EQ(trends(set).back(),
            "Whether more state helps cannot be judged with one seed a size, which has no spread: attention, "
            "blurry_window.")
      << "two families share the sentence";
  EXPECT_EQ(trends(set).size(), 2u);
}

TEST(Pareto, BaselinesAreBeatenByEverySeedOrNot) {
  StateSet set = recall();
  set.baselines = {{"in-context 3-gram", 0.9905}};
  EXPECT_EQ(
      against_baselines(set),
      std::vector<std::string>{"Better than the in-context 3-gram (99%) with every seed of the best state: "
                               "attention. Not: blurry_window, gsa."})
      << "one of three seeds of 16 slots is at 99.0";
  set.baselines = {{"in-context 3-gram", 0.9999}, {"coin", 0.01}};
  EXPECT_EQ(against_baselines(set),
            (std::vector<std::string>{
                "No family is better than the in-context 3-gram (99.9%) with every seed of its best state.",
                "Every family is better than the coin (1%) with every seed of its best state."}));
}

TEST(Pareto, ThePictureHasALineAFamilyOverKiB) {
  StateSet set = recall();
  set.baselines = {{"in-context 3-gram", 0.5}};
  const report::Plot plot = accuracy_by_state(set);
  EXPECT_TRUE(plot.log_x);
  ASSERT_EQ(plot.series.size(), 3u);
  EXPECT_EQ(plot.series[1].name, "blurry_window");
  ASSERT_EQ(plot.series[1].points.size(), 2u);
  EXPECT_TRUE(plot.series[1].bars);
  EXPECT_EQ(plot.series[1].points[1].x, 8);
  EXPECT_NEAR(plot.series[1].points[1].y, 99.3, 1e-9);
  EXPECT_NEAR(plot.series[1].points[1].low, 99.0, 1e-9);
  EXPECT_NEAR(plot.series[1].points[1].high, 99.6, 1e-9);
  ASSERT_EQ(plot.x_tics.size(), 4u) << "4, 8, 16 and 32";
  EXPECT_EQ(plot.x_tics.front(), (std::pair<double, std::string>(4, "4")));
  EXPECT_EQ(plot.x_tics.back().second, "32");
  ASSERT_EQ(plot.references.size(), 2u);
  EXPECT_EQ(plot.references[0].y, 12.5);
  EXPECT_EQ(plot.references[1].label, "in-context 3-gram");
}

// Recall over rows of 32 tokens; 64 wide, so that a key and its value are 2 * 64 * 4 bytes.
StudyConfig recall_study() {
  StudyConfig config;
  config.base.task = tasks::complete_task({{"name", "mqar"},
                                           {"vocabulary", 64},
                                           {"train", {"32:4:1000"}},
                                           {"test", {"32:4", "16:2"}},
                                           {"validation_sequences", 4},
                                           {"test_sequences", 4}});
  config.base.model.width = 64;
  config.base.model.strict = false;
  config.axes = {{"model.mixer",
                  {"attention:window=8,heads=2/short_conv:width=3", "attention:heads=2/short_conv:width=3",
                   "gla:heads=2,expand_k=1/short_conv:width=3"}},
                 {kSeed, {1}}};
  return config;
}

TEST(ParetoPlugin, AppliesWhereMixersVaryAndTheTaskDoesNot) {
  EXPECT_NE(pareto_plugin(recall_study()), nullptr);
  StudyConfig config = recall_study();
  config.axes.push_back({"task.power", {0.01, 0.1}});
  EXPECT_EQ(pareto_plugin(config), nullptr) << "two tasks are two pictures";
  config = recall_study();
  config.axes[0] = {"training.learning_rate", {0.01, 0.001}};
  EXPECT_EQ(pareto_plugin(config), nullptr);
  config = recall_study();
  config.axes[0].values = {"attention:window=8,heads=2", "attention:window=8,heads=4"};
  EXPECT_EQ(pareto_plugin(config), nullptr) << "states of one size";
}

TEST(ParetoPlugin, TheStateIsThatAfterTheSetsLongestRow) {
  const StudyConfig config = recall_study();
  std::vector<KindResults> results;
  for (const Kind& kind : kinds(config)) {
    KindResults one{kind, 1, 1, 0, "accuracy", {}};
    for (const char* set : {"validation", "32:4", "16:2"})
      one.metrics.push_back({set, "accuracy", true, 0.25, {}, spread({0.75})});
    results.push_back(one);
  }
  results[1].metrics.pop_back();  // one kind without a number on the shorter rows
  const auto plugin = pareto_plugin(config);
  plugin->take(config, {}, results);
  const Json sets = plugin->numbers().at("pareto");
  ASSERT_EQ(sets.size(), 2u);
  // Both layers' histories: two tokens of 64 channels for the convolution.
  const int conv = 2 * 64 * 4, key = 2 * 64 * 4;
  EXPECT_EQ(sets[0].at("tokens"), 32);
  const Json& points = sets[0].at("points");
  EXPECT_EQ(points[0].at("state_bytes"), 7 * key + conv) << "the eighth key is the token's own";
  EXPECT_EQ(points[1].at("state_bytes"), 32 * key + conv) << "all keys of the row";
  EXPECT_EQ(points[2].at("state_bytes"), 2 * 32 * 32 * 4 + conv) << "two heads of 32 x 32";
  EXPECT_EQ(points[2].at("family"), "gla");
  EXPECT_EQ(sets[1].at("points").size(), 2u);
  const std::vector<Plugin::File> written = plugin->files();
  EXPECT_EQ(written[0].name, files::kParetoCsv);
  const std::string& csv = written[0].content;
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 3 + 2);
  EXPECT_TRUE(
      contains(csv,
               "\n32:4,32,accuracy,attention,\"attention:window=8,heads=2/short_conv:width=3\",4096,1,"
               "0.75,0.75,0.75,0,1,true,true\n"))
      << csv;
  const std::string html = plugin->sections()[0].body.markup();
  EXPECT_TRUE(contains(html, "<svg")) << html;
  EXPECT_TRUE(contains(html, "32:4, 32 tokens"));
  EXPECT_TRUE(
      contains(html, "Front: every seed is better than guessing (25%) by more than half a percentage"))
      << "what front means stands in the caption";
}

// Words of a language have no chance of their own; the better constant answer is what guessing gets.
TEST(ParetoPlugin, WhatAConstantAnswerScoresIsGuessing) {
  const StudyConfig config = recall_study();
  std::vector<KindResults> results;
  for (const Kind& kind : kinds(config)) {
    KindResults one{kind, 1, 1, 0, "accuracy", {}};
    for (const char* set : {"validation", "32:4"}) {
      one.metrics.push_back({set, "accuracy", true, std::nullopt, {}, spread({0.5})});
      one.metrics.back().constant = 0.5;
    }
    results.push_back(one);
  }
  const auto plugin = pareto_plugin(config);
  plugin->take(config, {}, results);
  EXPECT_EQ(plugin->numbers().at("pareto").at(0).at("statements"),
            Json({"No family is better than guessing here (50%)."}));
}

class ParetoStudy : public testing::InFolder {};

TEST_F(ParetoStudy, WritesItsFilesBesideTheReport) {
  StudyConfig config = testing::small_study();
  config.axes[0] = {"model.mixer", {"attention:lookback=4", "attention:lookback=16"}};
  EXPECT_EQ(run_study(config, testing::stand_in(folder_)).exit_code(), 0);
  const Json sets = base::read_json(folder_ / files::kParetoJson);
  ASSERT_EQ(sets.size(), 3u) << "a set a bucket of lengths";
  EXPECT_EQ(sets[0].at("points").size(), 2u);
  EXPECT_EQ(sets[0].at("points")[0].at("seeds"), 2);
  EXPECT_TRUE(fs::exists(folder_ / files::kParetoCsv));
  const std::string html = base::read_file(folder_ / files::kReport);
  EXPECT_TRUE(contains(html, "<section id=\"pareto\""));
  EXPECT_TRUE(contains(html, "download=\"pareto.csv\""));
}

}  // namespace
}  // namespace yore::study
