#include "yore/study/named_metrics.h"

#include "yore/base/test_refusal.h"
#include "yore/study/test_support.h"

namespace yore::study {
namespace {

class NamedMetrics : public testing::InFolder {
 protected:
  /// A study of a text that is cut into its parts by hand.
  StudyConfig text_study() const {
    const fs::path file = folder_ / "text";
    base::write_file(file, std::string(4000, 'a') + "bcdefgh\n");
    StudyConfig config;
    config.base.task = tasks::complete_task({{"name", "text"}, {"file", file.string()}, {"context", 16}});
    config.axes = {{"model.attention", {"global", "local"}}};
    return config;
  }
};

Contrast contrast_of(const std::string& set, const std::string& metric) {
  Contrast c;
  c.path = "model.attention", c.of = "global", c.against = "local";
  c.set = set, c.metric = metric;
  return c;
}

// A text has no accuracy by which its models are told apart.
TEST_F(NamedMetrics, WithoutOneTheRunsOwnIsTakenAndSaid) {
  StudyConfig config = text_study();
  PublishedValue value;
  value.set = "test";
  config.published = {value};
  config.contrasts = {contrast_of("test", ""), contrast_of("validation", ""),
                      contrast_of("test", "perplexity")};
  TaskMeasure measure;
  settle_metrics(config, measure);
  EXPECT_EQ(config.contrasts[0].metric, "bits_per_byte");
  EXPECT_EQ(config.contrasts[1].metric, "bits_per_byte");
  EXPECT_EQ(config.contrasts[2].metric, "perplexity");
  EXPECT_EQ(config.published[0].metric, "bits_per_byte");
  EXPECT_EQ(config.notes,
            (std::vector<std::string>{
                "published without a metric: bits_per_byte is taken, by which these runs are judged",
                "contrast without a metric: bits_per_byte is taken, by which these runs are judged"}));
}

TEST_F(NamedMetrics, WhatIsNotMeasuredIsRefused) {
  StudyConfig config = text_study();
  TaskMeasure measure;
  const auto refused = [&](const Contrast& contrast, const std::string& why) {
    config.contrasts = {contrast};
    EXPECT_TRUE(base::refused([&] { settle_metrics(config, measure); }, why));
  };
  refused(contrast_of("tset", ""),
          "set: there is no set \"tset\" in these runs, expected one of validation, test");
  refused(contrast_of("test", "perplexty"), "did you mean perplexity?");
}

// The sets of a task are drawn once, however many values and contrasts name them.
TEST_F(NamedMetrics, ATasksSetsAreDrawnOnce) {
  StudyConfig config = text_study();
  config.contrasts = {contrast_of("test", ""), contrast_of("test", "")};
  PublishedValue value;
  value.set = "test";
  config.published = {value, value};
  TaskMeasure measure;
  const TaskSizes* drawn = &measure.of(kinds(config).front().config);
  fs::remove(folder_ / "text");
  settle_metrics(config, measure);
  EXPECT_EQ(&measure.of(kinds(config).back().config), drawn);
}

}  // namespace
}  // namespace yore::study
