#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "yore/base/fields.h"
#include "yore/base/text.h"
#include "yore/budget/bench.h"

namespace yore::budget {
namespace {

using base::Json;

Json row_json(const BenchRun& run, const BenchRow& row, double seconds) {
  Json json = {{"rank", base::fields::enum_name(row.by)},
               {"budget", row.budget},
               {"kept", row.kept},
               {"kept_share", row.kept_share}};
  if (run.gates) json.update({{"mean_gate", row.mean_gate}, {"soft", row.soft}});
  json.update({{"hard", row.hard}, {"adapted", row.adapted}});
  if (seconds > 0)
    json.update({{"seconds", row.speed.seconds},
                 {"attention_share", row.speed.share},
                 {"speed_up", row.speed.speed_up},
                 {"formula", row.speed.formula}});
  return json;
}

Json run_json(const BenchRun& run) {
  Json json = {{"source", run.source}, {"task", run.task},   {"set", run.set},
               {"metric", run.metric}, {"gates", run.gates}, {"dense", run.dense}};
  if (run.gates) json["falls"] = run.falls;
  json["not_nested"] = run.not_nested;
  json["rows"] = Json::array();
  for (const BenchRow& row : run.rows) json["rows"].push_back(row_json(run, row, row.speed.seconds));
  return json;
}

Json range_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return {{"mean", sum / static_cast<double>(values.size())},
          {"low", *std::min_element(values.begin(), values.end())},
          {"high", *std::max_element(values.begin(), values.end())}};
}

}  // namespace

Json bench_json(const std::vector<BenchRun>& runs) {
  Json json = {{"runs", Json::array()}, {"summary", Json::array()}};
  struct Group {
    Json head;
    std::vector<std::pair<std::string, std::vector<double>>> numbers;
    void add(const std::string& name, double value) {
      for (auto& [known, values] : numbers)
        if (known == name) return values.push_back(value);
      numbers.push_back({name, {value}});
    }
  };
  std::vector<std::pair<std::string, Group>> groups;
  for (const BenchRun& run : runs) {
    json["runs"].push_back(run_json(run));
    for (const Json& row : json["runs"].back()["rows"]) {
      const std::string key = fmt::format("{} {} {}", run.kind, row["rank"].dump(), row["budget"].dump());
      auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first == key; });
      if (group == groups.end())
        group = groups.insert(groups.end(), {key,
                                             {{{"sources", Json::array()},
                                               {"task", run.task},
                                               {"set", run.set},
                                               {"metric", run.metric},
                                               {"gates", run.gates},
                                               {"rank", row["rank"]},
                                               {"budget", row["budget"]}},
                                              {}}});
      group->second.head["sources"].push_back(run.source);
      group->second.add("dense", run.dense);
      for (const auto& [name, value] : row.items())
        if (value.is_number() && name != "budget") group->second.add(name, value.get<double>());
    }
  }
  for (const auto& [key, group] : groups) {
    Json entry = group.head;
    entry["seeds"] = group.numbers.front().second.size();
    for (const auto& [name, values] : group.numbers) entry[name] = range_of(values);
    json["summary"].push_back(std::move(entry));
  }
  return json;
}

std::string bench_lines(const Json& json) {
  // "0.971 (0.962 0.98)": mean, lowest, highest.
  const auto number = [](const Json& entry, const char* name) -> std::string {
    if (!entry.contains(name)) return "-";
    const Json& range = entry[name];
    const double mean = range["mean"], low = range["low"], high = range["high"];
    return low == high ? fmt::format("{:.4g}", mean) : fmt::format("{:.4g} ({:.4g} {:.4g})", mean, low, high);
  };
  static const std::vector<std::pair<const char*, const char*>> columns = {
      {"heads", "kept_share"}, {"mean gate", "mean_gate"}, {"dense", "dense"},       {"soft", "soft"},
      {"hard", "hard"},        {"adapted", "adapted"},     {"speed-up", "speed_up"}, {"formula", "formula"}};
  std::string text, last;
  for (const Json& entry : json["summary"]) {
    const auto models = std::ssize(entry["sources"]);
    const std::string title = fmt::format(
        "{}{}: {}, {} on {}, {} {} gates\n", entry["sources"][0].get<std::string>(),
        models > 1 ? fmt::format(" and {} more", models - 1) : "", entry["task"].get<std::string>(),
        entry["metric"].get<std::string>(), entry["set"].get<std::string>(), base::counted(models, "model"),
        entry["gates"].get<bool>() ? "with" : "without");
    if (title != last) {
      text += title + fmt::format("  {:<12}{:>7}", "rank", "budget");
      for (const auto& [name, key] : columns) text += fmt::format("  {:>23}", name);
      text += "\n";
      last = title;
    }
    text += fmt::format("  {:<12}{:>7}", entry["rank"].get<std::string>(), entry["budget"].get<double>());
    for (const auto& [name, key] : columns) text += fmt::format("  {:>23}", number(entry, key));
    text += "\n";
  }
  for (const Json& run : json["runs"]) {
    if (!run.contains("falls")) continue;
    const int falls = run["falls"], not_nested = run["not_nested"];
    text += run["source"].get<std::string>() + ": ";
    text +=
        falls == 0 && not_nested == 0
            ? "order is consistent: no gate falls as the budget grows, and no larger budget loses a head\n"
            : fmt::format(
                  "gates that fall as the budget grows: {}; budgets whose heads are not among those "
                  "of the next larger one: {}\n",
                  falls, not_nested);
  }
  return text +
         "heads: share that is kept; mean gate: of all heads; dense: quality with all heads; soft: with the "
         "gates "
         "of the budget;\nhard: with the kept heads alone; adapted: and trained on; speed-up: measured, once "
         "the "
         "others are sliced away; formula:\nwhat 1 / (1 - f (1 - heads)) expects, f being attention's share "
         "of "
         "the time. (lowest highest) over models; -: not measured\n";
}

}  // namespace yore::budget
