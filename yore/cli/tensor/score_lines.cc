#include "yore/cli/tensor/score_lines.h"

#include <fmt/format.h>

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

// One metric's line.
std::string line(const base::Metric& m) {
  const std::string name = m.name == "accuracy" ? m.set : m.set + " " + m.name;
  if (!is_share(m)) return fmt::format("  {:<28}{:12.5f}   over {}{}\n", name, m.value, m.count, compared(m));
  std::string text = fmt::format("  {:<14}{:7.2f} %   {} of {}", name, 100 * m.value,
                                 m.keys.at("correct").get<std::int64_t>(), m.count);
  if (m.keys.contains("positives")) text += " words";
  if (m.keys.value(tasks::kOneClass, false))
    text += "; all of one class: a constant answer scores 100 %, accuracy means nothing";
  return text + compared(m) + "\n";
}

// Witness strings come in pairs, one accepted and one not: half right is what knowing nothing gives.
std::string witness_lines(const std::vector<base::Metric>& metrics) {
  std::string text, last;
  const auto witness_of = [](const base::Metric& m) { return m.keys.at("witness_of").get<std::string>(); };
  for (const base::Metric& first : metrics) {
    if (first.set != tasks::kWitness || witness_of(first) == last) continue;
    last = witness_of(first);
    int right = 0, all = 0;
    for (const base::Metric& m : metrics)
      if (m.set == tasks::kWitness && witness_of(m) == last)
        right += (m.value > 0) == m.keys.at("accepted").get<bool>(), ++all;
    text +=
        fmt::format("  {:<14}{:7.2f} %   {} of {} strings that no {} model can tell apart at every length\n",
                    "witness " + last, 100.0 * right / all, right, all, last);
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
  std::string text;
  for (const base::Metric& m : metrics)
    if (m.set != tasks::kWitness && m.set != tasks::kByLength && m.set != runs::kCaptureSet) text += line(m);
  return text + witness_lines(metrics) + capture_lines(metrics);
}

}  // namespace yore::cli
