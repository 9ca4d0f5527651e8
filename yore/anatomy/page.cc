#include "yore/anatomy/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "yore/anatomy/heat_map.h"
#include "yore/anatomy/summary.h"
#include "yore/base/text.h"
#include "yore/report/html.h"
#include "yore/report/plot.h"
#include "yore/report/svg.h"

namespace yore::anatomy {
namespace {

using model::Point;
using report::Html;

/// Points of a curve over the tokens, at most: a page stays small, and a screen shows no more.
constexpr std::size_t kCurvePoints = 400;

Html plot(const report::Plot& what, const std::string& id, const Html& caption) {
  if (!report::has_points(what))
    return report::paragraph("Nothing to draw of this: " + what.label + ".") + report::paragraph(caption);
  return report::figure(Html::raw(report::draw_plot(what, id, report::kWide)), caption,
                        Html::raw(report::draw_plot(what, id + "-narrow", report::kNarrow)));
}

class InspectionPage {
 public:
  InspectionPage(const Inspection& found, const PageNames& names)
      : found_(found), names_(names), tokens_(std::ssize(found.tokens)) {
    for (const LayerInspection& layer : found.layers) most_heads_ = std::max(most_heads_, layer.heads.size());
  }

  std::string run() const {
    report::Page page;
    page.title = "Inside " + names_.model;
    page.heading = Html("Inside ") + report::code(names_.model);
    Html lead = Html(fmt::format("{} tokens of ", tokens_)) + report::code(names_.text) +
                fmt::format(", {}, {} of attention", base::counted(std::ssize(found_.layers), "layer"),
                            base::counted(static_cast<std::int64_t>(found_.head_count()), "head"));
    if (found_.loss) lead += fmt::format("; loss {:.4f} nats a token", *found_.loss);
    page.lead = report::element("div", report::paragraph(lead + "."), {{"class", "lead"}});
    page.sections = {{"heads", "What heads look at", heads()}};
    if (!found_.maps.empty()) page.sections.push_back({"maps", "Which token looks at which", maps()});
    page.sections.push_back({"stream", "Along the residual stream", stream()});
    if (found_.gradients) page.sections.push_back({"gradients", "Where the gradient goes", gradient()});
    if (found_.selection) page.sections.push_back({"selection", "Tokens that stand for others", selection()});
    page.sections.push_back({"text", "In words", report::preformatted(summary(found_))});
    page.footer =
        Html("Written by ") + report::code("yore inspect") +
        ". All numbers were measured on this text; inspect.json and the tables beside this page have "
        "them in full.";
    return to_html(page);
  }

 private:
  template <class Number>
  Html heads_map(const std::string& label, const Html& caption, double low, double high,
                 const Number& number) const {
    Grid grid;
    grid.label = label;
    grid.row_title = "layer";
    grid.column_title = "head";
    grid.low = low;
    double largest = low;
    for (std::size_t h = 0; h < most_heads_; ++h) grid.columns.push_back(fmt::format("{}", h));
    for (const LayerInspection& layer : found_.layers) {
      grid.rows.push_back(fmt::format("{}", layer.block));
      for (std::size_t h = 0; h < most_heads_; ++h) {
        const double value =
            h < layer.heads.size() ? number(layer.heads[h]) : std::numeric_limits<double>::quiet_NaN();
        grid.values.push_back(value);
        if (!std::isnan(value)) largest = std::max(largest, value);
      }
    }
    grid.high = high > low ? high : largest > low ? largest : low + 1;
    return report::figure(heat_map(grid), caption);
  }

  Html heads() const {
    Html body;
    body += heads_map("sink rate of every head",
                      fmt::format("Sink rate: mean attention to token 0 from the first "
                                  "{} queries. Above {} a head counts as a sink.",
                                  kSinkQueries, kSinkThreshold),
                      0, 1, [](const HeadStatistics& h) { return h.sink_first; });
    body += heads_map("largest sink rate of another token of every head",
                      "The same of another token: the largest of all that have as many queries after them.",
                      0, 1, [](const HeadStatistics& h) {
                        return h.sink_other ? *h.sink_other : std::numeric_limits<double>::quiet_NaN();
                      });
    const bool logits =
        std::any_of(found_.layers.begin(), found_.layers.end(), [](const LayerInspection& layer) {
          return !layer.heads.empty() && layer.heads.front().sink_logit_share.has_value();
        });
    if (logits)
      body +=
          heads_map("what the sink logit of every head takes",
                    "Share of the attention that the learned sink logit takes: it is attention to no token.",
                    0, 1, [](const HeadStatistics& h) { return h.sink_logit_share.value_or(0); });
    body += heads_map("entropy of every head", "Mean entropy of the attention, in nats.", 0, 0,
                      [](const HeadStatistics& h) { return h.entropy; });
    body +=
        heads_map("mean distance of every head", "Mean distance from a query to what it looks at, in tokens.",
                  0, 0, [](const HeadStatistics& h) { return h.distance; });
    body += heads_map(
        "share inside a window of every head",
        fmt::format("Share of the attention inside a window of {} keys: where it is near 1 the head could be "
                    "local.",
                    shown_window(tokens_)),
        0, 1, [&](const HeadStatistics& h) { return inside_shown(h, tokens_); });
    return body + windows();
  }

