#include "yore/study/matrix/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "yore/report/html.h"
#include "yore/study/matrix/statements.h"

namespace yore::study {

using expressivity::Answer;
using report::escape;

namespace {

constexpr const char* kInk = "#1b1f24";
constexpr const char* kSoft = "#56606b";
constexpr const char* kSilent = "#c3c9d0";
constexpr const char* kAgainst = "#b3261e";
constexpr int kDeep[3] = {0, 114, 178};  // the blue of the palette of the plots
constexpr double kDarkFrom = 0.55;       // a fill from which on the number on it is white
constexpr double kLetter = 0.56;         // mean width of a letter, in font sizes
constexpr double kBoldLetter = 0.64;     // the same in bold

struct MatrixLayout {
  double label, cell_width, cell_height, gap, font, small, head, group, line;
  bool label_above;
};
constexpr MatrixLayout kWideLayout{176, 78, 40, 6, 13, 11, 78, 26, 0, false};
constexpr MatrixLayout kNarrowLayout{0, 33, 33, 4, 11, 9.5, 112, 26, 17, true};

std::string shade_of(double share) {
  int rgb[3];
  for (int i = 0; i < 3; ++i) rgb[i] = static_cast<int>(std::lround(255 + share * (kDeep[i] - 255)));
  return fmt::format("#{:02x}{:02x}{:02x}", rgb[0], rgb[1], rgb[2]);
}

bool begins_letter(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;  // of UTF-8
}
std::size_t letters_in(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_letter));
}

std::string clipped(const std::string& text, double width, double font) {
  const auto most = static_cast<std::size_t>(std::max(4.0, width / (font * kLetter)));
  if (letters_in(text) <= most) return text;
  std::size_t at = 0, kept = 0;
  while (at < text.size() && (kept += begins_letter(text[at])) < most) ++at;
  return text.substr(0, at) + "…";
}

std::string text_at(double x, double y, double font, const std::string& text, const std::string& more = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"{}\"{}>{}</text>\n", x, y, font, more,
                     escape(text));
}

std::string filled(const std::string& colour) {
  return fmt::format(" fill=\"{}\"", colour);
}

// 99.96 is not 100: rounded down, as everywhere.
std::string number_text(const MatrixCell& cell, bool narrow) {
  if (!cell.measured()) return "–";
  const std::string text = percent(cell.accuracy.mean);
  const std::string number = text.substr(0, text.size() - 1);
  return narrow ? number.substr(0, number.find('.')) : number;
}

std::string answer_words(Answer answer) {
  return answer == Answer::Yes  ? "theory says yes"
         : answer == Answer::No ? "theory says no"
                                : "theory is silent";
}

/// "41-100" is a set of lengths; others are named for what they are.
std::string set_words(const std::string& set) {
  return set.find('-') == std::string::npos ? "set " + set : "lengths " + set;
}

std::string told(const MatrixRow& row, const MatrixColumn& column, const MatrixCell& cell) {
  const std::string theory = fmt::format("{} with {}: {} ({})", row.language, column.title(),
                                         answer_words(cell.theory.answer), cell.theory.because);
  if (!cell.measured()) return theory + "; not measured";
  return fmt::format("{}; measured {} on {}, where guessing gets {}; {} of {} seeds answer every tested word",
                     theory, percent(cell.accuracy.mean), set_words(cell.set), percent(cell.guessing),
                     cell.answer_all, cell.seeds);
}

// The outline: theory.
std::string outline_of(Answer answer, bool against) {
  if (against) return fmt::format("stroke=\"{}\" stroke-width=\"3\" stroke-dasharray=\"5 3\"", kAgainst);
  switch (answer) {
    case Answer::Yes:
      return fmt::format("stroke=\"{}\" stroke-width=\"2.6\"", kInk);
    case Answer::No:
      return fmt::format("stroke=\"{}\" stroke-width=\"1.5\" stroke-dasharray=\"4 3\"", kInk);
    case Answer::Unknown:
      break;
  }
  return fmt::format("stroke=\"{}\" stroke-width=\"1\"", kSilent);
}

std::string box(double x, double y, double w, double h, double share, Answer answer, bool against) {
  std::string svg = fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"4\" fill=\"{}\" {}/>\n", x, y,
      w, h, shade_of(share), outline_of(answer, against));
  if (answer == Answer::No) {  // a cross in the corner: dashes alone are easily overlooked
    const double r = w < 40 ? 2.4 : 3.2, cx = x + w - r - 3.4, cy = y + r + 3.4;
    svg += fmt::format(
        "<path d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}M{:.1f} {:.1f}L{:.1f} {:.1f}\" stroke=\"{}\" "
        "stroke-width=\"1.5\"/>\n",
        cx - r, cy - r, cx + r, cy + r, cx - r, cy + r, cx + r, cy - r,
        against              ? kAgainst
        : share >= kDarkFrom ? "#ffffff"
                             : kInk);
  }
  return svg;
}

