#include "yore/study/numbers.h"

#include <fmt/format.h>

#include <cmath>

namespace yore::study {
namespace {

using runs::RunResult;

// One line; -1 leaves a count empty.
struct Line {
  std::string what, name;
  std::int64_t n = -1, min_length = -1, max_length = -1, words = -1, correct = -1;
  std::string value;
};

std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "";
}
std::string count(std::int64_t value) {
  return value < 0 ? "" : std::to_string(value);
}
std::string ratio(std::int64_t correct, std::int64_t words) {
  return words == 0 ? "" : number(static_cast<double>(correct) / static_cast<double>(words));
}

std::vector<Line> lines_of(const RunResult& result) {
  std::vector<Line> lines = {{"run", "status", -1, -1, -1, -1, -1, result.status},
                             {"run", "steps", -1, -1, -1, -1, -1, std::to_string(result.steps)},
                             {"run", "seconds", -1, -1, -1, -1, -1, number(result.seconds)},
                             {"run", "parameters", -1, -1, -1, -1, -1, std::to_string(result.parameters)}};
  const auto score = [&](const runs::Score& s) {
    lines.push_back(
        {"score", s.name, -1, s.min_length, s.max_length, s.words, s.correct, ratio(s.correct, s.words)});
  };
  score(result.train_range);
  for (const auto& bucket : result.buckets) score(bucket);
  for (const auto& l : result.lengths)
    lines.push_back({"length", "", -1, l.length, l.length, l.words, l.correct, ratio(l.correct, l.words)});
  for (const auto& w : result.witnesses)
    lines.push_back({"witness", w.witness_of, w.n, w.length, w.length, 1, (w.logit > 0) == w.accepted ? 1 : 0,
                     number(w.logit)});
  for (const auto& h : result.history) {
    lines.push_back({"history", "loss", h.step, -1, -1, -1, -1, number(h.loss)});
    lines.push_back(
        {"history", "validation_accuracy", h.step, -1, -1, -1, -1, number(h.validation_accuracy)});
    lines.push_back({"history", "learning_rate", h.step, -1, -1, -1, -1, number(h.learning_rate)});
    lines.push_back({"history", "seconds", h.step, -1, -1, -1, -1, number(h.seconds)});
  }
  return lines;
}

Json json_of(const SetSummary& set) {
  if (set.accuracy.runs == 0) return nullptr;
  return {{"runs", set.accuracy.runs},
          {"mean", set.accuracy.mean},
          {"min", set.accuracy.min},
          {"max", set.accuracy.max}};
}

Json json_of(const KindSummary& kind) {
  using expressivity::Answer;
  const Answer answer = kind.prediction.answer;
  Json json = {{"attention", kind.attention},
               {"title", kind.title},
               {"theory", answer == Answer::Unknown ? Json(nullptr) : Json(answer == Answer::Yes)},
               {"logic", kind.prediction.logic},
               {"because", kind.prediction.because},
               {"planned", kind.planned},
               {"complete", kind.complete},
               {"diverged", kind.diverged},
               {"perfect", kind.perfect},
               {"validation", json_of(kind.validation)}};
  Json buckets = Json::object();
  for (const auto& bucket : kind.buckets) buckets[bucket.name] = json_of(bucket);
  json["buckets"] = buckets;
  json["witness"] = json_of(kind.witness);
  json["fails_witness_at"] = kind.fails_witness_at ? Json(*kind.fails_witness_at) : Json(nullptr);
  json["agreement"] = name(kind.agreement);
  json["conclusion"] = kind.conclusion;
  return json;
}

}  // namespace

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string numbers_csv(const std::vector<RunRecord>& records) {
  std::string csv = "attention,seed,what,name,n,min_length,max_length,words,correct,value\n";
  for (const auto& record : records) {
    if (!record.result) continue;
    for (const Line& l : lines_of(*record.result))
      csv += fmt::format("{},{},{},{},{},{},{},{},{},{}\n", csv_field(record.run.attention), record.run.seed,
                         l.what, csv_field(l.name), count(l.n), count(l.min_length), count(l.max_length),
                         count(l.words), count(l.correct), csv_field(l.value));
  }
  return csv;
}

Json numbers_json(const StudyConfig& config, const std::vector<KindSummary>& kinds,
                  const CompiledModel& compiled, const std::vector<RunRecord>& records) {
  Json summary = Json::array(), list = Json::array();
  for (const auto& kind : kinds) summary.push_back(json_of(kind));
  for (const auto& record : records)
    list.push_back({{"name", record.run.name},
                    {"attention", record.run.attention},
                    {"seed", record.run.seed},
                    {"progress", record.progress},
                    {"result", record.result ? runs::to_json(*record.result) : Json(nullptr)}});
  return {{"study", to_json(config)}, {"summary", summary}, {"compiled", to_json(compiled)}, {"runs", list}};
}

}  // namespace yore::study
