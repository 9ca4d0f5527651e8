#include "yore/runs/measures.h"

#include <gtest/gtest.h>

#include "yore/base/test_refusal.h"

namespace yore::runs {
namespace {

using Names = std::vector<std::string>;

TEST(Measures, AreReadByName) {
  EXPECT_EQ(parse_measures("", "x"), Names{});
  EXPECT_EQ(parse_measures("w8a8", "x"), Names{"w8a8"});
  EXPECT_EQ(parse_measures("sinks,w8a8", "x"), (Names{"sinks", "w8a8"}));
  EXPECT_TRUE(base::refused([] { parse_measures("sink", "--measure"); }, "did you mean sinks?"));
  EXPECT_TRUE(base::refused([] { parse_measures("sinks,sinks", "--measure"); }, "is there twice"));
  EXPECT_TRUE(base::refused([] { parse_measures("sinks,", "--measure"); }, "found \"\""));
}

TEST(Measures, NameWhatTheyAdd) {
  EXPECT_EQ(with_measures({}, true, {"loss"}), Names{"loss"});
  EXPECT_EQ(with_measures({"sinks", "w8a8"}, false, {"accuracy", "loss"}),
            (Names{"accuracy", "loss", "accuracy_w8a8", "loss_w8a8"}));
  const Names all = with_measures({"sinks", "w8a8"}, true, {"loss"});
  EXPECT_EQ(all.size(), 2 + sink_metric_names().size());
  EXPECT_EQ(all.back(), "loss_w8a8");
}

}  // namespace
}  // namespace yore::runs
