#include "yore/report/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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

bool has_data(const Plot& plot) {
  for (const auto& series : plot.series)
    for (const auto& point : series.points)
      if (drawable(plot, point) && std::isfinite(point.x) && std::isfinite(point.y)) return true;
  return false;
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

std::string script(const Plot& plot, PlotSize size) {
  std::string s = "set encoding utf8\n";
  s += fmt::format("set terminal svg size {},{} dynamic font 'sans-serif,{}' linewidth 1 noenhanced\n",
                   size.width, size.height, size.font);
  s += "set datafile missing 'NaN'\nset style fill transparent solid 0.18 noborder\n";
  s += "set border 3 lc rgb '#555555'\nset tics nomirror out scale 0.5 textcolor rgb '#333333'\n";
  s += "set grid ytics lt 1 lw 0.6 lc rgb '#dddddd'\n";
  s += fmt::format("set xlabel {} textcolor rgb '#333333'\nset ylabel {} textcolor rgb '#333333'\n",
                   in_quotes(plot.x_label), in_quotes(plot.y_label));
  s +=
      fmt::format("set key outside above center horizontal Left reverse samplen {} textcolor rgb '#222222'\n",
                  size.width < 500 ? 2 : 3);
  if (plot.log_x) s += "set logscale x 10\n";
  if (plot.log_y) s += "set logscale y 10\nset format y '%g'\n";
  s += fmt::format("set xrange {}\nset yrange {}\n", range(plot.x_range), range(plot.y_range));
  if (!plot.x_tics.empty()) {
    std::string tics;
    for (const auto& [x, label] : plot.x_tics)
      tics += fmt::format("{}{} {}", tics.empty() ? "" : ", ", in_quotes(label), number(x));
    s += fmt::format("set xtics ({})\n", tics);
  }
  if (plot.shade) {
    s += fmt::format(
        "set object 1 rectangle from first {0}, graph 0 to first {1}, graph 1 fc rgb '#f3ead2' fs solid "
        "noborder behind\n",
        number(plot.shade->from), number(plot.shade->to));
    s += fmt::format(
        "set label 1 {} at first {}, graph 0.04 left offset character 0.4,0 textcolor rgb '#6b5a22' front\n",
        in_quotes(plot.shade->label), number(plot.shade->from));
  }
  std::string curves;
  const auto add = [&](const std::string& curve) {
    curves += (curves.empty() ? "plot " : ", \\\n     ") + curve;
  };
  for (std::size_t i = 0; i < plot.references.size(); ++i) {
    add(fmt::format("{} with lines lt 1 dt 3 lw 1.2 lc rgb '#777777' notitle", number(plot.references[i].y)));
    s += fmt::format(
        "set label {} {} at graph 0.99, first {} right offset 0,0.5 textcolor rgb '#555555' front\n", 10 + i,
        in_quotes(plot.references[i].label), number(plot.references[i].y));
  }
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
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    const Series& series = plot.series[i];
    if (series.points.empty()) continue;
    const char* with = series.line ? (series.markers ? "linespoints" : "lines") : "points";
    add(fmt::format("$d{} using 1:2 with {} lt 1 dt {} lw 2.2 pt {} ps 0.7 lc rgb '{}' {}", i, with,
                    dash(series), marker(series), colour(series),
                    series.name.empty() ? "notitle" : fmt::format("title {}", in_quotes(series.name))));
  }
  return s + curves + "\n";
}

}  // namespace

const std::vector<std::string>& palette() {
  static const std::vector<std::string> colours = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                   "#B8860B", "#56B4E9", "#444444"};
  return colours;
}

std::string draw_plot(const Plot& plot, const std::string& id_prefix, PlotSize size) {
  require_program("gnuplot", "gnuplot-nox");
  if (!has_data(plot)) throw std::invalid_argument("draw_plot: nothing to draw in " + plot.label);
  const auto result = base::run_process({"gnuplot"}, script(plot, size));
  if (result.exit_code != 0 || result.out.find("</svg>") == std::string::npos)
    throw base::InputError("gnuplot", "could not draw the plot: " + result.err);
  return embed_svg(result.out, id_prefix, plot.label);
}

}  // namespace yore::report
