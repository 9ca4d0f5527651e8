#include "yore/cli/tensor/score_lines.h"

#include <fmt/format.h>

#include "yore/tasks/formal/scores.h"
#include "yore/tasks/common/evaluation_sets.h"

namespace yore::cli {
namespace {

bool is_share(const base::Metric& metric) {
  return metric.keys.contains("correct");
}

// One metric's line.
std::string line(const base::Metric& m) {
  const std::string name = m.name == "accuracy" ? m.set : m.set + " " + m.name;
  if (!is_share(m)) return fmt::format("  {:<28}{:12.5f}   over {}\n", name, m.value, m.count);
  std::string text = fmt::format("  {:<14}{:7.2f} %   {} of {}", name, 100 * m.value,
                                 m.keys.at("correct").get<std::int64_t>(), m.count);
  if (m.keys.contains("positives")) text += " words";
  if (m.keys.value(tasks::kOneClass, false))
    text += "; all of one class: a constant answer scores 100 %, accuracy means nothing";
  if (m.keys.contains("chance"))
    text += fmt::format("   (chance {:.2f} %)", 100 * m.keys.at("chance").get<double>());
  return text + "\n";
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

}  // namespace

std::string metric_lines(const std::vector<base::Metric>& metrics) {
  std::string text;
  for (const base::Metric& m : metrics)
    if (m.set != tasks::kWitness && m.set != tasks::kByLength) text += line(m);
  return text + witness_lines(metrics);
}

}  // namespace yore::cli
