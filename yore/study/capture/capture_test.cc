// From made-up errors to verdicts, pictures and sentences.
#include <gtest/gtest.h>

#include <cmath>

#include "yore/base/random.h"
#include "yore/base/test_refusal.h"
#include "yore/study/capture/figures.h"
#include "yore/study/capture/kinds.h"
#include "yore/study/capture/plugin.h"
#include "yore/study/grid.h"
#include "yore/study/test_support.h"
#include "yore/tasks/task.h"

namespace yore::study {
namespace {

using testing::contains;

SeedErrors errors_of(std::initializer_list<double> at_size_8) {
  SeedErrors errors;
  std::int64_t n = 0;
  for (const double error : at_size_8) {
    errors.push_back({8, n, error, 100});
    n = n == 0 ? 1 : 2 * n;
  }
  return errors;
}

const std::vector<std::int64_t> kGrid = {0, 1, 2, 4, 8};

TEST(CaptureLadder, TheLeastNumberWithAMedianErrorThatSmall) {
  const SeedErrors a = errors_of({0.5, 0.3, 0.04, 0.2, 0}), b = errors_of({0.4, 0.04, 0.04, 0.03, 0.02}),
                   c = errors_of({0.6, 0.6, 0.6, 0.6, 0.6});
  EXPECT_EQ(median_error({&a, &b, &c}, 8, 1), 0.3);
  EXPECT_EQ(median_error({&a, &b}, 8, 1), 0.5 * (0.3 + 0.04));
  EXPECT_EQ(median_error({&a, &b}, 16, 1), std::nullopt);
  EXPECT_EQ(needed({&a, &b, &c}, {8}, kGrid, 0.05), NeededSet{least_on_grid(8, 2)})
      << "not 8, where it stays";
  EXPECT_EQ(needed({&a, &b, &c}, {8}, kGrid, 0.01), NeededSet{more_than(8, 8)});
  EXPECT_EQ(needed({&b}, {8}, kGrid, 0.05), NeededSet{least_on_grid(8, 1)});
  EXPECT_EQ(needed({&a, &b}, {8, 16}, kGrid, 0.05).size(), 1u) << "what was not measured is left out";
}

// A run that reached the smallest error twice tries no more; what it had then stands for the rest.
TEST(CaptureLadder, ARunThatStoppedKeepsItsError) {
  const SeedErrors stopped = errors_of({0.3, 0.01, 0.004}), cut = errors_of({0.3, 0.2, 0.004});
  EXPECT_EQ(error_at(stopped, 8, 2), 0.004);
  EXPECT_EQ(error_at(stopped, 8, 8), 0.004);
  EXPECT_EQ(error_at(cut, 8, 8), std::nullopt);
}

TEST(CaptureLadder, SeedsAreDrawnAgain) {
  const SeedErrors a = errors_of({0, 0, 0, 0, 0}), b = errors_of({1, 1, 0, 0, 0}),
                   c = errors_of({1, 1, 1, 1, 0});
  const auto sets = needed_again({&a, &b, &c}, {8}, kGrid, 0.05, 2000);
  ASSERT_EQ(sets.size(), 2000u);
  int first = 0, middle = 0;
  for (const NeededSet& set : sets) {
    first += set == NeededSet{least_on_grid(8, 0)};
    middle += set == NeededSet{least_on_grid(8, 2)};
  }
  // The median of three draws of three: a twice or thrice, 7 of 27; b 13 of 27.
  EXPECT_NEAR(first / 2000.0, 7.0 / 27, 0.04);
  EXPECT_NEAR(middle / 2000.0, 13.0 / 27, 0.04);
  EXPECT_TRUE(needed_again({&a, &b}, {8}, kGrid, 0.05, 10).empty());
}

// Runs of a task and a mixer at sizes 8 to 128, whose error falls below 0.01 at the given number of samples.
Kind kind_of(const std::string& task, const std::string& mixer) {
  Kind kind;
  kind.name = kind.title = task + ", " + mixer;
  kind.values = {{kTask, task}, {"model.mixer", mixer}};
  kind.config.task = tasks::complete_task({{"name", task}});
  kind.config.model.mixer = mixer;
  kind.config.training.capture = "8,16,32,64,128";
  kind.config.training.capture_samples = 256;
  return kind;
}

std::vector<RunRecord> capture_records(const Kind& kind, const auto& samples) {
  std::vector<RunRecord> records;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    runs::RunResult result;
    result.status = "finished";
    for (const int size : {8, 16, 32, 64, 128})
      for (const std::int64_t n : runs::sample_grid(256))
        result.metrics.push_back(
            runs::to_metric({size, n, static_cast<double>(n) >= samples(size) ? 0.0 : 0.4, 256}));
    records.push_back({{kind.name, kind.name, seed, kind.config, {}}, result, 1});
  }
  return records;
}

TEST(CaptureKinds, AreJudgedByTheirErrors) {
  const auto judged = [](const auto& samples) {
    const Kind kind = kind_of("copy", "attention");
    return capture_of(kind, capture_records(kind, samples));
  };
  const CaptureKind none = judged([](int) { return 0.0; });
  ASSERT_EQ(none.at.size(), 2u);
  EXPECT_EQ(none.seeds, 3u);
  EXPECT_EQ(none.model, "attention");
  for (const CaptureAt& at : none.at)
    EXPECT_EQ(at.judgement.verdict, Capture::Consistent) << at.judgement.reason;
  const CaptureKind line = judged([](int size) { return 2.0 * size; });
  EXPECT_EQ(line.at[0].judgement.verdict, Capture::Not) << line.at[0].judgement.reason;
  EXPECT_EQ(needed_text(line.at[0].needed), "8: 16, 16: 32, 32: 64, 64: 128, 128: 256");
  EXPECT_TRUE(statement(line, line.at[0])
                  .starts_with("copy, attention, error 0.05: not captured: over T = 8 to 128"));
  const CaptureKind steep = judged([](int size) { return size == 8 ? 4.0 : 1000.0; });
  EXPECT_EQ(steep.at[0].judgement.verdict, Capture::Undecided);
  EXPECT_EQ(steep.at[0].judgement.reason, "1 of 5 sizes has a number, the others need more than was tried");
  const CaptureKind never = judged([](int) { return 1000.0; });
  EXPECT_TRUE(contains(never.at[1].judgement.reason, "the smallest size, 8, needs more than 256 samples"));
}

TEST(CaptureKinds, ABiasIsFoundWhereCheapProceduresAloneAreCaptured) {
  const auto judged = [](const std::string& task, const auto& samples) {
    const Kind kind = kind_of(task, "attention");
    return capture_of(kind, capture_records(kind, samples));
  };
  const auto none = [](int) { return 0.0; };
  const auto line = [](int size) { return 2.0 * size; };
  const auto found =
      bias_statements({judged("copy", none), judged("induction", line), judged("two_cycles", line)});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(
      found[0],
      "error 0.05, attention: a bias against costlier procedures is found: 1 of 2 (copy) tasks with a cheap "
      "procedure are consistent with capture, and 0 of 1 with a costlier one");
  EXPECT_TRUE(
      contains(bias_statements({judged("copy", none), judged("two_cycles", none)})[0], "is not found"));
  EXPECT_TRUE(bias_statements({judged("copy", none)}).empty()) << "nothing costlier to hold it against";
}

TEST(CaptureFigures, CensoredSizesAreOpenEndsAndNoNumbers) {
  const Kind kind = kind_of("copy", "attention");
  const CaptureKind found = capture_of(kind, capture_records(kind, [](int size) { return 4.0 * size; }));
  const report::Plot plot = needed_by_size({&found}, 0);
  EXPECT_TRUE(plot.log_x && plot.log_y);
  ASSERT_EQ(plot.series.size(), 2u);
  const auto& points = plot.series[0].points;
  ASSERT_EQ(points.size(), 5u);
  EXPECT_EQ(points[0].y, 33);
  EXPECT_EQ(points[0].low, points[0].high);
  EXPECT_EQ(points[4].low, 257);
  EXPECT_EQ(points[4].high, 514);
  // The law goes on above it.
  EXPECT_GT(plot.series[1].points.back().y, 257);
}

StudyConfig capture_study() {
  StudyConfig config;
  config.base.task = tasks::complete_task({{"name", "copy"}});
  config.base.training.capture = "8,16,32,64,128";
  config.axes = {{kTask, {"copy", "majority"}}, {kSeed, {1, 2, 3}}};
  return config;
}

TEST(CapturePlugin, RefusesWhatNothingCanBeConcludedFrom) {
  const auto prepare = [](StudyConfig config) {
    const auto plugin = capture_plugin(config);
    ASSERT_NE(plugin, nullptr);
    plugin->prepare(config);
  };
  EXPECT_NO_THROW(prepare(capture_study()));
  const auto refused = [&](const auto& change, const std::string& part) {
    StudyConfig config = capture_study();
    change(config);
    return base::refused([&] { prepare(config); }, part);
  };
  EXPECT_TRUE(refused([](StudyConfig& c) { c.base.training.capture = "8,16"; }, "2 sizes cannot tell"));
  EXPECT_TRUE(
      refused([](StudyConfig& c) { c.base.training.capture = "8,9,10,11,12"; }, "less than one decade"));
  EXPECT_TRUE(
      refused([](StudyConfig& c) { c.axes[0].values.emplace_back("mqar"); }, "the task mqar has no sizes"));
  EXPECT_TRUE(refused([](StudyConfig& c) { c.axes[0].values = {"sort:letters=64"}; },
                      "at most as many as there are letters, 64; found 128"));
  StudyConfig other = capture_study();
  other.base.training.capture.clear();
  EXPECT_EQ(capture_plugin(other), nullptr);
}

TEST(TaskAxis, TasksShareTheOptionsThatAllHave) {
  StudyConfig config = capture_study();
  config.task_options = {{"train_min_length", 4}, {"train_max_length", 8}};
  config.axes[0].values = {"copy", "sort:letters=200"};
  const auto all = kinds(config);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].name, "sort:letters=200");
  EXPECT_EQ(all[1].config.task.at("letters"), 200);
  for (const Kind& kind : all) EXPECT_EQ(kind.config.task.at("train_max_length"), 8);
  EXPECT_TRUE(matches(all[0], {{kTask, "copy"}}));
  EXPECT_FALSE(matches(all[1], {{kTask, "copy"}}));
  const Json json = to_json(config);
  EXPECT_EQ(json.at("run").at("task"), config.task_options);
  EXPECT_EQ(json.at("axes").at(kTask), (Json{"copy", "sort:letters=200"}));
  config.axes[0].values = {"copy:train_max_length=9"};
  EXPECT_TRUE(base::refused([&] { kinds(config); }, "train_max_length of copy is given for all tasks too"));
  EXPECT_EQ(parse_axis("task=copy;sort:letters=9,split_seed=2", config.base),
            (Axis{kTask, {"copy", "sort:letters=9,split_seed=2"}}));
}

}  // namespace
}  // namespace yore::study
