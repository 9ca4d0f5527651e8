#include "yore/report/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "yore/base/error.h"
#include "yore/base/process.h"
#include "yore/report/svg.h"

namespace yore::report {
namespace {

// gnuplot expands nothing inside single quotes (in double quotes it would even run `commands`).
std::string in_quotes(const std::string& text) {
  std::string result = "'";
  for (char c : text) {
    if (c == '\'') result += '\'';
    result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return result + "'";
}

std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{:.10g}", value) : "NaN";
}

bool drawable(const Plot& plot, const Point& point) {
  return (!plot.log_x || point.x > 0) && (!plot.log_y || (point.y > 0 && point.low > 0));
}

// The points that will be seen.
std::vector<Point> seen(const Plot& plot) {
  std::vector<Point> points;
  for (const auto& series : plot.series)
    for (const auto& point : series.points)
      if (drawable(plot, point) && std::isfinite(point.x) && std::isfinite(point.y)) points.push_back(point);
  return points;
}

std::string range(const std::optional<std::pair<double, double>>& limits) {
  return limits ? fmt::format("[{}:{}]", number(limits->first), number(limits->second)) : "[*:*]";
}

std::string colour(const Series& series) {
  return palette()[static_cast<std::size_t>(series.style) % palette().size()];
}

// Filled circle, filled square, filled triangle, filled diamond, then their outlines.
int marker(const Series& series) {
  static constexpr int kMarkers[] = {7, 5, 9, 13, 6, 4, 8, 12};
  return kMarkers[static_cast<std::size_t>(series.style) % std::size(kMarkers)];
}

// Markers tell the first seven styles apart where there are any; dashes do where there are none.
int dash(const Series& series) {
  return series.markers ? 1 : 1 + series.style % 5;
}

std::string data_block(const Plot& plot, std::size_t index) {
  std::string block = fmt::format("$d{} << EOD\n", index);
  for (const auto& p : plot.series[index].points)
    if (drawable(plot, p))
      block += fmt::format("{} {} {} {}\n", number(p.x), number(p.y), number(p.low), number(p.high));
  return block + "EOD\n";
}

// How a series is drawn, in the plot and in the key.
std::string style(const Series& series) {
  const char* with = series.line ? (series.markers ? "linespoints" : "lines") : "points";
  return fmt::format("with {} lt 1 dt {} lw 2.2 pt {} ps 0.7 lc rgb '{}'", with, dash(series), marker(series),
                     colour(series));
}

// Thin and grey, each with dashes of its own, none like those of a series.
std::string reference_style(std::size_t index) {
  static constexpr const char* kDashes[] = {"(2,4)", "(10,4,2,4)", "(10,4,2,4,2,4)"};
  return fmt::format("with lines lt 1 dt {} lw 1.4 lc rgb '#666666'", kDashes[index % std::size(kDashes)]);
}

constexpr const char* kShadeColour = "#f3ead2";

// A line of the key: what stands before the text, which is empty where a long name goes on.
struct KeyLine {
  std::string sample, text;
};

// Where the next line of a name that is longer than `most` letters begins: after a separator if there is one.
std::size_t break_at(const std::string& text, std::size_t most) {
  std::size_t end = 0, letters = 0, separator = 0;
  while (end < text.size() && letters < most) {
    do ++end;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80);
    ++letters;
    if (std::string_view(" ,;:/").find(text[end - 1]) != std::string_view::npos) separator = end;
  }
  return end == text.size() || separator == 0 ? end : separator;
}

// Everything that is drawn is named in the key, which stands above the plot: a name beside a line would lie
// over curves sooner or later.
struct Key {
  std::vector<KeyLine> lines;
  int columns = 1;
  int height = 0;  ///< what the drawing grows by, so that the plot keeps its own height
};

Key key_of(const Plot& plot, PlotSize size) {
  std::vector<KeyLine> names;
  for (const Series& series : plot.series)
    if (!series.name.empty() && !series.points.empty()) names.push_back({style(series), series.name});
  for (std::size_t i = 0; i < plot.references.size(); ++i)
    names.push_back({reference_style(i), plot.references[i].label});
  if (plot.shade)
    names.push_back(
        {fmt::format("with boxes fs solid noborder fc rgb '{}'", kShadeColour), plot.shade->label});
  // A letter is about 0.62 of the font wide, a sample with the space around it seven letters.
  const double letter = 0.62 * size.font;
  const auto most = static_cast<std::size_t>(size.width / letter) - 7;
  Key key;
  std::size_t longest = 1;
  for (const KeyLine& name : names) {
    std::string rest = name.text;
    for (bool first = true; first || !rest.empty(); first = false) {
      const std::size_t end = break_at(rest, most);
      // Nothing is drawn before a line that goes on.
      key.lines.push_back({first ? name.sample : "with dots lc rgb '#ffffff'", rest.substr(0, end)});
      longest = std::max(longest, end);
      rest.erase(0, end);
    }
  }
  // Names that are broken stand in one column, where their lines follow each other.
  if (key.lines.size() == names.size())
    key.columns = std::max(1, static_cast<int>(size.width / (letter * static_cast<double>(longest + 7))));
  const int rows = (static_cast<int>(key.lines.size()) + key.columns - 1) / key.columns;
  // gnuplot gives each row 1.67 of the font; two fit into the size that was asked for.
  key.height = std::max(0, static_cast<int>(std::ceil(1.67 * size.font * (rows - 2))));
  return key;
}

// 1, 2 and 5 times the powers of ten around the values of a logarithmic axis, which may lie within one decade
// and then would see two numbers at most.
std::vector<double> decade_parts(double low, double high) {
  std::vector<double> all;
  for (int e = static_cast<int>(std::floor(std::log10(low))); e <= std::ceil(std::log10(high)); ++e)
    for (const double part : {1.0, 2.0, 5.0}) all.push_back(part * std::pow(10.0, e));
  std::vector<double> around;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool before = i + 1 < all.size() && all[i + 1]<low, after = i> 0 && all[i - 1] > high;
    if (!before && !after) around.push_back(all[i]);
  }
  return around;
}