  /// How many heads have most of their attention inside which window.
  Html windows() const {
    report::Plot p;
    p.label = "heads whose attention lies inside a window, by the window's size";
    p.x_label = "keys of the window";
    p.y_label = "heads";
    p.log_x = true;
    const std::vector<std::int64_t> sizes = window_sizes(tokens_);
    int style = 0;
    for (const double share : {0.5, 0.8, 0.9, 0.95, 0.99}) {
      report::Series series;
      series.name = fmt::format("{:.0f} %", 100 * share);
      series.style = style++;
      series.markers = true;
      for (std::size_t i = 0; i < sizes.size() && sizes[i] < tokens_; ++i) {
        double count = 0;
        for (const LayerInspection& layer : found_.layers)
          for (const HeadStatistics& h : layer.heads) count += h.inside[i] >= share ? 1 : 0;
        series.points.emplace_back(static_cast<double>(sizes[i]), count);
      }
      p.series.push_back(std::move(series));
    }
    return plot(p, "windows", "Heads that have at least so much of their attention inside the window.");
  }

  /// A token's text, short and on one line.
  std::string name_of(std::int64_t place) const {
    std::string text = base::shortened(names_.token(found_.tokens[static_cast<std::size_t>(place)]), 12);
    for (char& c : text)
      if (c == '\n' || c == '\t') c = ' ';
    return text;
  }

  Html maps() const {
    Html body = report::paragraph(
        "Rows are queries, columns keys, from the top left. The larger sizes scroll; tokens stand beside "
        "them.");
    for (std::size_t i = 0; i < found_.maps.size(); ++i) {
      const AttentionMap& map = found_.maps[i];
      Square square{fmt::format("attention of layer {} head {}", map.of.block, map.of.head),
                    fmt::format("map{}", i),
                    map.side,
                    map.cells,
                    {}};
      for (std::int64_t j = 0; j < map.side; ++j) square.names.push_back(name_of(map.of.first + j * map.bin));
      body += report::element("h3", fmt::format("Layer {}, head {}: tokens {} to {}", map.of.block,
                                                map.of.head, map.of.first, map.of.end - 1));
      if (map.bin > 1)
        body += report::paragraph(
            fmt::format("A cell stands for {0} x {0} tokens: the attention that its {0} keys "
                        "get together, mean over its {0} queries. It is named by the first.",
                        map.bin));
      body += attention_square(square);
    }
    return body;
  }

  Html stream() const {
    return norms_by_position() +
           along_depth(
               "Norm of the stream after each block: token 0 and the median of all tokens.", "norm", "norms",
               {{"token 0", &StreamStatistics::norm_first}, {"median", &StreamStatistics::norm_median}}) +
           massive_table() + norms_table();
  }

  /// The stream after a first, a middle and a last block.
  Html norms_by_position() const {
    std::vector<const StreamStatistics*> places;
    for (const StreamStatistics& s : found_.stream)
      if (s.point == Point::Embedded || ends_block(s)) places.push_back(&s);
    report::Plot p;
    p.label = "norm of the residual stream against the token's position";
    p.x_label = "position + 1";
    p.y_label = "norm";
    p.log_x = p.log_y = true;
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < 5; ++i) {
      const std::size_t at = i * (places.size() - 1) / 4;
      if (chosen.empty() || chosen.back() != at) chosen.push_back(at);
    }
    int style = 0;
    for (const std::size_t at : chosen) {
      report::Series series;
      series.name = place_text(places[at]->point, places[at]->block);
      series.style = style++;
      // Positions spread evenly on the logarithmic axis.
      const auto& norms = places[at]->norms;
      std::size_t last = norms.size();
      for (std::size_t i = 0; i < kCurvePoints; ++i) {
        const double share = static_cast<double>(i) / (kCurvePoints - 1);
        const auto t = static_cast<std::size_t>(std::pow(static_cast<double>(norms.size()), share)) - 1;
        if (t == last || t >= norms.size()) continue;
        series.points.emplace_back(static_cast<double>(t) + 1, static_cast<double>(norms[t]));
        last = t;
      }
      p.series.push_back(std::move(series));
    }
    return plot(p, "positions", "Norm of the stream at each position, at a few depths.");
  }

