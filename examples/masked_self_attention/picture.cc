#include "picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace {

constexpr int kCell = 36, kLeft = 64, kTop = 84, kGap = 24;

std::string text(int x, int y, const std::string& more, const std::string& content) {
  return fmt::format("<text x=\"{}\" y=\"{}\"{}>{}</text>\n", x, y, more, content);
}

/// The beginning of a rectangle.
std::string box(int x, int y, int width, int height) {
  return fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", x, y, width, height);
}

std::string cell(int x, int y, double number, double largest) {
  const double strength = std::min(1.0, std::abs(number) / largest);
  std::string out;
  if (strength >= 0.005)
    out = fmt::format("{} class=\"{}\" fill-opacity=\"{:.2f}\"/>\n", box(x, y, kCell, kCell),
                      number > 0 ? "p" : "n", strength);
  if (std::abs(number) >= 0.005)
    out += text(x + kCell / 2, y + kCell / 2 + 4, strength > 0.6 ? " class=\"w\"" : "",
                fmt::format("{:.2f}", number));
  return out;
}

/// What the mask hides in row i, neighbours in one piece.
std::string hidden(const Mask& mask, int i, int words, int left) {
  std::string out;
  for (int j = 0; j < words; ++j) {
    const int first = j;
    while (j < words && !mask.lets(i, j)) ++j;
    if (j > first)
      out += box(left + first * kCell, kTop + i * kCell, (j - first) * kCell, kCell) + " class=\"h\"/>\n";
  }
  return out;
}

std::string square(const Square& s, const std::vector<std::string>& words, int left) {
  const int side = static_cast<int>(words.size()) * kCell;
  std::string out = text(left + side / 2, 16, " class=\"t\"", s.title);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const int along = static_cast<int>(i) * kCell;
    out += text(left - 6, kTop + along + kCell / 2 + 4, " class=\"r\"", words[i]);
    const int x = left + along + kCell / 2 + 4;
    out +=
        text(x, kTop - 6, fmt::format(" class=\"c\" transform=\"rotate(-60 {} {})\"", x, kTop - 6), words[i]);
    for (std::size_t j = 0; j < words.size(); ++j)
      if (s.mask.lets(static_cast<int>(i), static_cast<int>(j)))
        out += cell(left + static_cast<int>(j) * kCell, kTop + along, s.numbers[i][j], s.largest);
    out += hidden(s.mask, static_cast<int>(i), static_cast<int>(words.size()), left);
  }
  return out + box(left, kTop, side, side) + " class=\"f\"/>\n";
}

}  // namespace

std::string picture(const std::vector<Square>& squares, const std::vector<std::string>& words) {
  const int side = static_cast<int>(words.size()) * kCell;
  const int width = static_cast<int>(squares.size()) * (kLeft + side + kGap), height = kTop + side + 8;
  // A background of its own: the words can be read on a dark page too.
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
      "role=\"img\">\n"
      "<style>text{{font:11px sans-serif;text-anchor:middle}}.t{{font-size:14px}}.r{{text-anchor:end}}"
      ".c{{text-anchor:start}}.w{{fill:#fff}}.p{{fill:#1f5fa8}}.n{{fill:#c75a10}}.h{{fill:#d8d8d8}}"
      ".f{{fill:none;stroke:#888}}.b{{fill:#fff}}</style>\n",
      width, height);
  out += box(0, 0, width, height) + " class=\"b\"/>\n";
  int left = kLeft;
  for (const Square& s : squares) {
    out += square(s, words, left);
    left += side + kGap + kLeft;
  }
  return out + "</svg>\n";
}