// A dot a seed: full if it answers every tested word.
std::string dots(double cx, double y, int full, int all, const std::string& colour) {
  std::string svg;
  const double step = 8, first = cx - step * (all - 1) / 2;
  for (int i = 0; i < all; ++i)
    svg += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.6\" stroke=\"{}\" stroke-width=\"1\" fill=\"{}\"/>\n",
        first + step * i, y, colour, i < full ? colour : "none");
  return svg;
}

// Lines of at most `letters` letters, broken at spaces.
std::vector<std::string> wrapped(const std::string& text, std::size_t letters) {
  std::vector<std::string> lines(1);
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string part = text.substr(at, end - at);
    if (!lines.back().empty() && letters_in(lines.back()) + 1 + letters_in(part) > letters)
      lines.emplace_back();
    lines.back() += (lines.back().empty() ? "" : " ") + part;
    at = end + 1;
  }
  return lines;
}

class MatrixDrawing {
 public:
  MatrixDrawing(const Matrix& matrix, MatrixFit fit)
      : m_(matrix), narrow_(fit == MatrixFit::Narrow), l_(narrow_ ? kNarrowLayout : kWideLayout) {
    width_ = std::max(l_.label + static_cast<double>(m_.columns.size()) * (l_.cell_width + l_.gap) + 4,
                      narrow_ ? 330.0 : 620.0);
  }

  std::string run() {
    legend();
    headings();
    std::string group;
    for (const MatrixRow& row : m_.rows) {
      if (row.group != group) heading_of_group(row.group);
      group = row.group;
      cells(row);
    }
    return fmt::format(
        "<svg viewBox=\"0 0 {0:.0f} {1:.0f}\" xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" "
        "aria-label=\"{2}\" "
        "style=\"width:{0:.0f}px;max-width:none;height:auto\" font-family=\"system-ui, sans-serif\" "
        "fill=\"{3}\">\n"
        "<rect width=\"{0:.0f}\" height=\"{1:.0f}\" fill=\"#ffffff\"/>\n{4}</svg>\n",
        width_, y_ + 6, escape(alternative_text(m_)), kInk, svg_);
  }

