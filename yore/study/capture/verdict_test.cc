#include "yore/study/capture/verdict.h"

#include <gtest/gtest.h>

#include <cmath>

#include "yore/base/random.h"
#include "yore/base/test_refusal.h"

namespace yore::study {
namespace {

const std::vector<double> kSizes = {16, 32, 64, 128, 256, 512};

NeededSet points_of(const auto& samples, const std::vector<double>& sizes = kSizes) {
  NeededSet points;
  for (const double size : sizes) points.push_back(exactly(size, samples(size)));
  return points;
}

Judgement judge_alone(const NeededSet& points) {
  return judge(points, redrawn(points, kReplicates, 1));
}

double logarithm(double t) {
  return 4 + 3 * std::log(t);
}

// The smallest n of the grid that is enough for a law.
Needed on_grid(double size, double samples, double most) {
  if (samples > most) return more_than(size, most);
  double n = 0;
  while (n < samples) n = n == 0 ? 1 : 2 * n;
  return least_on_grid(size, n);
}

TEST(CaptureVerdict, ALogarithmIsCaptured) {
  const Judgement j = judge_alone(points_of(logarithm));
  EXPECT_EQ(j.verdict, Capture::Consistent) << j.reason;
  EXPECT_EQ(j.best, static_cast<std::size_t>(Law::Logarithm));
  EXPECT_NEAR(j.fits[1].offset(), 4, 1e-3);
  EXPECT_NEAR(j.fits[1].slope(), 3, 1e-3);
  EXPECT_EQ(j.fits[1].text(), "4 + 3 ln T");
  EXPECT_GE(j.log_share, 0.95);
}

TEST(CaptureVerdict, ALineIsNot) {
  const Judgement j = judge_alone(points_of([](double t) { return 2 * t; }));
  EXPECT_EQ(j.verdict, Capture::Not) << j.reason;
  EXPECT_NEAR(j.fits[2].exponent(), 1, 1e-3);
  EXPECT_NEAR(j.fits[2].factor(), 2, 1e-2);
  EXPECT_LE(j.exponent_low, 1);
  EXPECT_GE(j.exponent_high, 1);
  EXPECT_EQ(judge_alone(points_of([](double t) { return 3 * std::sqrt(t); })).verdict, Capture::Not);
}

// Between a logarithm and a power, with noise of a third: neither may be claimed.
TEST(CaptureVerdict, ANoisyBorderlineIsUndecided) {
  int undecided = 0;
  for (int seed = 0; seed < 10; ++seed) {
    base::Random random({7, static_cast<std::uint64_t>(seed)});
    const Judgement j = judge_alone(
        points_of([&](double t) { return 4 * std::pow(t, 0.35) * std::exp(0.3 * random.normal()); }));
    undecided += j.verdict == Capture::Undecided;
  }
  EXPECT_GE(undecided, 9);
}

TEST(CaptureVerdict, WhatStaysAsItIsIsCaptured) {
  EXPECT_EQ(judge_alone(points_of([](double) { return 0.0; })).verdict, Capture::Consistent);
  EXPECT_EQ(judge_alone(points_of([](double) { return 8.0; })).verdict, Capture::Consistent);
  EXPECT_EQ(judge_alone(points_of([](double t) { return 100 / t; })).verdict, Capture::Consistent);
}

// From seeds: every replicate has the same numbers, known to a factor of two.
TEST(CaptureVerdict, OfNumbersOnTheGrid) {
  const auto of = [](const auto& samples, double most) {
    NeededSet points;
    for (const double size : kSizes) points.push_back(on_grid(size, samples(size), most));
    return judge(points, std::vector<NeededSet>(10, points));
  };
  EXPECT_EQ(of([](double t) { return 2 * t; }, 1e9).verdict, Capture::Not);
  EXPECT_EQ(of([](double) { return 0.0; }, 1e9).verdict, Capture::Consistent);
  EXPECT_EQ(of(logarithm, 1e9).verdict, Capture::Consistent)
      << "12 .. 23, as 16 and 32: grows less than ln T";
  // More than the grid is no number: here two sizes of six, which a line explains and a logarithm cannot.
  const Judgement cut = of([](double t) { return 2 * t; }, 256);
  EXPECT_EQ(cut.verdict, Capture::Not) << cut.reason;
  EXPECT_GE(cut.fits[2].at(512), 256);
  // Were it the number 256, n would look as if it came to rest.
  const Judgement few = of([](double t) { return 10 * t; }, 350);
  EXPECT_EQ(few.verdict, Capture::Undecided);
  EXPECT_TRUE(few.fits.empty());
  EXPECT_EQ(few.reason, "2 of 6 sizes have a number, the others need more than was tried");
}

TEST(CaptureVerdict, CensoredPointsAreNotNumbers) {
  NeededSet points = points_of([](double t) { return 2 * t; });
  points[4] = more_than(256, 200);
  points[5] = more_than(512, 200);
  const Judgement j = judge_alone(points);
  EXPECT_NEAR(j.fits[2].exponent(), 1, 0.01);
  points[4] = exactly(256, 200);
  points[5] = exactly(512, 200);
  EXPECT_LT(judge_alone(points).fits[2].exponent(), 0.8);
}

// A logarithm that begins far below 0 is a threshold, and two numbers behind one are no growth to speak of.
TEST(CaptureVerdict, AThresholdIsNoLaw) {
  NeededSet points;
  const double needed[] = {0, 0, 0, 32, 512};
  for (int i = 0; i < 5; ++i) points.push_back(least_on_grid(8 << i, needed[i]));
  const Judgement j = judge(points, std::vector<NeededSet>(10, points));
  EXPECT_EQ(j.verdict, Capture::Undecided);
  EXPECT_NE(j.reason.find("2 sizes have a number above 0"), std::string::npos) << j.reason;
}

TEST(CaptureVerdict, TooFewSizesAreRefused) {
  EXPECT_TRUE(base::refused([] { require_sizes({1, 10, 100, 1000}, "x"); }, "4 sizes cannot tell"));
  EXPECT_TRUE(base::refused([] { require_sizes({1, 10, 10, 100, 1000}, "x"); }, "4 sizes cannot tell"));
  EXPECT_TRUE(base::refused([] { require_sizes({16, 32, 64, 128, 159}, "x"); }, "less than one decade"));
  EXPECT_NO_THROW(require_sizes({160, 32, 64, 128, 16}, "x"));
}

TEST(CaptureVerdict, WithoutReplicatesNothingIsDecided) {
  EXPECT_EQ(judge(points_of(logarithm), {}).verdict, Capture::Undecided);
}

}  // namespace
}  // namespace yore::study
