#include "yore/study/numbers.h"

#include <fmt/format.h>

#include <cmath>

namespace yore::study {
namespace {

std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "";
}

std::string lines_of(const RunRecord& record) {
  const runs::RunResult& result = *record.result;
  std::string lines;
  const auto add = [&](const char* what, const std::string& set, const std::string& name,
                       const std::string& count, const std::string& value, const std::string& keys = "") {
    lines += fmt::format("{},{},{},{},{},{},{},{}\n", csv_field(record.run.kind), record.run.seed, what,
                         csv_field(set), csv_field(name), count, csv_field(value), csv_field(keys));
  };
  add("run", "", "status", "", result.status);
  add("run", "", "steps", "", std::to_string(result.steps));
  add("run", "", "seconds", "", number(result.seconds));
  add("run", "", "parameters", "", std::to_string(result.parameters));
  for (const base::Metric& m : result.metrics)
    add("metric", m.set, m.name, std::to_string(m.count), m.count == 0 ? "" : number(m.value), m.keys.dump());
  for (const runs::HistoryPoint& h : result.history) {
    const std::string step = std::to_string(h.step);
    add("history", "", "loss", step, number(h.loss));
    add("history", "", "validation", step, number(h.validation));
    add("history", "", "learning_rate", step, number(h.learning_rate));
    add("history", "", "seconds", step, number(h.seconds));
  }
  return lines;
}

Json json_of(const KindResults& results) {
  Json values = Json::object();
  for (const auto& [path, value] : results.kind.values) values[path] = value;
  Json metrics = Json::array();
  for (const MetricSummary& m : results.metrics) {
    Json baselines = Json::object();
    for (const auto& [name, value] : m.baselines) baselines[name] = value;
    metrics.push_back({{"set", m.set},
                       {"name", m.name},
                       {"runs", m.spread.runs},
                       {"mean", m.spread.mean},
                       {"deviation", m.spread.runs < 2 ? Json(nullptr) : Json(m.spread.deviation())},
                       {"min", m.spread.min},
                       {"max", m.spread.max},
                       {"chance", m.chance ? Json(*m.chance) : Json(nullptr)},
                       {"one_class", m.one_class},
                       {"baselines", baselines}});
  }
  return {{"name", results.kind.name},
          {"title", results.kind.title},
          {"values", values},
          {"planned", results.planned},
          {"complete", results.complete},
          {"diverged", results.diverged},
          {"goal", results.goal},
          {"metrics", metrics}};
}

}  // namespace

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string numbers_csv(const std::vector<RunRecord>& records) {
  std::string csv = "kind,seed,what,set,name,count,value,keys\n";
  for (const auto& record : records)
    if (record.result) csv += lines_of(record);
  return csv;
}

Json numbers_json(const StudyData& data, const std::vector<std::unique_ptr<Plugin>>& plugins) {
  Json list = Json::array(), all = Json::array();
  for (const auto& kind : data.kinds) list.push_back(json_of(kind));
  for (const auto& record : data.records)
    all.push_back({{"name", record.run.name},
                   {"kind", record.run.kind},
                   {"seed", record.run.seed},
                   {"progress", record.progress},
                   {"result", record.result ? runs::to_json(*record.result) : Json(nullptr)}});
  Json json = {{"title", data.config.title},
               {"about", data.config.scale},
               {"made", {{"command", data.command}, {"machine", data.machine}, {"date", data.date}}},
               {"study", to_json(data.config)},
               {"kinds", list}};
  for (const auto& plugin : plugins) json.update(plugin->numbers());
  json["runs"] = all;
  return json;
}

}  // namespace yore::study
