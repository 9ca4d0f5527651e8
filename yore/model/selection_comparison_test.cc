// Comparisons of thresholds: what is passed on, which of it is time, and how it is told.
#include "yore/model/selection_comparison.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "yore/base/error.h"
#include "yore/model/test_models.h"

namespace yore::model {
namespace {

Model three_layers() {
  arch::ModelOptions options = small_options();
  options.layers = 3;
  options.attention = "global";
  return decoder(options, kLetters + 1, 3);
}

/// A number of the hidden rows, as a metric.
std::vector<base::Metric> sums(const Model& model, const Context& context) {
  const at::Tensor hidden = model.hidden(rows(some_words()), context).detach();
  return {{"words", "sum", hidden.select(1, 0).square().sum().item<double>(), hidden.size(0)}};
}

TEST(SelectionComparison, MeasuresTheWholeEachThresholdAndItsControls) {
  const Model model = three_layers();
  int calls = 0;
  const SelectionComparison all =
      compare_selections(model, {{1.5, 0.5, -1}, true, 0, 2}, [&](const Context& c) {
        ++calls;
        return sums(model, c);
      });
  EXPECT_EQ(calls, 1 + 3 * (1 + 2));
  ASSERT_EQ(all.taus.size(), 3u);
  const double whole = all.whole.metrics[0].value;
  EXPECT_EQ(all.taus[0].pass.metrics[0].value, whole) << "above 1 nothing is selected";
  EXPECT_EQ(all.taus[0].controls[1].metrics[0].value, whole) << "nor can anything be drawn";
  EXPECT_NE(all.taus[2].pass.metrics[0].value, whole);
  for (const MeasuredSelection& row : all.taus) {
    EXPECT_GE(row.pass.seconds, row.choosing_seconds);
    EXPECT_EQ(row.layers.size(), 3u);
  }
  const base::Json json = to_json(all);
  EXPECT_EQ(json["taus"][2]["tau"], -1);
  EXPECT_EQ(json["taus"][2]["controls"].size(), 2u);
  const std::int64_t tokens = rows(some_words()).tokens.size(0);
  EXPECT_DOUBLE_EQ(json["taus"][2]["share"].get<double>(), 5.0 / static_cast<double>(tokens));
  EXPECT_EQ(json["taus"][0]["share"], 1);
  EXPECT_EQ(json["taus"][0]["jaccard_before"], 1);
  EXPECT_EQ(json["taus"][0]["layers"][1]["added"], 0);
  const std::string text = selection_text(all, "sum");
  EXPECT_NE(text.find("  1.500  1.000  "), std::string::npos) << text;
  EXPECT_NE(text.find("as many at random"), std::string::npos);
  // The last layer has none behind it to share anything with.
  const SelectionComparison last =
      compare_selections(model, {{0.5}, true, 2, 0}, [&](const Context& c) { return sums(model, c); });
  EXPECT_TRUE(to_json(last)["taus"][0]["jaccard_before"].is_null());
  EXPECT_TRUE(to_json(last)["taus"][0]["jaccard_scan"].is_null());
  EXPECT_NE(selection_text(last, "sum").find(" %        -        -  "), std::string::npos);
}

TEST(SelectionComparison, RefusesBeforeItMeasures) {
  const Model model = three_layers();
  EXPECT_THROW(compare_selections(model, {{0.5, -2}, true, 0, 0},
                                  [&](const Context& c) {
                                    ADD_FAILURE() << "measured";
                                    return sums(model, c);
                                  }),
               base::InputError);
}

}  // namespace
}  // namespace yore::model
