#include "yore/runs/capture.h"

#include <gtest/gtest.h>

#include "yore/base/test_refusal.h"

namespace yore::runs {
namespace {

TEST(Capture, SizesAreReadInTheirOrder) {
  EXPECT_EQ(parse_sizes("", "x"), std::vector<int>{});
  EXPECT_EQ(parse_sizes("8", "x"), std::vector<int>{8});
  EXPECT_EQ(parse_sizes("8,16,1000000", "x"), (std::vector<int>{8, 16, 1'000'000}));
  for (const char* bad : {"0", "8,", ",8", "8, 16", "8;16", "x", "1000001", "-3", "99999999999"})
    EXPECT_TRUE(base::refused([&] { parse_sizes(bad, "--capture"); }, "expected sizes from 1 to 1000000"))
        << bad;
  EXPECT_TRUE(
      base::refused([] { parse_sizes("8,16,16", "x"); }, "larger than the one before, found 16 after 16"));
}

TEST(Capture, SamplesDouble) {
  using Grid = std::vector<std::int64_t>;
  EXPECT_EQ(sample_grid(1), (Grid{0, 1}));
  EXPECT_EQ(sample_grid(8), (Grid{0, 1, 2, 4, 8}));
  EXPECT_EQ(sample_grid(15), (Grid{0, 1, 2, 4, 8}));
  EXPECT_EQ(sample_grid(std::numeric_limits<std::int64_t>::max()).size(), 64u);
}

TEST(Capture, EverySampleIsSeen) {
  TrainingConfig training;
  training.capture_steps = 10;
  training.capture_batch = 4;
  for (const std::int64_t n : {0, 1, 3, 4, 5, 40, 41, 1000}) {
    const Adaptation a = adaptation_on(n, training);
    EXPECT_GE(a.steps * a.batch, n);
    EXPECT_LE(a.batch, std::min<std::int64_t>(n, 4));
    EXPECT_TRUE(n == 0 ? a.steps == 0 : a.steps >= 10);
  }
  EXPECT_EQ(adaptation_on(1000, training).steps, 250);
}

TEST(Capture, ErrorsAreMetricsThere) {
  const CaptureError error{16, 4, 0.25, 100};
  const base::Metric metric = to_metric(error);
  EXPECT_EQ(metric.value, 0.25);
  EXPECT_EQ(capture_errors({{"validation", "accuracy", 1, 2, {}}, metric}), std::vector<CaptureError>{error});
}

TEST(Capture, ItsOptionsNeedSizes) {
  RunConfig config;
  config.training.capture_steps = 8;
  EXPECT_TRUE(base::refused([&] { validate(config); }, "training.capture: expected sizes"));
  config.training.capture = "8,16";
  EXPECT_NO_THROW(validate(config));
  config.training.capture_batch = 0;
  EXPECT_TRUE(
      base::refused([&] { validate(config); }, "training.capture_batch: expected 1 to 16777216, found 0"));
  config.training.capture_batch = 1;
  config.training.head_budget = 0.5;
  EXPECT_TRUE(base::refused([&] { validate(config); }, "no head_budget beside it"));
}

}  // namespace
}  // namespace yore::runs
