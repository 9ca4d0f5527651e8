#include "yore/anatomy/records.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace yore::anatomy {
namespace {

/// One line of a table, or one object: names and values in order.
using Record = std::vector<std::pair<std::string, Json>>;

Json maybe(const std::optional<double>& value) {
  return value ? Json(*value) : Json();
}

Record head_record(const LayerInspection& layer, std::size_t head) {
  const HeadStatistics& h = layer.heads[head];
  return {{"layer", layer.block},
          {"head", head},
          {"lookback", h.lookback},
          {"sink_first", h.sink_first},
          {"first_share", h.first_share},
          {"sink_other", maybe(h.sink_other)},
          {"sink_other_at", h.sink_other ? Json(h.sink_other_at) : Json()},
          {"sink_others_share", h.sink_others_share},
          {"sink_logit_share", maybe(h.sink_logit_share)},
          {"entropy", h.entropy},
          {"distance", h.distance}};
}

Record stream_record(const StreamStatistics& s) {
  const auto bound = [&](double JacobianBound::*part) { return s.bound ? Json((*s.bound).*part) : Json(); };
  return {{"place", place_text(s.point, s.block)},
          {"block", s.block},
          {"norm_first", s.norm_first},
          {"norm_median", s.norm_median},
          {"first_over_early", maybe(s.first_over_early)},
          {"largest", s.largest},
          {"largest_token", s.largest_token},
          {"largest_coordinate", s.largest_coordinate},
          {"median", maybe(s.median)},
          {"massive", maybe(s.massive())},
          {"jacobian_first", bound(&JacobianBound::first)},
          {"jacobian_median", bound(&JacobianBound::median)},
          {"jacobian_largest", bound(&JacobianBound::largest)}};
}

void add_branch(Record& record, const std::string& name, const std::optional<Branch>& branch) {
  const auto add = [&](const std::string& who, const BranchGradient* g) {
    const std::string prefix = name + "_" + who + "_";
    record.emplace_back(prefix + "bloat", g != nullptr ? Json(g->bloat) : Json());
    record.emplace_back(prefix + "change", g != nullptr ? Json(g->change) : Json());
    record.emplace_back(prefix + "compress", g != nullptr ? Json(g->compress) : Json());
  };
  add("first", branch ? &branch->first : nullptr);
  add("others", branch ? &branch->others : nullptr);
}

Record gradient_record(const BlockGradients& g) {
  Record record{{"layer", g.block}, {"ratio", maybe(g.ratio)}, {"uniform_ratio", maybe(g.uniform_ratio)}};
  add_branch(record, "mixer", g.mixer);
  add_branch(record, "feed_forward", g.feed_forward);
  return record;
}

Json object(const Record& record) {
  Json json = Json::object();
  for (const auto& [name, value] : record) json[name] = value;
  return json;
}

void add_line(std::string& table, const Record& record) {
  std::string names, values;
  for (const auto& [name, value] : record) {
    if (!names.empty()) {
      names += ',';
      values += ',';
    }
    names += name;
    if (!value.is_null()) values += value.is_string() ? value.get<std::string>() : value.dump();
  }
  if (table.empty()) table = names + "\n";
  table += values + "\n";
}

/// A column a place of the stream, a line an index.
std::string wide_table(const Inspection& found, const std::string& index,
                       std::vector<float> StreamStatistics::*numbers) {
  std::string table = index;
  for (const StreamStatistics& s : found.stream) table += "," + place_text(s.point, s.block);
  table += "\n";
  for (std::size_t i = 0; i < (found.stream.front().*numbers).size(); ++i) {
    table += fmt::format("{}", i);
    for (const StreamStatistics& s : found.stream) table += fmt::format(",{}", (s.*numbers)[i]);
    table += "\n";
  }
  return table;
}

std::string map_name(const MapWanted& map, std::int64_t tokens) {
  const bool part = map.first > 0 || map.end < tokens;
  return fmt::format("map-{}-{}{}.csv", map.block, map.head,
                     part ? fmt::format("-{}-{}", map.first, map.end - 1) : "");
}

std::string map_table(const AttentionMap& map) {
  std::string table = "query";
  for (std::int64_t j = 0; j < map.side; ++j) table += fmt::format(",{}", map.of.first + j * map.bin);
  table += "\n";
  for (std::int64_t i = 0; i < map.side; ++i) {
    table += fmt::format("{}", map.of.first + i * map.bin);
    for (std::int64_t j = 0; j < map.side; ++j)
      table += fmt::format(",{}", map.cells[static_cast<std::size_t>(i * map.side + j)]);
    table += "\n";
  }
  return table;
}

/// Who stands for each token: a column a layer that selects, a line a token.
std::string proxies_table(const model::MeasuredSelection& row, std::size_t from) {
  std::string table = "token";
  for (std::size_t l = from; l < row.layers.size(); ++l) table += fmt::format(",layer {}", l);
  table += "\n";
  for (std::size_t t = 0; t < row.layers[from].proxy.size(); ++t) {
    table += fmt::format("{}", t);
    for (std::size_t l = from; l < row.layers.size(); ++l)
      table += fmt::format(",{}", row.layers[l].proxy[t]);
    table += "\n";
  }
  return table;
}

constexpr std::array kTables = {"heads.csv", "stream.csv", "norms.csv", "coordinates.csv", "gradients.csv"};

}  // namespace