  bool ends_block(const StreamStatistics& s) const {
    if (s.point == Point::AfterBlock) return true;
    if (s.point != Point::AfterMixer) return false;
    return std::none_of(found_.stream.begin(), found_.stream.end(), [&](const StreamStatistics& other) {
      return other.point == Point::AfterBlock && other.block == s.block;
    });
  }

  Html along_depth(const std::string& caption, const std::string& y_label, const std::string& id,
                   const std::vector<std::pair<std::string, double StreamStatistics::*>>& curves) const {
    report::Plot p;
    p.label = caption;
    p.x_label = "block";
    p.y_label = y_label;
    p.log_y = true;
    int style = 0;
    for (const auto& [name, number] : curves) {
      report::Series series;
      series.name = name;
      series.style = style++;
      series.markers = true;
      for (const StreamStatistics& s : found_.stream)
        if (ends_block(s)) series.points.emplace_back(s.block, s.*number);
      p.series.push_back(std::move(series));
    }
    return plot(p, id, caption);
  }

  Html massive_table() const {
    std::vector<const StreamStatistics*> order;
    for (const StreamStatistics& s : found_.stream)
      if (s.massive()) order.push_back(&s);
    std::stable_sort(order.begin(), order.end(),
                     [](const auto* a, const auto* b) { return *a->massive() > *b->massive(); });
    report::Table table;
    table.caption = "The largest numbers of the stream beside the median of their place";
    table.columns = {{"place"},       {"|x|", true}, {"/ median", true}, {"coordinate", true},
                     {"token", true}, {"text"}};
    for (std::size_t i = 0; i < std::min<std::size_t>(8, order.size()); ++i) {
      const StreamStatistics& s = *order[i];
      table.rows.push_back({place_text(s.point, s.block), fmt::format("{:.4g}", s.largest),
                            fmt::format("{:.4g}", *s.massive()), fmt::format("{}", s.largest_coordinate),
                            fmt::format("{}", s.largest_token), report::code(name_of(s.largest_token))});
    }
    return report::table(table);
  }

  Html norms_table() const {
    report::Table table;
    table.caption =
        "Every place: norms, and the bound of the Jacobian of the norm that reads it (gamma's largest "
        "over the root mean square)";
    table.columns = {{"place"},
                     {"norm of token 0", true},
                     {"median", true},
                     {"0 / tokens 1-15", true},
                     {"largest |x|", true},
                     {"Jacobian at 0", true},
                     {"Jacobian median", true}};
    for (const StreamStatistics& s : found_.stream) {
      const auto number = [](const std::optional<double>& x) { return x ? fmt::format("{:.4g}", *x) : "-"; };
      table.rows.push_back({place_text(s.point, s.block), fmt::format("{:.4g}", s.norm_first),
                            fmt::format("{:.4g}", s.norm_median), number(s.first_over_early),
                            fmt::format("{:.4g}", s.largest),
                            number(s.bound ? std::optional(s.bound->first) : std::nullopt),
                            number(s.bound ? std::optional(s.bound->median) : std::nullopt)});
    }
    return report::details("All places", report::table(table));
  }

