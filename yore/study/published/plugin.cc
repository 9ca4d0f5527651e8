#include "yore/study/published/plugin.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/base/text.h"
#include "yore/study/measured_text.h"
#include "yore/study/published/table.h"

namespace yore::study {
namespace {

using namespace report;

class Published final : public Plugin {
 public:
  // A value that no run can be held against, or several kinds of runs, is a slip, better said before the
  // training than after it.
  void prepare(StudyConfig& config) override {
    const std::vector<Kind> all = kinds(config);
    for (const PublishedValue& value : config.published) {
      std::vector<std::string> about;
      for (const Kind& kind : all)
        if (matches(kind, value.where)) about.push_back(kind.name);
      const auto refuse = [&](const std::string& why) {
        throw base::InputError((value.place.empty() ? "" : value.place + ": ") + "published",
                               fmt::format("{}: {}", where_text(value.where), why));
      };
      if (about.empty()) refuse("no run of the grid is about it");
      if (about.size() > 1)
        refuse(fmt::format("{} kinds of runs are about it ({}); expected a `where` that tells them apart",
                           about.size(), base::shortened(fmt::format("{}", fmt::join(about, "; ")), 200)));
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
            matches(kind.kind, value.where) ? kind.find(value.set, value.metric) : nullptr;
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
      t.rows.push_back({where_text(row.value.where), row.value.set, row.value.metric, row.published_text(),
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
          "{}, {} {}: published {}, measured {}", where_text(row.value.where), row.value.set,
          row.value.metric, row.published_text(),
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
                        {"deviation", row.measured.runs > 1 ? Json(row.measured.deviation()) : Json(nullptr)},
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
