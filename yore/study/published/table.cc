#include "yore/study/published/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "yore/study/measured_text.h"

namespace yore::study {
namespace {

using namespace report;

// Whether the value is about the path, and about what wanted says of it. A file has paths in any order.
bool is_about(const PublishedValue& value, const std::string& path, const Json* wanted = nullptr) {
  return std::any_of(value.where.begin(), value.where.end(), [&](const auto& where) {
    return where.first == path && (wanted == nullptr || where.second == *wanted);
  });
}

// The paths that all values are about, if these are two.
std::optional<std::pair<std::string, std::string>> both_paths(const std::vector<PublishedRow>& rows) {
  if (rows.size() < 2 || rows.front().value.where.size() != 2) return std::nullopt;
  const PublishedValue& first = rows.front().value;
  const std::string &one = first.where[0].first, &other = first.where[1].first;
  const bool alike = std::all_of(rows.begin(), rows.end(), [&](const PublishedRow& row) {
    const PublishedValue& v = row.value;
    return v.where.size() == 2 && is_about(v, one) && is_about(v, other) && v.set == first.set &&
           v.metric == first.metric;
  });
  if (!alike) return std::nullopt;
  return std::pair(one, other);
}

std::vector<Json> values_of(const std::string& path, const std::vector<KindResults>& kinds) {
  std::vector<Json> values;
  for (const KindResults& kind : kinds) {
    const Json value = value_at(kind.kind, path);
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
  }
  return values;
}

Html cell_of(const std::vector<const PublishedRow*>& rows) {
  if (rows.empty()) return "–";
  std::string published;
  for (const PublishedRow* row : rows) published += (published.empty() ? "" : ", ") + row->published_text();
  const PublishedRow& any = *rows.front();
  if (!any.known()) return published + " / –";
  const bool within =
      std::any_of(rows.begin(), rows.end(), [](const PublishedRow* r) { return r->within(); });
  Html cell = Html(published + " / ") + strong(any.measured_text());
  return within ? cell : cell + " " + badge("beyond", Tone::Bad);
}

}  // namespace

bool PublishedRow::within() const {
  return std::abs(measured.mean - value.value) <= value.tolerance;
}

std::string PublishedRow::published_text() const {
  return share ? fmt::format("{:.4g}%", 100 * value.value) : fmt::format("{:.4g}", value.value);
}

std::string PublishedRow::measured_text() const {
  return share ? percent(measured.mean) : fmt::format("{:.4g}", measured.mean);
}

std::optional<Table> published_table(const std::vector<PublishedRow>& rows,
                                     const std::vector<KindResults>& kinds) {
  const auto paths = both_paths(rows);
  if (!paths) return std::nullopt;
  const std::vector<Json> columns = values_of(paths->second, kinds);
  const PublishedValue& any = rows.front().value;
  Table table{
      fmt::format("{} on {}, published / measured; marked where the measured mean lies beyond the tolerance",
                  any.metric, any.set),
      {{paths->first}},
      {}};
  for (const Json& column : columns) table.columns.push_back({value_text(column), true});
  for (const Json& line : values_of(paths->first, kinds)) {
    std::vector<Html> cells = {value_text(line)};
    for (const Json& column : columns) {
      std::vector<const PublishedRow*> here;
      for (const PublishedRow& row : rows)
        if (is_about(row.value, paths->first, &line) && is_about(row.value, paths->second, &column))
          here.push_back(&row);
      cells.push_back(cell_of(here));
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

}  // namespace yore::study