bool is_table(const std::string& name) {
  return std::find(kTables.begin(), kTables.end(), name) != kTables.end() ||
         (name.ends_with(".csv") && (name.starts_with("map-") || name.starts_with("proxies-")));
}

Json to_json(const Inspection& found) {
  Json json = {{"tokens", found.tokens.size()}, {"loss", maybe(found.loss)}, {"seconds", found.seconds}};
  json["windows"] = window_sizes(std::ssize(found.tokens));
  json["layers"] = Json::array();
  for (const LayerInspection& layer : found.layers) {
    Json heads = Json::array();
    for (std::size_t h = 0; h < layer.heads.size(); ++h) {
      heads.push_back(object(head_record(layer, h)));
      heads.back()["inside"] = layer.heads[h].inside;
    }
    json["layers"].push_back({{"layer", layer.block}, {"mixer", layer.mixer}, {"heads", heads}});
  }
  json["stream"] = Json::array();
  for (const StreamStatistics& s : found.stream) json["stream"].push_back(object(stream_record(s)));
  json["maps"] = Json::array();
  for (const AttentionMap& map : found.maps)
    json["maps"].push_back({{"layer", map.of.block},
                            {"head", map.of.head},
                            {"first", map.of.first},
                            {"end", map.of.end},
                            {"tokens_a_cell", map.bin}});
  if (found.selection) json["selection"] = model::to_json(*found.selection);
  if (found.gradients) {
    Json layers = Json::array();
    for (const BlockGradients& g : found.gradients->blocks) layers.push_back(object(gradient_record(g)));
    json["gradients"] = {{"loss", found.gradients->loss}, {"layers", layers}};
  }
  return json;
}

std::map<std::string, std::string> to_tables(const Inspection& found) {
  std::map<std::string, std::string> tables;
  const std::vector<std::int64_t> sizes = window_sizes(std::ssize(found.tokens));
  for (const LayerInspection& layer : found.layers)
    for (std::size_t h = 0; h < layer.heads.size(); ++h) {
      Record record = head_record(layer, h);
      for (std::size_t i = 0; i < sizes.size(); ++i)
        record.emplace_back(fmt::format("inside_{}", sizes[i]), layer.heads[h].inside[i]);
      add_line(tables["heads.csv"], record);
    }
  for (const StreamStatistics& s : found.stream) add_line(tables["stream.csv"], stream_record(s));
  tables["norms.csv"] = wide_table(found, "token", &StreamStatistics::norms);
  tables["coordinates.csv"] = wide_table(found, "coordinate", &StreamStatistics::by_coordinate);
  for (const AttentionMap& map : found.maps)
    tables[map_name(map.of, std::ssize(found.tokens))] = map_table(map);
  if (found.gradients)
    for (const BlockGradients& g : found.gradients->blocks)
      add_line(tables["gradients.csv"], gradient_record(g));
  if (found.selection)
    for (const model::MeasuredSelection& row : found.selection->taus)
      tables[fmt::format("proxies-{}.csv", row.tau)] =
          proxies_table(row, static_cast<std::size_t>(found.selection->from));
  return tables;
}

}  // namespace yore::anatomy
