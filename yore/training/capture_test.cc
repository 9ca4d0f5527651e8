#include "yore/training/capture.h"

#include <gtest/gtest.h>

#include "yore/base/test_refusal.h"
#include "yore/training/evaluate.h"
#include "yore/training/test_runs.h"

namespace yore::training {
namespace {

runs::RunConfig capture_run() {
  runs::RunConfig c = small_run();
  c.model.attention = "global";
  c.model.strict = false;
  c.task = tasks::complete_task({{"name", "group_words"},
                                 {"group", "parity"},
                                 {"train_min_length", 4},
                                 {"train_max_length", 4},
                                 {"validation_sequences", 16},
                                 {"test_lengths", base::Json::array()}});
  c.training.steps = 4;
  c.training.capture = "4,6,9";
  c.training.capture_samples = 5;
  c.training.capture_steps = 3;
  c.training.capture_batch = 2;
  c.training.capture_test = 16;
  return c;
}

// The error without samples is that of the model itself, as evaluate() has it of the task at that size.
TEST(Capture, WithoutSamplesTheModelItselfIsTested) {
  const Scratch scratch;
  const runs::RunConfig config = capture_run();
  const runs::RunResult result = train(config, scratch / "run", quiet());
  const std::vector<runs::CaptureError> errors = runs::capture_errors(result.metrics);
  std::vector<std::pair<int, std::int64_t>> measured;
  for (const runs::CaptureError& e : errors) measured.emplace_back(e.size, e.samples);
  std::vector<std::pair<int, std::int64_t>> all;
  for (const int size : {4, 6, 9})
    for (const std::int64_t n : {0, 1, 2, 4}) all.emplace_back(size, n);
  EXPECT_EQ(measured, all) << "a model after four steps reaches nothing, so everything is tried";
  const model::SavedModel saved = model::load_model(scratch / "run");
  for (const int size : {4, 6, 9}) {
    const auto task = tasks::make_task_for(tasks::task_at_size(config.task, size, 16), config.model);
    const auto set = task->tests().front();
    EXPECT_EQ(set.batch.length(0), size);
    const double accuracy = evaluate(saved.model, *task, set).front().value;
    for (const runs::CaptureError& e : errors)
      if (e.size == size && e.samples == 0) {
        EXPECT_EQ(e.error, 1 - accuracy);
        EXPECT_EQ(e.answers, 16 * size);
      }
  }
}

// A copy on n samples is what a run of its own makes of the model with a task that draws just these.
TEST(Capture, CopiesAreFreshAndTheModelStaysAsItIs) {
  const Scratch scratch;
  runs::RunConfig config = capture_run();
  const runs::RunResult result = train(config, scratch / "run", quiet());
  const model::SavedModel saved = model::load_model(scratch / "run");
  const at::Tensor before = saved.model.parameters().flat().clone();
  // In another order of sizes, and alone, a copy's error is the same: none begins where another ended.
  runs::RunConfig alone = config;
  alone.training.capture = "9";
  std::filesystem::create_directories(scratch / "alone");
  const auto errors = capture(saved.model, alone, 4, scratch / "alone");
  std::vector<runs::CaptureError> of_nine;
  for (const runs::CaptureError& e : runs::capture_errors(result.metrics))
    if (e.size == 9) of_nine.push_back(e);
  EXPECT_EQ(errors, of_nine);
  EXPECT_TRUE(saved.model.parameters().flat().equal(before));
}

TEST(Capture, GoesOnWhereItWasInterrupted) {
  const Scratch scratch;
  const runs::RunConfig config = capture_run();
  const runs::RunResult result = train(config, scratch / "run", quiet());
  const auto all = runs::capture_errors(result.metrics);
  const model::SavedModel saved = model::load_model(scratch / "run");
  // What is there is believed; the rest is measured, and lines that no run writes do not count.
  std::filesystem::create_directories(scratch / "half");
  const std::filesystem::path half = scratch / "half";
  base::write_file(half / files::kCaptureLines,
                   R"({"step":4,"size":4,"samples":1,"error":0.125,"answers":64})"
                   "\n"
                   R"({"step":3,"size":4,"samples":2,"error":0.125,"answers":64})"
                   "\n"
                   R"({"step":4,"size":4,"samples":2,"error":-5,"answers":64})"
                   "\n"
                   R"({"step":4,"size":6.5,"samples":1,"error":0.125,"answers":64})"
                   "\n"
                   R"({"step":4,"size":1e300,"samples":1,"error":0.125,"answers":64})"
                   "\n"
                   R"({"step":4,"size":6,"sam)");
  const auto resumed = capture(saved.model, config, 4, half);
  ASSERT_EQ(resumed.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_EQ(resumed[i].error, all[i].size == 4 && all[i].samples == 1 ? 0.125 : all[i].error);
  // Now everything is there.
  EXPECT_EQ(capture(saved.model, config, 4, half), resumed);
}

TEST(Capture, NoMoreIsTriedOnceTheSmallestErrorWasReachedTwice) {
  const Scratch scratch;
  runs::RunConfig config = capture_run();
  train(config, scratch / "run", quiet());
  const model::SavedModel saved = model::load_model(scratch / "run");
  config.training.capture = "4";
  const std::filesystem::path folder = scratch / "known";
  std::filesystem::create_directories(folder);
  base::write_file(folder / files::kCaptureLines,
                   R"({"step":4,"size":4,"samples":0,"error":0.01,"answers":64})"
                   "\n"
                   R"({"step":4,"size":4,"samples":1,"error":0,"answers":64})"
                   "\n");
  EXPECT_EQ(capture(saved.model, config, 4, folder).size(), 2u);
}

TEST(Capture, WhatHasNoSizesIsRefusedBeforeTraining) {
  const Scratch scratch;
  runs::RunConfig config = capture_run();
  config.model.positions = "learned";
  config.model.max_positions = 8;
  EXPECT_TRUE(base::refused([&] { train(config, scratch / "run", quiet()); }, "expected at least 9"));
  config = small_run();
  config.training.capture = "8,16";
  EXPECT_TRUE(base::refused([&] { train(config, scratch / "run", quiet()); },
                            "the task formal has no sizes; expected one of group_words, copy"));
  EXPECT_FALSE(std::filesystem::exists(scratch / "run"));
}

}  // namespace
}  // namespace yore::training