constexpr double kFewDecades = 100;  ///< a logarithmic axis of a smaller ratio is labelled within decades

// Ranges and tics, where gnuplot's own choice would not be readable.
std::string axes(const Plot& plot) {
  const std::vector<Point> points = seen(plot);
  auto x_range = plot.x_range, y_range = plot.y_range;
  auto x_tics = plot.x_tics;
  const double x = points.front().x;
  // Around a single x gnuplot would put fractions of a step.
  if (!x_range && x_tics.empty() &&
      std::all_of(points.begin(), points.end(), [&](const Point& p) { return p.x == x; })) {
    x_range = plot.log_x ? std::pair(x / 2, x * 2) : std::pair(x - 1, x + 1);
    x_tics = {{x, fmt::format("{:g}", x)}};
  }
  std::string s, tics;
  if (plot.log_y && !y_range) {
    double low = points.front().y, high = low;
    for (const Point& p : points) {
      low = std::min({low, p.y, p.low});
      high = std::max({high, p.y, p.high});
    }
    if (std::isfinite(low) && std::isfinite(high) && high < kFewDecades * low) {
      const std::vector<double> parts = decade_parts(low, high);
      y_range = {parts.front(), parts.back()};
      for (const double y : parts) tics += (tics.empty() ? "" : ", ") + number(y);
      s += fmt::format("set ytics ({})\n", tics);
    }
  }
  s += fmt::format("set xrange {}\nset yrange {}\n", range(x_range), range(y_range));
  if (!x_tics.empty()) {
    tics.clear();
    for (const auto& [at, label] : x_tics)
      tics += fmt::format("{}{} {}", tics.empty() ? "" : ", ", in_quotes(label), number(at));
    s += fmt::format("set xtics ({})\n", tics);
  }
  return s;
}

std::string script(const Plot& plot, PlotSize size) {
  const Key key = key_of(plot, size);
  std::string s = "set encoding utf8\n";
  s += fmt::format("set terminal svg size {},{} dynamic font 'sans-serif,{}' linewidth 1 noenhanced\n",
                   size.width, size.height + key.height, size.font);
  s += "set datafile missing 'NaN'\nset style fill transparent solid 0.18 noborder\n";
  s += "set border 3 lc rgb '#555555'\nset tics nomirror out scale 0.5 textcolor rgb '#333333'\n";
  s += "set grid ytics lt 1 lw 0.6 lc rgb '#dddddd'\n";
  s += fmt::format("set xlabel {} textcolor rgb '#333333'\nset ylabel {} textcolor rgb '#333333'\n",
                   in_quotes(plot.x_label), in_quotes(plot.y_label));
  s += fmt::format(
      "set key outside above center horizontal Left reverse samplen {} maxcols {} textcolor rgb '#222222'\n",
      size.width < 500 ? 2 : 3, key.columns);
  if (plot.log_x) s += "set logscale x 10\n";
  if (plot.log_y) s += "set logscale y 10\nset format y '%g'\n";
  s += axes(plot);
  if (plot.shade)
    s += fmt::format(
        "set object 1 rectangle from first {}, graph 0 to first {}, graph 1 fc rgb '{}' fs solid "
        "noborder behind\n",
        number(plot.shade->from), number(plot.shade->to), kShadeColour);
  std::string curves;
  const auto add = [&](const std::string& curve) {
    curves += (curves.empty() ? "plot " : ", \\\n     ") + curve;
  };
  for (std::size_t i = 0; i < plot.references.size(); ++i)
    add(fmt::format("{} {} notitle", number(plot.references[i].y), reference_style(i)));
  // All bands and bars below all lines.
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    s += data_block(plot, i);
    if (plot.series[i].band && !plot.series[i].points.empty())
      add(fmt::format("$d{} using 1:3:4 with filledcurves lc rgb '{}' notitle", i, colour(plot.series[i])));
    // Strokes, not gnuplot's error bars, which draw a white disc under each.
    if (plot.series[i].bars && !plot.series[i].points.empty())
      add(fmt::format("$d{} using 1:3:(0):($4-$3) with vectors nohead lt 1 lw 1.4 lc rgb '{}' notitle", i,
                      colour(plot.series[i])));
  }
  for (std::size_t i = 0; i < plot.series.size(); ++i)
    if (!plot.series[i].points.empty())
      add(fmt::format("$d{} using 1:2 {} notitle", i, style(plot.series[i])));
  for (const KeyLine& line : key.lines)
    add(fmt::format("keyentry {} title {}", line.sample, in_quotes(line.text)));
  return s + curves + "\n";
}

}  // namespace

const std::vector<std::string>& palette() {
  static const std::vector<std::string> colours = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                   "#B8860B", "#56B4E9", "#444444"};
  return colours;
}

bool has_points(const Plot& plot) {
  return !seen(plot).empty();
}

std::string draw_plot(const Plot& plot, const std::string& id_prefix, PlotSize size) {
  require_program("gnuplot", "gnuplot-nox");
  if (!has_points(plot)) throw std::invalid_argument("draw_plot: nothing to draw in " + plot.label);
  const auto result = base::run_process({"gnuplot"}, script(plot, size));
  if (result.exit_code != 0 || result.out.find("</svg>") == std::string::npos)
    throw base::InputError("gnuplot", "could not draw the plot: " + result.err);
  return embed_svg(result.out, id_prefix, plot.label);
}

}  // namespace yore::report
