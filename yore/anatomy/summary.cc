#include "yore/anatomy/summary.h"

#include <fmt/format.h>

#include <algorithm>

namespace yore::anatomy {
namespace {

/// The mean over a layer's heads.
template <class Number>
double mean(const LayerInspection& layer, const Number& number) {
  double sum = 0;
  for (const HeadStatistics& h : layer.heads) sum += number(h);
  return sum / static_cast<double>(layer.heads.size());
}

/// What stands behind the block: the stream after its last part.
const StreamStatistics& after(const Inspection& found, int block) {
  const StreamStatistics* last = &found.stream.front();
  for (const StreamStatistics& s : found.stream)
    if (s.block == block && is_stream(s.point)) last = &s;
  return *last;
}

std::string number(const std::optional<double>& x, const char* unit = "") {
  return x ? fmt::format("{:.3g}{}", *x, unit) : "-";
}

std::string layers_table(const Inspection& found) {
  const auto tokens = static_cast<std::int64_t>(found.tokens.size());
  std::string text =
      fmt::format("{:>5}  {:>7}  {:>9}  {:>7}  {:>8}  {:>9}  {:>9}  {:>8}  {:>9}  {:>9}\n", "layer", "sinks",
                  "sink rate", "entropy", "distance", fmt::format("in {} keys", shown_window(tokens)),
                  "norm of 0", "/ early", "massive", "Jacobian");
  for (const LayerInspection& layer : found.layers) {
    std::string heads = fmt::format("{:>5}  {:>48}", layer.block, layer.mixer);
    if (!layer.heads.empty())
      heads = fmt::format("{:>5}  {:>7}  {:>9.3f}  {:>7.2f}  {:>8.1f}  {:>9.3f}", layer.block,
                          fmt::format("{}/{}",
                                      std::count_if(layer.heads.begin(), layer.heads.end(),
                                                    [](const HeadStatistics& h) { return h.is_sink(); }),
                                      layer.heads.size()),
                          mean(layer, [](const HeadStatistics& h) { return h.sink_first; }),
                          mean(layer, [](const HeadStatistics& h) { return h.entropy; }),
                          mean(layer, [](const HeadStatistics& h) { return h.distance; }),
                          mean(layer, [&](const HeadStatistics& h) { return inside_shown(h, tokens); }));
    const StreamStatistics& s = after(found, layer.block);
    text += fmt::format("{}  {:>9.3g}  {:>8}  {:>9}  {:>9}\n", heads, s.norm_first,
                        number(s.first_over_early), number(s.massive(), "x"),
                        number(s.bound ? std::optional(s.bound->median) : std::nullopt));
  }
  return text;
}

/// The places with the largest numbers beside the median, one of each coordinate.
std::string massive_lines(const Inspection& found) {
  std::vector<const StreamStatistics*> order;
  for (const StreamStatistics& s : found.stream)
    if (s.massive()) order.push_back(&s);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return *a->massive() > *b->massive(); });
  std::string text;
  std::vector<std::int64_t> named;
  for (const StreamStatistics* s : order) {
    if (named.size() == 3) break;
    if (std::find(named.begin(), named.end(), s->largest_coordinate) != named.end()) continue;
    named.push_back(s->largest_coordinate);
    text += fmt::format("  {:.4g} in coordinate {} of token {}, {}: {:.0f} times the median {:.3g}\n",
                        s->largest, s->largest_coordinate, s->largest_token, place_text(s->point, s->block),
                        *s->massive(), *s->median);
  }
  return text.empty() ? "" : "largest numbers in the residual stream:\n" + text;
}

std::string local_lines(const Inspection& found) {
  const auto tokens = static_cast<std::int64_t>(found.tokens.size());
  const std::vector<std::int64_t> sizes = window_sizes(tokens);
  std::string windows = "  window, keys", heads = "  heads       ";
  for (std::size_t i = 0; i < sizes.size() && sizes[i] < tokens; ++i) {
    std::size_t count = 0;
    for (const LayerInspection& layer : found.layers)
      for (const HeadStatistics& h : layer.heads)
        if (h.inside[i] >= kCouldBeLocal) ++count;
    windows += fmt::format("  {:>5}", sizes[i]);
    heads += fmt::format("  {:>5}", count);
  }
  return fmt::format("of {} heads, those with {:.0f} % of their attention inside a window:\n{}\n{}\n",
                     found.head_count(), 100 * kCouldBeLocal, windows, heads);
}

std::string gradient_lines(const Gradients& g) {
  std::string text =
      "gradients at token 0 (ratio: to tokens 1-31, at what the mixer is given; null: if attention were "
      "uniform):\n"
      "layer    ratio     null  |  mixer: bloat   change  compress  |  net: bloat   change  compress\n";
  for (const BlockGradients& b : g.blocks) {
    const auto branch = [](const Branch& x) {
      return fmt::format("{:>8.3g} {:>8.3g}  {:>8.3g}", x.first.bloat, x.first.change, x.first.compress);
    };
    text +=
        fmt::format("{:>5} {:>8} {:>8}  |      {}  |    {}\n", b.block, number(b.ratio),
                    number(b.uniform_ratio), branch(b.mixer), b.feed_forward ? branch(*b.feed_forward) : "-");
  }
  return text;
}

}  // namespace

std::int64_t shown_window(std::int64_t tokens) {
  std::int64_t window = 1;
  while (window < 64 && 2 * window < tokens) window *= 2;
  return window;
}

double inside_shown(const HeadStatistics& head, std::int64_t tokens) {
  const std::vector<std::int64_t> sizes = window_sizes(tokens);
  const auto at = std::find(sizes.begin(), sizes.end(), shown_window(tokens));
  return head.inside[static_cast<std::size_t>(at - sizes.begin())];
}

std::string summary(const Inspection& found) {
  std::string text = layers_table(found);
  text += fmt::format(
      "sinks: heads whose mean attention to token 0 over the first {} queries is above {}; the other numbers "
      "are\nmeans over heads (entropy in nats, distance in tokens), and the stream's after the block\n",
      kSinkQueries, kSinkThreshold);
  text += massive_lines(found) + local_lines(found);
  if (found.gradients) text += gradient_lines(*found.gradients);
  if (found.selection) text += model::selection_text(*found.selection, "loss");
  return text;
}

}  // namespace yore::anatomy