  Html gradient() const {
    report::Plot p;
    p.label = "gradient-sink ratio of every layer, and that of uniform attention";
    p.x_label = "layer";
    p.y_label = "ratio";
    p.log_y = true;
    report::Series ratio, uniform;
    ratio.name = "measured";
    uniform.name = "uniform attention";
    uniform.style = 1;
    ratio.markers = uniform.markers = true;
    report::Table table;
    table.caption =
        "What each branch does to the gradient at token 0: bloat = ||g2|| / ||g1||, change = "
        "||g1 + g3|| / ||g1||, compress = ||g3|| / ||g2||";
    table.columns = {{"layer"}};
    for (const char* part : {"mixer", "net"})
      for (const char* name : {"bloat", "change", "compress"})
        table.columns.push_back({fmt::format("{} {}", part, name), true});
    for (const BlockGradients& b : found_.gradients->blocks) {
      if (b.ratio) ratio.points.emplace_back(b.block, *b.ratio);
      if (b.uniform_ratio) uniform.points.emplace_back(b.block, *b.uniform_ratio);
      std::vector<Html> row = {fmt::format("{}", b.block)};
      for (const std::optional<Branch>& branch : {std::optional(b.mixer), b.feed_forward})
        for (const auto part : {&BranchGradient::bloat, &BranchGradient::change, &BranchGradient::compress})
          row.emplace_back(branch ? fmt::format("{:.3g}", branch->first.*part) : std::string("-"));
      table.rows.push_back(std::move(row));
    }
    p.references = {{1, "as the others"}};
    p.series = {ratio, uniform};
    return plot(p, "gradient-ratio",
                fmt::format(
                    "Norm of the loss's gradient at what the mixer is given (behind the norm) at token 0, "
                    "over the mean of tokens 1 to {}. Uniform: the same if every head looked at all it "
                    "sees alike.",
                    kRatioTokens - 1)) +
           report::table(table);
  }

  Html selection() const {
    const auto from = static_cast<std::size_t>(found_.selection->from);
    Html body = report::paragraph(
        "In every layer a token whose row is unlike all earlier ones stands for itself; the others take what "
        "attention gives the one that is most like them. Losses, layer by layer, stand below, in words.");
    for (const model::MeasuredSelection& row : found_.selection->taus) {
      body += report::element("h3", fmt::format("Rows are alike from a cosine of {} on", row.tau));
      body += standing(row, from) + representatives_table(row, from);
    }
    return body;
  }

  /// Which part of the text stands for itself, layer by layer.
  Html standing(const model::MeasuredSelection& row, std::size_t from) const {
    constexpr std::int64_t kCells = 48;
    const std::int64_t bin = (tokens_ + kCells - 1) / kCells;
    Grid grid;
    grid.label = fmt::format("tokens that stand for themselves at {}", row.tau);
    grid.row_title = "layer";
    grid.column_title = bin == 1 ? "token" : fmt::format("token, {} a cell", bin);
    grid.high = 1;
    for (std::int64_t first = 0; first < tokens_; first += bin)
      grid.columns.push_back(fmt::format("{}", first));
    for (std::size_t l = from; l < row.layers.size(); ++l) {
      grid.rows.push_back(fmt::format("{}", l));
      const std::vector<std::int64_t>& proxy = row.layers[l].proxy;
      for (std::int64_t first = 0; first < tokens_; first += bin) {
        const std::int64_t end = std::min(first + bin, tokens_);
        double own = 0;
        for (std::int64_t t = first; t < end; ++t) own += proxy[static_cast<std::size_t>(t)] == t ? 1 : 0;
        grid.values.push_back(own / static_cast<double>(end - first));
      }
    }
    return report::figure(heat_map(grid), "Share of the tokens that stand for themselves.");
  }

  /// The tokens that stand for most others.
  Html representatives_table(const model::MeasuredSelection& row, std::size_t from) const {
    std::vector<double> others(static_cast<std::size_t>(tokens_), 0);
    const auto layers = static_cast<double>(row.layers.size() - from);
    for (std::size_t l = from; l < row.layers.size(); ++l)
      for (std::size_t t = 0; t < others.size(); ++t) {
        const auto proxy = static_cast<std::size_t>(row.layers[l].proxy[t]);
        if (proxy != t) others[proxy] += 1 / layers;
      }
    std::vector<std::int64_t> order(others.size());
    std::iota(order.begin(), order.end(), std::int64_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
      return others[static_cast<std::size_t>(a)] > others[static_cast<std::size_t>(b)];
    });
    report::Table table;
    table.caption = "Tokens that stand for most others, mean over layers";
    table.columns = {{"token", true}, {"text"}, {"stands for", true}};
    for (std::size_t i = 0; i < std::min<std::size_t>(8, order.size()); ++i) {
      const double count = others[static_cast<std::size_t>(order[i])];
      if (count == 0) break;
      table.rows.push_back(
          {fmt::format("{}", order[i]), report::code(name_of(order[i])), fmt::format("{:.1f}", count)});
    }
    return report::table(table);
  }

  const Inspection& found_;
  const PageNames& names_;
  std::int64_t tokens_;
  std::size_t most_heads_ = 0;
};

}  // namespace

std::string to_html(const Inspection& inspection, const PageNames& names) {
  return InspectionPage(inspection, names).run();
}

}  // namespace yore::anatomy
