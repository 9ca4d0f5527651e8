#include "bench/table.h"

#include <fmt/format.h>

#include <algorithm>

namespace yore::bench {
namespace {

using Line = std::vector<std::string>;

/// Markdown, its columns padded so that it reads in a terminal too.
std::string table(const std::vector<Line>& lines) {
  std::vector<std::size_t> width(lines.at(0).size(), 3);
  for (const Line& line : lines)
    for (std::size_t c = 0; c < line.size(); ++c) width[c] = std::max(width[c], line[c].size());
  std::string text;
  for (std::size_t l = 0; l < lines.size(); ++l) {
    for (std::size_t c = 0; c < width.size(); ++c)
      text += c == 0 ? fmt::format("| {:<{}} |", lines[l][c], width[c])
                     : fmt::format(" {:>{}} |", lines[l][c], width[c]);
    text += "\n";
    if (l != 0) continue;
    for (std::size_t c = 0; c < width.size(); ++c)
      text +=
          c == 0 ? fmt::format("|{:-<{}}|", "", width[c] + 2) : fmt::format("{:-<{}}:|", "", width[c] + 1);
    text += "\n";
  }
  return text;
}

std::string time_text(double seconds) {
  if (seconds < 1e-3) return fmt::format("{:.1f} us", 1e6 * seconds);
  if (seconds < 1) return fmt::format("{:.2f} ms", 1e3 * seconds);
  return fmt::format("{:.2f} s", seconds);
}

constexpr const char* kOthers[] = {"onnxruntime", "torch",      "sdpa",       "llama",       "stream", "read",
                                   "copy",        "one_thread", "after_1000", "after_10000", "at_64"};

std::string number(const std::optional<double>& x, int digits) {
  return x ? fmt::format("{:.{}f}", *x, digits) : "-";
}

}  // namespace

std::optional<double> Row::ratio(const std::string& other) const {
  if (times.count("yore") == 0 || times.count(other) == 0) return std::nullopt;
  return seconds(other) / seconds("yore");
}

std::string to_text(const Report& r) {
  std::string text =
      fmt::format("{}, {}; kernels for {}; load {}\n\n", r.date, r.machine, r.kernel_target, r.load);
  for (const auto& [name, what] : r.peers) text += fmt::format("{}: {}\n", name, what);
  text += "\n";
  std::vector<Line> lines = {{"ceiling", "measured"}};
  for (const auto& [name, value] : r.ceilings) lines.push_back({name, fmt::format("{:.1f}", value)});
  if (!r.ceilings.empty()) text += table(lines) + "\n";

  lines = {{"what", "time", "GFLOP/s", "of FMA peak", "of sgemm", "x ONNX Runtime", "x torch", "x llama.cpp",
            "memory"}};
  for (const Row& row : r.rows) {
    const bool timed = row.times.count("yore") != 0;
    const double seconds = timed ? row.seconds("yore") : 0;
    lines.push_back({row.name + (row.note.empty() ? "" : " (" + row.note + ")"),
                     timed ? time_text(seconds) : "-",
                     timed && row.flops > 0 ? fmt::format("{:.1f}", 1e-9 * row.flops / seconds) : "-",
                     number(row.of_peak, 2), number(row.of_sgemm, 2), number(row.ratio("onnxruntime"), 1),
                     number(row.ratio("torch"), 1), number(row.ratio("llama"), 1), number(row.memory, 2)});
  }
  text += table(lines) + "\n";
  if (r.targets.empty()) return text;

  lines = {{"target", "wanted", "measured", "met"}};
  for (const Target& t : r.targets)
    lines.push_back({t.what, fmt::format("{} {:g}", t.at_most ? "<=" : ">=", t.wanted), number(t.found, 2),
                     !t.found  ? "not measured"
                     : t.met() ? "yes"
                               : "no"});
  return text + table(lines);
}

base::Json to_json(const Report& r) {
  base::Json json = {
      {"date", r.date}, {"machine", r.machine}, {"kernel_target", r.kernel_target}, {"load", r.load}};
  for (const auto& [name, what] : r.peers) json["peers"][name] = what;
  for (const auto& [name, value] : r.ceilings) json["ceilings"][name] = value;
  json["rows"] = base::Json::array();
  for (const Row& row : r.rows) {
    base::Json line = {{"name", row.name}};
    if (!row.note.empty()) line["note"] = row.note;
    if (row.flops > 0) line["useful_flops"] = row.flops;
    for (const auto& [who, t] : row.times)
      line["seconds"][who] = {
          {"median", t.median}, {"best", t.best}, {"worst", t.worst}, {"repetitions", t.repetitions}};
    if (row.by_best) line["judged_by"] = "best";
    if (row.of_peak) line["of_fma_peak"] = *row.of_peak;
    if (row.of_sgemm) line["of_sgemm"] = *row.of_sgemm;
    for (const char* other : kOthers)
      if (const auto x = row.ratio(other)) line["times_of_ours"][other] = *x;
    if (row.memory) line["peak_memory_over_data"] = *row.memory;
    json["rows"].push_back(line);
  }
  json["targets"] = base::Json::array();
  for (const Target& t : r.targets) {
    base::Json line = {{"what", t.what}, {t.at_most ? "at_most" : "at_least", t.wanted}};
    line["found"] = t.found ? base::Json(*t.found) : base::Json(nullptr);
    line["met"] = t.found ? base::Json(t.met()) : base::Json(nullptr);
    json["targets"].push_back(line);
  }
  return json;
}

}  // namespace yore::bench
