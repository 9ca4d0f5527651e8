#include "yore/anatomy/heat_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace yore::anatomy {
namespace {

using report::Html;

/// From white to dark blue, each step darker than the one before: read in grey, too (ColorBrewer's YlGnBu,
/// Brewer 2003).
constexpr std::array<std::array<int, 3>, 9> kColours = {{{255, 255, 217},
                                                         {237, 248, 177},
                                                         {199, 233, 180},
                                                         {127, 205, 187},
                                                         {65, 182, 196},
                                                         {29, 145, 192},
                                                         {34, 94, 168},
                                                         {37, 52, 148},
                                                         {8, 29, 88}}};

std::string colour(double share) {
  const double at = std::clamp(share, 0.0, 1.0) * (kColours.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(at), kColours.size() - 2);
  const double rest = at - static_cast<double>(below);
  std::array<int, 3> mixed{};
  for (std::size_t i = 0; i < 3; ++i)
    mixed[i] = static_cast<int>(
        std::lround(kColours[below][i] + rest * (kColours[below + 1][i] - kColours[below][i])));
  return fmt::format("#{:02x}{:02x}{:02x}", mixed[0], mixed[1], mixed[2]);
}

std::string text(double x, double y, double size, const std::string& anchor, const std::string& what,
                 const std::string& more = "") {
  return fmt::format("<text x=\"{:.4g}\" y=\"{:.4g}\" font-size=\"{:.4g}\" text-anchor=\"{}\"{}>{}</text>", x,
                     y, size, anchor, more, report::escape(what));
}

std::string svg(double width, double height, const std::string& label, const std::string& body,
                const std::string& more) {
  return fmt::format("<svg viewBox=\"0 0 {:.4g} {:.4g}\" role=\"img\" aria-label=\"{}\"{}>{}</svg>\n", width,
                     height, report::escape(label), more, body);
}

/// A bar of the grid's colours with the numbers at its ends.
std::string scale(const Grid& grid, double left, double top, double width) {
  constexpr int kParts = 32;
  std::string bar;
  for (int i = 0; i < kParts; ++i)
    bar += fmt::format("<rect x=\"{:.4g}\" y=\"{:.4g}\" width=\"{:.4g}\" height=\"8\" fill=\"{}\"/>",
                       left + width * i / kParts, top, width / kParts + 0.1, colour((i + 0.5) / kParts));
  return bar + text(left, top + 20, 11, "start", fmt::format("{:.3g}", grid.low)) +
         text(left + width, top + 20, 11, "end", fmt::format("{:.3g}", grid.high));
}

}  // namespace

Html heat_map(const Grid& grid) {
  constexpr double kCell = 18, kLeft = 44, kTop = 34;
  const auto rows = std::ssize(grid.rows), columns = std::ssize(grid.columns);
  // Narrow grids keep room for the scale.
  const double wide = std::max(150.0, kCell * static_cast<double>(columns));
  std::string body;
  body += text(kLeft, 12, 11, "start", grid.column_title) + text(0, kTop - 6, 11, "start", grid.row_title);
  for (std::ptrdiff_t j = 0; j < columns; ++j)
    body += text(kLeft + kCell * (static_cast<double>(j) + 0.5), kTop - 6, 10, "middle",
                 grid.columns[static_cast<std::size_t>(j)]);
  for (std::ptrdiff_t i = 0; i < rows; ++i) {
    const double y = kTop + kCell * static_cast<double>(i);
    body += text(kLeft - 6, y + 13, 10, "end", grid.rows[static_cast<std::size_t>(i)]);
    for (std::ptrdiff_t j = 0; j < columns; ++j) {
      const double value = grid.values[static_cast<std::size_t>(i * columns + j)];
      if (std::isnan(value)) continue;
      body += fmt::format(
          "<rect x=\"{:.4g}\" y=\"{:.4g}\" width=\"17\" height=\"17\" fill=\"{}\" stroke=\"#c8ccd2\" "
          "stroke-width=\".5\"><title>{} {}, {} {}: {:.3g}</title></rect>",
          kLeft + kCell * static_cast<double>(j), y, colour((value - grid.low) / (grid.high - grid.low)),
          report::escape(grid.row_title), report::escape(grid.rows[static_cast<std::size_t>(i)]),
          report::escape(grid.column_title), report::escape(grid.columns[static_cast<std::size_t>(j)]),
          value);
    }
  }
  const double bottom = kTop + kCell * static_cast<double>(rows) + 10, width = kLeft + wide + 6;
  body += scale(grid, kLeft, bottom, std::min(wide, 220.0));
  return Html::raw(svg(width, bottom + 24, grid.label, body,
                       fmt::format(" style=\"width:100%;max-width:{:.0f}px\"", 1.4 * width)));
}

Html attention_square(const Square& square) {
  const auto side = static_cast<double>(square.side), margin = std::max(3.0, side / 12);
  constexpr std::size_t kCount = std::size(kSteps);
  std::array<std::string, kCount> paths;
  for (std::int64_t i = 0; i < square.side; ++i)
    for (std::int64_t j = 0; j < square.side;) {
      const auto level = [&](std::int64_t column) {
        const auto value =
            static_cast<double>(square.values[static_cast<std::size_t>(i * square.side + column)]);
        return std::upper_bound(std::begin(kSteps), std::end(kSteps), value) - std::begin(kSteps);
      };
      const auto here = level(j);
      std::int64_t end = j + 1;
      while (end < square.side && level(end) == here) ++end;
      if (here > 0)
        paths[static_cast<std::size_t>(here) - 1] += fmt::format("M{} {}h{}v1h-{}z", j, i, end - j, end - j);
      j = end;
    }
  std::string body = fmt::format(
      "<g transform=\"translate({0:.4g} {0:.4g})\"><rect width=\"{1}\" height=\"{1}\" "
      "fill=\"#ffffff\" stroke=\"#888\" stroke-width=\".2\"/>",
      margin, side);
  std::string key;
  for (std::size_t i = 0; i < kCount; ++i) {
    const std::string fill = colour(static_cast<double>(i + 1) / kCount);
    body += fmt::format("<path fill=\"{}\" d=\"{}\"/>", fill, paths[i]);
    key += fmt::format(
        "<span style=\"white-space:nowrap\"><span style=\"display:inline-block;width:.9em;height:.9em;"
        "vertical-align:-.1em;border:1px solid #888;background:{}\"></span> {:g}&ensp;</span> ",
        fill, kSteps[i]);
  }
  for (std::int64_t i = 0; i < square.side; ++i) {
    const std::string& name = square.names[static_cast<std::size_t>(i)];
    const double at = static_cast<double>(i) + 0.8;
    body += text(-0.3, at, 0.8, "end", name);
    body +=
        text(0, 0, 0.8, "start", name, fmt::format(" transform=\"translate({:.4g} -.3) rotate(-90)\"", at));
  }
  body += "</g>";
  std::string choice;
  for (const int size : {1, 2, 4, 8})
    choice += fmt::format(
        "<input type=\"radio\" name=\"{0}\" id=\"{0}-{1}\" class=\"x{1}\"{2}><label for=\"{0}-{1}\">"
        "{1}x</label> ",
        square.id, size, size == 1 ? " checked" : "");
  return Html::raw(fmt::format(
      "<div class=\"zoom\">{}<div class=\"picture\" tabindex=\"0\">{}</div></div>"
      "<p class=\"soft\">attention above: {}</p>\n",
      choice,
      svg(side + margin + 1, side + margin + 1, square.label, body, " shape-rendering=\"crispEdges\""), key));
}

}  // namespace yore::anatomy
