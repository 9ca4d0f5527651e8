#include "yore/study/languages/plugin.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "yore/study/measured_text.h"
#include "yore/study/numbers.h"
#include "yore/study/theory/prediction.h"

namespace yore::study {
namespace {

using namespace report;

constexpr const char* kLanguage = "task.language";

// The place of a kind in the table: its value of the language's axis and of the one, of several values, that
// varies the model.
std::pair<std::string, std::string> place_of(const Kind& kind, const StudyConfig& config) {
  std::pair<std::string, std::string> place;
  for (const Axis& axis : config.axes) {
    if (axis.path == kSeed || axis.values.size() < 2) continue;
    for (const auto& [path, value] : kind.values)
      if (path == axis.path) (path == kLanguage ? place.first : place.second) = value_text(value);
  }
  return place;
}

std::size_t index_of(std::vector<std::string>& names, const std::string& name) {
  const auto it = std::find(names.begin(), names.end(), name);
  if (it != names.end()) return static_cast<std::size_t>(it - names.begin());
  names.push_back(name);
  return names.size() - 1;
}

// The mean of the goal over the run's test sets, those that have a row in the summary and both answers.
std::optional<double> over_tests(const runs::RunResult& result, const KindResults& kind) {
  double sum = 0;
  int sets = 0;
  for (const MetricSummary& summary : kind.metrics) {
    if (summary.name != kind.goal || summary.set == "validation" || summary.one_class) continue;
    for (const base::Metric& metric : result.metrics)
      if (metric.set == summary.set && metric.name == summary.name) {
        sum += metric.value;
        ++sets;
      }
  }
  return sets == 0 ? std::nullopt : std::optional(sum / sets);
}

class Languages final : public Plugin {
 public:
  void take(const StudyConfig& config, const std::vector<RunRecord>& records,
            const std::vector<KindResults>& kinds) override {
    table_ = {};
    for (const KindResults& kind : kinds) {
      if (kind.kind.values.empty()) continue;  // another plug-in's
      const auto [language, model] = place_of(kind.kind, config);
      const std::size_t row = index_of(table_.languages, language), column = index_of(table_.models, model);
      if (table_.cells.size() <= row) table_.cells.emplace_back();
      if (table_.cells[row].size() <= column) table_.cells[row].resize(column + 1);
      if (table_.attention.size() <= column)
        table_.attention.push_back(class_of(kind.kind.config.model).has_value());
      table_.goal = kind.goal;
      for (const RunRecord& record : records)
        if (record.run.kind == kind.kind.name && record.usable())
          if (const auto value = over_tests(*record.result, kind)) table_.cells[row][column].add(*value);
    }
  }

  std::vector<Section> sections() const override {
    Table t{fmt::format("{}: mean over the test sets and seeds, and the worst seed where they differ",
                        table_.goal),
            {{"language"}},
            {}};
    for (const std::string& model : table_.models) t.columns.push_back({breakable(model), true});
    for (std::size_t l = 0; l < table_.languages.size(); ++l) {
      std::vector<Html> row = {word(table_.languages[l])};
      for (const Spread& cell : table_.cells[l]) row.push_back(spread_cell(cell));
      t.rows.push_back(std::move(row));
    }
    std::vector<Html> list;
    for (const std::string& line : nearest_attention(table_)) list.emplace_back(line);
    return {{"languages", "Language by language", table(t) + (list.empty() ? Html() : bullets(list))}};
  }

  std::vector<std::string> statements() const override { return nearest_attention(table_); }

  Json numbers() const override {
    Json rows = Json::array();
    each_cell([&](const std::string& language, const std::string& model, const Spread& cell) {
      rows.push_back({{"language", language},
                      {"model", model},
                      {"seeds", cell.runs},
                      {"mean", cell.mean},
                      {"min", cell.min},
                      {"max", cell.max}});
    });
    return {{"languages", {{"goal", table_.goal}, {"cells", rows}, {"nearest", nearest_attention(table_)}}}};
  }

  std::vector<File> files() const override {
    std::string csv = "language,model,seeds,mean,min,max\n";
    each_cell([&](const std::string& language, const std::string& model, const Spread& cell) {
      csv += fmt::format("{},{},{},{},{},{}\n", csv_field(language), csv_field(model), cell.runs, cell.mean,
                         cell.min, cell.max);
    });
    return {{files::kLanguagesCsv, "text/csv", csv}};
  }

 private:
  template <class F>
  void each_cell(F&& f) const {
    for (std::size_t l = 0; l < table_.languages.size(); ++l)
      for (std::size_t m = 0; m < table_.models.size(); ++m)
        if (table_.cells[l][m].runs > 0) f(table_.languages[l], table_.models[m], table_.cells[l][m]);
  }

  LanguageTable table_;
};

}  // namespace

std::vector<std::string> nearest_attention(const LanguageTable& table) {
  std::vector<std::string> lines;
  for (std::size_t m = 0; m < table.models.size(); ++m) {
    if (table.attention[m]) continue;
    struct Near {
      double distance = 0;
      std::string text;
    };
    std::vector<Near> all;
    for (std::size_t a = 0; a < table.models.size(); ++a) {
      if (!table.attention[a]) continue;
      double sum = 0;
      int languages = 0;
      for (const std::vector<Spread>& row : table.cells)
        if (row[m].runs > 0 && row[a].runs > 0) {
          sum += std::abs(row[m].mean - row[a].mean);
          ++languages;
        }
      if (languages == 0) continue;
      const double distance = sum / languages;
      all.push_back({distance, fmt::format("{} ({:.1f} points over {} language{})", table.models[a],
                                           100 * distance, languages, languages == 1 ? "" : "s")});
    }
    if (all.empty()) continue;
    std::stable_sort(all.begin(), all.end(),
                     [](const Near& x, const Near& y) { return x.distance < y.distance; });
    std::string line = fmt::format("{} scores most like {}", table.models[m], all.front().text);
    for (std::size_t i = 1; i < all.size(); ++i) line += (i == 1 ? "; then " : ", ") + all[i].text;
    lines.push_back(line + ".");
  }
  return lines;
}

std::unique_ptr<Plugin> languages_plugin(const StudyConfig& config) {
  int languages = 0, models = 0, others = 0;
  for (const Axis& axis : config.axes) {
    if (axis.path == kSeed || axis.values.size() < 2) continue;
    ++(axis.path == kLanguage ? languages : axis.path.starts_with("model.") ? models : others);
  }
  return languages == 1 && models == 1 && others == 0 ? std::make_unique<Languages>() : nullptr;
}

}  // namespace yore::study