 private:
  // Pairs of a sign and words, side by side as far as there is room.
  void legend() {
    double x = 2, y = 4;
    const double h = 20, w = 28;
    const auto place = [&](double sign, const std::string& words, const auto& draw) {
      const double needs = sign + 8 + static_cast<double>(words.size()) * l_.font * 0.52 + 18;
      if (x > 2 && x + needs > width_) x = 2, y += h + 8;
      svg_ += draw(x, y);
      svg_ += text_at(x + sign + 8, y + 15, l_.font, words);
      x += needs;
    };
    const auto sign_of = [&](Answer answer, bool against) {
      return [=](double at, double top) { return box(at + 1, top + 1, w, h - 2, 0, answer, against); };
    };
    place(w, "theory: can", sign_of(Answer::Yes, false));
    place(w, "theory: cannot", sign_of(Answer::No, false));
    place(w, "theory says nothing", sign_of(Answer::Unknown, false));
    if (tally_of(m_).against > 0) place(w, "found against theory", sign_of(Answer::No, true));
    place(70, "measured: from guessing to all right", [&](double at, double top) {
      std::string ramp;
      for (int i = 0; i < 7; ++i)
        ramp += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"10\" height=\"{:.1f}\" fill=\"{}\"/>\n",
                            at + 10 * i, top + 2, h - 4, shade_of(i / 6.0));
      return ramp + fmt::format(
                        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"70\" height=\"{:.1f}\" fill=\"none\" "
                        "stroke=\"{}\" stroke-width=\"0.6\"/>\n",
                        at, top + 2, h - 4, kSoft);
    });
    place(10, "a seed with every word right",
          [&](double at, double top) { return dots(at + 5, top + 10, 1, 1, kInk); });
    place(10, "a seed with some wrong",
          [&](double at, double top) { return dots(at + 5, top + 10, 0, 1, kInk); });
    y_ = y + h + 10;
  }

  void headings() {
    for (std::size_t c = 0; c < m_.columns.size(); ++c) {
      const MatrixColumn& column = m_.columns[c];
      const double middle = left(c) + l_.cell_width / 2;
      if (narrow_) {
        const std::string turn =
            fmt::format(" transform=\"rotate(-90 {:.1f} {:.1f})\"", middle, y_ + l_.head - 6);
        svg_ += text_at(middle, y_ + l_.head - 6 - 1, l_.font, clipped(column.name, l_.head, l_.font),
                        turn + " font-weight=\"600\"");
        svg_ += text_at(middle, y_ + l_.head - 6 + 11, l_.small, clipped(column.kind, l_.head, l_.small),
                        turn + filled(kSoft));
        continue;
      }
      const double room = l_.cell_width + l_.gap;
      std::vector<std::pair<std::string, bool>> lines;  // text, whether of the name
      for (const std::string& line :
           wrapped(column.name, static_cast<std::size_t>(room / (l_.font * kBoldLetter))))
        lines.emplace_back(line, true);
      for (const std::string& line :
           wrapped(column.kind, static_cast<std::size_t>(room / (l_.small * kLetter))))
        lines.emplace_back(line, false);
      double at = y_ + l_.head - 8 - 14 * static_cast<double>(lines.size() - 1);
      for (const auto& [line, name] : lines) {
        const double font = name ? l_.font : l_.small;
        svg_ +=
            text_at(middle, at, font, clipped(line, l_.cell_width + l_.gap, font),
                    std::string(" text-anchor=\"middle\"") + (name ? " font-weight=\"600\"" : filled(kSoft)));
        at += 14;
      }
    }
    y_ += l_.head;
  }

  void heading_of_group(const std::string& group) {
    y_ += l_.group;
    svg_ +=
        text_at(2, y_ - 9, l_.font, clipped(group, width_, l_.font), " font-weight=\"600\"" + filled(kSoft));
    svg_ += fmt::format("<path d=\"M2 {0:.1f}H{1:.1f}\" stroke=\"{2}\" stroke-width=\"1\"/>\n", y_ - 4,
                        width_ - 2, kSilent);
  }

  void cells(const MatrixRow& row) {
    if (l_.label_above) {
      svg_ += text_at(2, y_ + l_.line - 5, l_.font, clipped(row.language, width_, l_.font));
      y_ += l_.line;
    } else {
      svg_ += text_at(2, y_ + l_.cell_height / 2 + 5, l_.font, clipped(row.language, l_.label - 6, l_.font));
    }
    for (std::size_t c = 0; c < row.cells.size(); ++c) {
      const MatrixCell& cell = row.cells[c];
      const double share = cell.better(), x = left(c), middle = x + l_.cell_width / 2;
      const bool against = cell.theory.answer == Answer::No && cell.answer_all > 0 && cell.measured();
      const std::string ink = share >= kDarkFrom ? "#ffffff" : kInk;
      svg_ += fmt::format("<g><title>{}</title>\n", escape(told(row, m_.columns[c], cell)));
      svg_ += box(x, y_, l_.cell_width, l_.cell_height, share, cell.theory.answer, against);
      svg_ += text_at(middle, y_ + l_.cell_height / 2 + (cell.measured() ? 1.5 : 4.5), l_.font,
                      number_text(cell, narrow_),
                      " text-anchor=\"middle\"" + filled(cell.measured() ? ink : kSoft));
      if (cell.measured()) svg_ += dots(middle, y_ + l_.cell_height - 8, cell.answer_all, cell.seeds, ink);
      svg_ += "</g>\n";
    }
    y_ += l_.cell_height + l_.gap + (l_.label_above ? 2 : 0);
  }

  double left(std::size_t column) const {
    return l_.label + 2 + static_cast<double>(column) * (l_.cell_width + l_.gap);
  }

  const Matrix& m_;
  bool narrow_;
  MatrixLayout l_;
  double width_ = 0, y_ = 0;
  std::string svg_;
};

}  // namespace

std::string draw_matrix(const Matrix& matrix, MatrixFit fit) {
  return MatrixDrawing(matrix, fit).run();
}

std::string alternative_text(const Matrix& matrix) {
  const MatrixTally t = tally_of(matrix);
  return fmt::format(
      "{} languages as rows against {} mixers as columns{}. Of the measured cells theory says yes in {}, of "
      "which {} "
      "have a seed that answers every tested word; no in {}, of which {} have one; and nothing in {}, of "
      "which {} have "
      "one. {} not measured. Every cell stands in the table below.",
      matrix.rows.size(), matrix.columns.size(), matrix.where.empty() ? "" : ", " + matrix.where, t.promised,
      t.found, t.refused, t.against, t.silent, t.silent_found,
      t.missing == 1 ? "1 cell is" : fmt::format("{} cells are", t.missing));
}

}  // namespace yore::study
