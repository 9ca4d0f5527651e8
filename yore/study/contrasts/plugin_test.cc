#include "yore/study/contrasts/plugin.h"

#include <cmath>

#include "yore/study/contrasts/contrast.h"
#include "yore/study/test_support.h"

namespace yore::study {
namespace {

using testing::contains;

Difference of(const std::vector<double>& differences) {
  Difference d;
  for (const double x : differences) d.spread.add(x);
  return d;
}

// Standard tables: 97.5 % quantiles.
TEST(Difference, HasStudentsInterval) {
  EXPECT_EQ(student_t(1), 12.706);
  EXPECT_EQ(student_t(2), 4.303);
  EXPECT_EQ(student_t(30), 2.042);
  EXPECT_NEAR(student_t(31), 2.03951, 0.0002);
  EXPECT_NEAR(student_t(40), 2.02108, 0.0002);
  EXPECT_NEAR(student_t(60), 2.00030, 0.0002);
  EXPECT_NEAR(student_t(120), 1.97993, 0.0002);
  // Of 1, 2, 3: mean 2, deviation 1, so 4.303 / sqrt(3).
  EXPECT_NEAR(of({1, 2, 3}).half_interval(), 4.303 / std::sqrt(3.0), 1e-12);
  EXPECT_EQ(of({1, 2, 3}).sign(), Sign::Open);
  EXPECT_EQ(of({2, 2.1, 2.2}).sign(), Sign::Above);
  EXPECT_EQ(of({-2, -2.1, -2.2}).sign(), Sign::Below);
  EXPECT_EQ(of({-2}).sign(), Sign::Unknown);
  EXPECT_TRUE(std::isinf(of({}).half_interval()));
}

TEST(Contrasts, SayWhatTheDataSupports) {
  const auto row = [](const std::vector<double>& differences, std::optional<double> published) {
    return ContrastRow{{}, of(differences), published};
  };
  EXPECT_EQ(conclusion({row({1, 1.1}, std::nullopt)}), "");
  EXPECT_EQ(
      conclusion({row({1, 1.01}, 5), row({1, 1.01}, -5), row({-1, 1}, -5), row({1, 1.01}, std::nullopt)}),
      "Of 3 published signs 1 reproduced, 1 contradicted and 1 left open.");
}

class ContrastStudy : public testing::InFolder {};

TEST_F(ContrastStudy, PairsRunsOfTheSameSeed) {
  StudyConfig config = testing::small_study();
  const Axis* attention = nullptr;
  for (const Axis& axis : config.axes)
    if (axis.path == "model.attention") attention = &axis;
  ASSERT_NE(attention, nullptr);
  Contrast c{
      attention->path, attention->values.at(0), attention->values.at(1), "41-100", "accuracy", {{{}, 0.5}},
      "a paper"};
  config.contrasts = {c};
  EXPECT_EQ(run_study(config, testing::stand_in(folder_)).exit_code(), 0);
  const Json all = base::read_json(folder_ / files::kContrasts);
  ASSERT_EQ(all.size(), 1u);
  const Json& row = all[0].at("rows").at(0);
  EXPECT_EQ(row.at("pairs"), static_cast<int>(seeds(config).size()));
  EXPECT_EQ(row.at("published"), 0.5);
  // The mean of differences is the difference of means, which numbers.json has.
  const Json numbers = base::read_json(folder_ / files::kNumbersJson);
  const auto mean = [&](std::size_t kind) {
    for (const Json& metric : numbers.at("kinds")[kind].at("metrics"))
      if (metric.at("set") == "41-100" && metric.at("name") == "accuracy")
        return metric.at("mean").get<double>();
    return std::nan("");
  };
  EXPECT_NEAR(row.at("mean").get<double>(), mean(0) - mean(1), 1e-12);
  EXPECT_TRUE(contains(base::read_file(folder_ / files::kReport), "<section id=\"contrasts\""));
}

TEST_F(ContrastStudy, WhatCannotBeComparedIsRefusedBeforehand) {
  const auto refused = [&](const std::function<void(Contrast&)>& change, const std::string& what) {
    StudyConfig config = testing::small_study();
    Contrast c{"model.attention", "hybrid", "global", "41-100", "accuracy", {}, ""};
    for (const Axis& axis : config.axes)
      if (axis.path == c.path) c.of = axis.values.at(0), c.against = axis.values.at(1);
    change(c);
    config.contrasts = {c};
    try {
      run_study(config, testing::stand_in(folder_));
      ADD_FAILURE() << what;
    } catch (const base::InputError& e) {
      EXPECT_TRUE(contains(e.what(), what)) << e.what();
    }
    EXPECT_FALSE(fs::exists(folder_ / files::kStudy));
  };
  refused([](Contrast& c) { c.path = "model.atention"; }, "did you mean model.attention?");
  refused([](Contrast& c) { c.of = "nope"; }, "has no value nope");
  refused([](Contrast& c) { c.of = c.against; }, "are both");
  refused([](Contrast& c) { c.set = "41-101"; }, "did you mean 41-100?");
  refused([](Contrast& c) { c.metric = "acuracy"; }, "there is no metric \"acuracy\" in these runs");
  refused(
      [](Contrast& c) {
        c.published = {{{{"model.width", 77}}, 0.5}};
      },
      "no run of the grid is about model.width = 77");
  refused(
      [](Contrast& c) {
        c.published = {{{{"nonsense", 3}}, 0.5}};
      },
      "no run of the grid is about nonsense = 3");
  refused([](Contrast& c) { c.published = {{{}, 0.5}, {{}, -0.5}}; }, "2 differences are given for");
}

}  // namespace
}  // namespace yore::study
