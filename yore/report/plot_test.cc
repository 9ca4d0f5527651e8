#include "yore/report/plot.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>
#include <stdexcept>

#include "yore/base/error.h"

namespace yore::report {
namespace {

Plot sample() {
  Plot plot;
  plot.label = "accuracy falls with length";
  plot.x_label = "length";
  plot.y_label = "accuracy, %";
  plot.shade = Shade{1, 40, "training lengths"};
  plot.references = {{50, "guessing"}};
  Series one{"global", {}, 0, true, true, true};
  for (int x = 1; x <= 300; x += 10) one.points.emplace_back(x, 100.0 - x / 6.0, 95.0 - x / 6.0, 100.0);
  plot.series = {one, {"hybrid", {{1, 100}, {300, 100}}, 1}};
  return plot;
}

TEST(DrawPlot, HasWhatWasAsked) {
  const std::string s = draw_plot(sample(), "p-");
  EXPECT_TRUE(s.starts_with("<svg viewBox=\"0 0 760 400\""));
  for (const char* text : {"length", "accuracy, %", "training lengths", "guessing", "global", "hybrid"})
    EXPECT_NE(s.find(text), std::string::npos) << text;
  EXPECT_NE(s.find("aria-label=\"accuracy falls with length\""), std::string::npos);
  EXPECT_NE(s.find("rgb(  0, 114, 178)"), std::string::npos) << "the first colour of the palette";
}

TEST(DrawPlot, WhatHasNoPointsIsKnown) {
  Plot plot = sample();
  EXPECT_TRUE(has_points(plot));
  plot.log_y = true;
  plot.series = {{"zero", {{1, 0}, {2, 0}}, 0}, {"none", {}, 1}};
  EXPECT_FALSE(has_points(plot));
  EXPECT_THROW(draw_plot(plot, "p-"), std::invalid_argument);
}

TEST(DrawPlot, TwoPlotsShareNoId) {
  const auto ids = [](const std::string& s) {
    std::set<std::string> found;
    for (std::size_t at = 0; (at = s.find(" id=", at)) != std::string::npos; ++at)
      found.insert(s.substr(at + 5, s.find_first_of("\"'", at + 5) - at - 5));
    return found;
  };
  const auto a = ids(draw_plot(sample(), "a-")), b = ids(draw_plot(sample(), "b-", kNarrow));
  EXPECT_GT(a.size(), 3u);
  for (const auto& id : a) {
    EXPECT_TRUE(id.starts_with("a-")) << id;
    EXPECT_FALSE(b.contains(id)) << id;
  }
}

TEST(DrawPlot, LabelsAreTextNeverCommandsOrMarkup) {
  Plot plot = sample();
  plot.series[0].name = "it's `touch x` <b> & \"q\" a_b^c @x $HOME %d \\n";
  plot.x_label = "x'; exit; '";
  const std::string s = draw_plot(plot, "p-");
  EXPECT_NE(s.find("it's `touch x` &lt;b> &amp; \"q\" a_b^c @x $HOME %d \\n"), std::string::npos)
      << s.substr(s.size() / 2);
  EXPECT_NE(s.find("x'; exit; '"), std::string::npos);
}

TEST(DrawPlot, LogAxesLeaveOutWhatTheyCannotShow) {
  Plot plot = sample();
  plot.shade.reset();
  plot.references.clear();
  plot.log_x = plot.log_y = true;
  plot.series = {{"x", {{0, 1}, {1, 0}, {-1, 1}, {1, 1}, {10, 10}, {100, 1000}}, 0, true, true}};
  EXPECT_NE(draw_plot(plot, "p-").find("1000"), std::string::npos);
  plot.series = {{"x", {{0, 1}}, 0}};
  EXPECT_THROW(draw_plot(plot, "p-"), std::invalid_argument);
}

// Where the drawing puts a series' markers: the numbers of "translate(x,y)".
std::vector<std::pair<double, double>> markers(const std::string& svg) {
  std::vector<std::pair<double, double>> places;
  const std::string mark = "#p-gpPt6' transform='translate(";
  for (std::size_t at = 0; (at = svg.find(mark, at)) != std::string::npos; ++at) {
    double x = 0, y = 0;
    if (std::sscanf(svg.c_str() + at + mark.size(), "%lf,%lf", &x, &y) == 2) places.emplace_back(x, y);
  }
  return places;
}

TEST(DrawPlot, EqualRatiosAreEqualDistancesOnALogAxis) {
  Plot plot;
  plot.label = "two octaves and one";
  plot.log_x = true;
  plot.x_tics = {{1, "one"}, {4, "four"}, {8, "eight"}};
  plot.series = {{"", {{1, 10, 5, 20}, {4, 20, 20, 20}, {8, 30, 25, 40}}, 0, true, true, false, true}};
  const std::string svg = draw_plot(plot, "p-");
  const auto places = markers(svg);
  ASSERT_EQ(places.size(), 3u) << svg;
  EXPECT_NEAR(places[1].first - places[0].first, 2 * (places[2].first - places[1].first), 0.05);
  EXPECT_NEAR(places[0].second - places[1].second, places[1].second - places[2].second, 0.05)
      << "the other axis is not logarithmic";
  for (const char* label : {">one<", ">four<", ">eight<"})
    EXPECT_NE(svg.find(label), std::string::npos) << label;
}

TEST(DrawPlot, BarsGoFromLowToHigh) {
  Plot plot;
  plot.label = "bars";
  plot.y_range = {0, 100};
  plot.series = {{"", {{1, 50, 25, 100}, {2, 50, 0, 50}}, 0, true, true, false, true}};
  const std::string svg = draw_plot(plot, "p-");
  const auto places = markers(svg);
  ASSERT_EQ(places.size(), 2u) << svg;
  // The bar of the first point: "M x,y(low) L x,y(high)". Twice as far above the marker as below it.
  const std::string bar =
      svg.substr(svg.find(fmt::format("M{:.2f},", places[0].first), svg.find("gnuplot_plot_1")));
  double x = 0, low = 0, high = 0;
  ASSERT_EQ(std::sscanf(bar.c_str(), "M%lf,%lf L%*f,%lf", &x, &low, &high), 3) << bar.substr(0, 80);
  EXPECT_NEAR(places[0].second - high, 2 * (low - places[0].second), 0.05);
  plot.series[0].bars = false;
  EXPECT_LT(draw_plot(plot, "p-").size(), svg.size());
}

// What the drawing writes: text and its place.
struct Text {
  std::string text;
  double x = 0, y = 0;
};
std::vector<Text> texts(const std::string& svg) {
  std::vector<Text> all;
  for (std::size_t at = 0; (at = svg.find("<text>", at)) != std::string::npos; ++at) {
    const std::size_t begin = svg.find_first_not_of(' ', at + 6);
    Text text{svg.substr(begin, svg.find('<', begin) - begin)};
    const std::size_t place = svg.rfind("translate(", at);
    EXPECT_EQ(std::sscanf(svg.c_str() + place, "translate(%lf,%lf)", &text.x, &text.y), 2);
    if (!text.text.empty()) all.push_back(text);
  }
  return all;
}

double height(const std::string& svg) {
  double width = 0, value = 0;
  EXPECT_EQ(std::sscanf(svg.c_str(), "<svg viewBox=\"0 0 %lf %lf\"", &width, &value), 2);
  return value;
}

TEST(DrawPlot, NoNameLiesOverTheCurves) {
  for (const PlotSize size : {kWide, kNarrow}) {
    Plot plot = sample();
    plot.y_range = {0, 100};
    plot.references.push_back({70, "in-context 3-gram"});
    const std::string svg = draw_plot(plot, "p-", size);
    // Where the vertical axis ends; the other one has a 100 too, below it.
    double top = size.height;
    for (const Text& text : texts(svg))
      if (text.text == "100") top = std::min(top, text.y);
    ASSERT_LT(top, size.height / 2.0);
    int names = 0;
    for (const Text& text : texts(svg))
      for (const char* name : {"global", "hybrid", "guessing", "in-context 3-gram", "training lengths"})
        if (text.text == name) {
          ++names;
          EXPECT_LT(text.y, top - size.font / 2.0) << name;
        }
    EXPECT_EQ(names, 5);
  }
}

TEST(DrawPlot, ManyLongNamesLeaveThePlotItsHeight) {
  Plot plot = sample();
  plot.y_range = {0, 100};
  plot.shade.reset();
  plot.series.clear();
  std::string all;
  for (int i = 0; i < 18; ++i) {
    Series one{fmt::format("short_conv/gated_delta_net:heads=2,head_dim={},expand_v=1,größe=1", 10 + i),
               {{1, 5.0 * i}, {2, 90}},
               i,
               true,
               true};
    all += one.name;
    plot.series.push_back(one);
  }
  for (const PlotSize size : {kWide, kNarrow}) {
    const std::string svg = draw_plot(plot, "p-", size);
    std::string read;
    double top = 0, bottom = 0, lowest = 0;
    for (const Text& text : texts(svg)) {
      if (text.text == "100") top = text.y;
      if (text.text == "0") bottom = text.y;
      if (text.text == "0" || text.text == "guessing" || text.y >= height(svg) - 3 * size.font) continue;
      if (text.text.find('=') == std::string::npos && text.text.find("short") == std::string::npos) continue;
      read += text.text;
      lowest = std::max(lowest, text.y);
      EXPECT_LE(text.x + 0.6 * size.font * static_cast<double>(text.text.size()), size.width) << text.text;
    }
    EXPECT_EQ(read, all) << "each name in full, whatever lines it takes";
    EXPECT_LT(lowest, top);
    EXPECT_GT(bottom - top, 0.55 * size.height) << "as high as with two names";
  }
}

TEST(DrawPlot, ASingleStepIsTheOnlyTic) {
  Plot plot;
  plot.label = "one point";
  plot.series = {{"", {{30, 5}}, 0, true, true}, {"", {{30, 7}}, 1, true, true}};
  std::vector<std::string> steps;
  for (const Text& text : texts(draw_plot(plot, "p-", kNarrow)))
    if (std::stod(text.text) > 20) steps.push_back(text.text);
  EXPECT_EQ(steps, std::vector<std::string>{"30"}) << "no step 29.7";
}

TEST(DrawPlot, ALogarithmicAxisWithinADecadeHasNumbers) {
  Plot plot;
  plot.label = "a loss";
  plot.log_y = true;
  plot.x_tics = {{1, "x"}};
  plot.series = {{"", {{1, 1.9}, {2, 0.6}}, 0, true, true}};
  std::vector<std::string> read;
  for (const Text& text : texts(draw_plot(plot, "p-"))) read.push_back(text.text);
  EXPECT_EQ(read, (std::vector<std::string>{"0.5", "1", "2", "x"}));
  plot.series[0].points = {{1, 1}, {2, 1}};
  EXPECT_NO_THROW(draw_plot(plot, "p-")) << "all on one of the numbers";
  plot.series[0].points = {{1, 1}, {3, 0.0001}};
  read.clear();
  for (const Text& text : texts(draw_plot(plot, "p-"))) read.push_back(text.text);
  EXPECT_EQ(std::count(read.begin(), read.end(), "0.5"), 0) << "five decades have enough";
}

TEST(DrawPlot, OddDataIsDrawnOrRefusedButNeverHangs) {
  Plot plot = sample();
  const double nan = std::nan("");
  plot.series = {{"gap", {{1, 1}, {2, nan}, {3, 3}}, 0, true, true, true}, {"none", {}, 1}};
  EXPECT_NE(draw_plot(plot, "p-").find("gap"), std::string::npos);
  plot.series = {{"single", {{5, 5}}, 0, true, true, true}};
  EXPECT_NO_THROW(draw_plot(plot, "p-"));
  plot.series = {{"flat", {{1, 100}, {2, 100}}, 0}};
  EXPECT_NO_THROW(draw_plot(plot, "p-"));
  plot.series = {};
  EXPECT_THROW(draw_plot(plot, "p-"), std::invalid_argument);
}

}  // namespace
}  // namespace yore::report
