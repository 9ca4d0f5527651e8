#include "yore/study/published/plugin.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/base/near_names.h"
#include "yore/study/estimate.h"
#include "yore/study/published/table.h"

namespace yore::study {
namespace {

using namespace report;

std::string where_text(const PublishedValue& value) {
  std::string text;
  for (const auto& [path, v] : value.where)
    text += (text.empty() ? "" : ", ") + (v.is_string() ? v.get<std::string>() : v.dump());
  return text.empty() ? "all runs" : text;
}

bool matches(const Kind& kind, const PublishedValue& value) {
  for (const auto& [path, wanted] : value.where)
    if (runs::get_path(kind.config, path) != wanted) return false;
  return true;
}

void add_new(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

class Published final : public Plugin {
 public:
  // A value that no run can be held against is a slip, better said before the training than after it.
  void prepare(StudyConfig& config) override {
    const std::vector<Kind> all = kinds(config);
    TaskMeasure measure;
    for (const PublishedValue& value : config.published) {
      const std::string place = (value.place.empty() ? "" : value.place + ": ") + "published";
      const auto refuse_unknown = [&](const char* what, const std::string& found,
                                      const std::vector<std::string>& known) {
        throw base::InputError(
            place, fmt::format("{}: {}: there is no {} \"{}\" in these runs, expected one of {}{}",
                               where_text(value), what, what, found, fmt::join(known, ", "),
                               base::did_you_mean(found, known)));
      };
      bool any = false, any_set = false, any_metric = false;
      std::vector<std::string> sets, metrics;  // of the runs it is about, and of that set of theirs
      for (const Kind& kind : all) {
        if (!matches(kind, value)) continue;
        any = true;
        for (const SetSize& set : measure.of(kind.config).sets) {
          add_new(sets, set.name);
          if (set.name != value.set) continue;
          any_set = true;
          for (const std::string& metric : set.metrics) {
            add_new(metrics, metric);
            any_metric = any_metric || metric == value.metric;
          }
        }
      }
      if (!any)
        throw base::InputError(place, fmt::format("{}: no run of the grid is about it", where_text(value)));
      if (!any_set) refuse_unknown("set", value.set, sets);
      if (!any_metric) refuse_unknown("metric", value.metric, metrics);
    }
  }

  void take(const StudyConfig& config, const std::vector<RunRecord>&,
            const std::vector<KindResults>& kinds) override {
    title_ = config.title;
    scale_ = config.scale;
    for (const PublishedValue& value : config.published) {
      PublishedRow row{value, {}, false};
      for (const KindResults& kind : kinds) {
        const MetricSummary* metric =
            matches(kind.kind, value) ? kind.find(value.set, value.metric) : nullptr;
        if (metric == nullptr) continue;
        row.measured = metric->spread;
        row.share = metric->share;
      }
      rows_.push_back(std::move(row));
    }
    table_ = published_table(rows_, kinds);
  }

  std::vector<Section> sections() const override {
    Table t{"Whether a measured mean lies within the stated tolerance of the published value",
            {{"kind"},
             {"set"},
             {"metric"},
             {"published", true},
             {"measured", true},
             {"runs", true},
             {"within"},
             {"source", false, true}},
            {}};
    for (const PublishedRow& row : rows_)
      t.rows.push_back({where_text(row.value), row.value.set, row.value.metric, row.published_text(),
                        row.known() ? Html(row.measured_text()) : Html("–"),
                        std::to_string(row.measured.runs),
                        !row.known()   ? badge("not measured", Tone::Neutral)
                        : row.within() ? badge("yes", Tone::Good)
                                       : badge("no", Tone::Bad),
                        row.value.source});
    // Many values read better as a table; their list then is for who wants tolerances and sources.
    Html body = table_ ? table(*table_) + details("Value by value", table(t)) : table(t);
    if (!scale_.empty()) body += paragraph(scale_);
    return {{"published", "Published against measured", body}};
  }

  std::vector<std::string> statements() const override {
    std::vector<std::string> lines;
    for (const PublishedRow& row : rows_)
      lines.push_back(fmt::format(
          "{}, {} {}: published {}, measured {}", where_text(row.value), row.value.set, row.value.metric,
          row.published_text(),
          !row.known()
              ? "nothing"
              : row.measured_text() + (row.within() ? " (within tolerance)" : " (NOT within tolerance)")));
    return lines;
  }

  std::vector<File> files() const override {
    Json values = Json::array();
    for (const PublishedRow& row : rows_) {
      Json where = Json::object();
      for (const auto& [path, value] : row.value.where) where[path] = value;
      values.push_back({{"where", where},
                        {"set", row.value.set},
                        {"metric", row.value.metric},
                        {"published", row.value.value},
                        {"tolerance", row.value.tolerance},
                        {"source", row.value.source},
                        {"measured", row.known() ? Json(row.measured.mean) : Json(nullptr)},
                        {"deviation", row.known() ? Json(row.measured.deviation()) : Json(nullptr)},
                        {"runs", row.measured.runs},
                        {"within", row.known() ? Json(row.within()) : Json(nullptr)}});
    }
    return {{files::kPublished, "application/json",
             Json{{"title", title_}, {"scale", scale_}, {"values", values}}.dump(1) + "\n"}};
  }

 private:
  std::string title_, scale_;
  std::vector<PublishedRow> rows_;
  std::optional<Table> table_;
};

}  // namespace

std::unique_ptr<Plugin> published_plugin(const StudyConfig& config) {
  if (config.published.empty()) return nullptr;
  return std::make_unique<Published>();
}

}  // namespace yore::study
