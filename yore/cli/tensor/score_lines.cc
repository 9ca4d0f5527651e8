#include "yore/cli/tensor/score_lines.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/runs/capture.h"
#include "yore/tasks/common/evaluation_sets.h"
#include "yore/tasks/formal/scores.h"

namespace yore::cli {
namespace {

bool is_share(const base::Metric& metric) {
  return metric.keys.contains("correct");
}

// "   (chance 11.00 %, in-context 3-gram 93.20 %)"; nothing where there is nothing to compare with.
std::string compared(const base::Metric& m) {
  std::vector<std::string> parts;
  const auto add = [&](const std::string& name, double value) {
    parts.push_back(is_share(m) ? fmt::format("{} {:.2f} %", name, 100 * value)
                                : fmt::format("{} {:.5f}", name, value));
  };
  if (m.keys.contains("chance")) add("chance", m.keys.at("chance").get<double>());
  if (m.keys.contains("baselines"))
    for (const auto& [name, value] : m.keys.at("baselines").items()) add(name, value.get<double>());
  return parts.empty() ? "" : fmt::format("   ({})", fmt::join(parts, ", "));
}

std::string name_of(const base::Metric& m) {
  return m.name == "accuracy" ? m.set : m.set + " " + m.name;
}

// Columns that the longest of the names and numbers fit into.
struct Widths {
  std::size_t share_name = 14, number_name = 28, number = 11;
  void add(const base::Metric& m) {
    std::size_t& width = is_share(m) ? share_name : number_name;
    width = std::max(width, name_of(m).size());
    if (!is_share(m)) number = std::max(number, fmt::formatted_size("{:.5f}", m.value));
  }
};

// One metric's line.
std::string line(const base::Metric& m, const Widths& widths) {
  const std::string name = name_of(m);
  if (!is_share(m))
    return fmt::format("  {:<{}} {:{}.5f}   over {}{}\n", name, widths.number_name, m.value, widths.number,
                       m.count, compared(m));
  std::string text = fmt::format("  {:<{}} {:6.2f} %   {} of {}", name, widths.share_name, 100 * m.value,
                                 m.keys.at("correct").get<std::int64_t>(), m.count);
  if (m.keys.contains("positives")) text += " words";
  if (m.keys.value(tasks::kOneClass, false))
    text += "; all of one class: a constant answer scores 100 %, accuracy means nothing";
  return text + compared(m) + "\n";
}

std::string witness_of(const base::Metric& m) {
  return m.keys.at("witness_of").get<std::string>();
}

// Witness strings come in pairs, one accepted and one not: half right is what knowing nothing gives.
std::string witness_lines(const std::vector<base::Metric>& metrics, std::size_t width) {
  std::string text, last;
  for (const base::Metric& first : metrics) {
    if (first.set != tasks::kWitness || witness_of(first) == last) continue;
    last = witness_of(first);
    int right = 0, all = 0;
    for (const base::Metric& m : metrics)
      if (m.set == tasks::kWitness && witness_of(m) == last)
        right += (m.value > 0) == m.keys.at("accepted").get<bool>(), ++all;
    text +=
        fmt::format("  {:<{}} {:6.2f} %   {} of {} strings that no {} model can tell apart at every length\n",
                    "witness " + last, width, 100.0 * right / all, right, all, last);
  }
  return text;
}

// A line a size: the errors of copies by the samples that they were adapted on.
std::string capture_lines(const std::vector<base::Metric>& metrics) {
  std::string text;
  int size = 0;
  for (const runs::CaptureError& e : runs::capture_errors(metrics)) {
    if (e.size != size)
      text += fmt::format("{}  capture, T = {:<8} error after", text.empty() ? "" : "\n", e.size);
    text += fmt::format("{} {} samples {:.2f} %", e.size == size ? "," : "", e.samples, 100 * e.error);
    size = e.size;
  }
  return text.empty() ? text : text + "\n";
}

}  // namespace

std::string metric_lines(const std::vector<base::Metric>& metrics) {
  const auto has_line = [](const base::Metric& m) {
    return m.set != tasks::kWitness && m.set != tasks::kByLength && m.set != runs::kCaptureSet;
  };
  Widths widths;
  for (const base::Metric& m : metrics)
    if (has_line(m))
      widths.add(m);
    else if (m.set == tasks::kWitness)
      widths.share_name = std::max(widths.share_name, ("witness " + witness_of(m)).size());
  std::string text;
  for (const base::Metric& m : metrics)
    if (has_line(m)) text += line(m, widths);
  return text + witness_lines(metrics, widths.share_name) + capture_lines(metrics);
}

}  // namespace yore::cli
