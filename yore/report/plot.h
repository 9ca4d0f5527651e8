// Line plots with bands and markers as SVG, drawn by gnuplot.
#pragma once
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace yore::report {

/// Colours that stay apart for colour-blind readers (Okabe & Ito 2008), dark enough on white. Index 0 is
/// blue.
const std::vector<std::string>& palette();

/// One measured point; low..high is the band around it (equal to y if there is none). NaN breaks the line.
struct Point {
  double x = 0, y = 0, low = 0, high = 0;
  Point(double x_, double y_) : x(x_), y(y_), low(y_), high(y_) {}
  Point(double x_, double y_, double low_, double high_) : x(x_), y(y_), low(low_), high(high_) {}
};

/// A line or a cloud of points. Style numbers pick colour, dash and marker together: colour is never the only
/// difference.
struct Series {
  std::string name;  ///< in the legend; none if empty
  std::vector<Point> points;
  int style = 0;
  bool line = true, markers = false, band = false;
  bool bars = false;  ///< a vertical bar from low to high at each point
};

/// An interval of the x axis, drawn as a shaded background and named in the legend, e.g. the lengths seen in
/// training.
struct Shade {
  double from = 0, to = 0;
  std::string label;
};

/// A dashed horizontal line that the legend names, e.g. what guessing would score.
struct Reference {
  double y = 0;
  std::string label;
};

/// Everything about one plot.
struct Plot {
  std::string label;  ///< one sentence for readers who cannot see it
  std::string x_label, y_label;
  bool log_x = false, log_y = false;  ///< points that are not positive are then left out
  std::optional<std::pair<double, double>> x_range, y_range;  ///< chosen from the data if absent
  std::vector<std::pair<double, std::string>> x_tics;         ///< places and labels, instead of chosen ones
  std::optional<Shade> shade;
  std::vector<Reference> references;
  std::vector<Series> series;
};

/// The size of the drawing in units of which a letter has 14 (wide) or so: pick kNarrow for phones, where a
/// wide drawing scaled down could not be read. A legend of more than two rows makes the drawing higher.
struct PlotSize {
  int width, height, font;
};
inline constexpr PlotSize kWide{760, 400, 14};
inline constexpr PlotSize kNarrow{360, 340, 12};

/// Whether any point can be drawn: one that is not positive has no place on a logarithmic axis.
bool has_points(const Plot& plot);

/// The plot, which has_points(), as an <svg> element to embed, its ids beginning with `id_prefix`. Throws
/// InputError if gnuplot is missing or refuses.
std::string draw_plot(const Plot& plot, const std::string& id_prefix, PlotSize size = kWide);

}  // namespace yore::report
