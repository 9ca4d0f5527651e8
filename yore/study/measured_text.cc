#include "yore/study/measured_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/progress.h"
#include "yore/study/curves.h"
#include "yore/tasks/common/evaluation_sets.h"

namespace yore::study {

using namespace report;

std::string value_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_number_float()) return fmt::format("{}", value.get<double>());
  if (!value.is_array()) return value.dump();
  // Texts that have commas themselves are told apart by semicolons.
  const bool commas = std::any_of(value.begin(), value.end(), [](const Json& item) {
    return item.is_string() && item.get<std::string>().find(',') != std::string::npos;
  });
  std::string list;
  for (const Json& item : value) list += (list.empty() ? "" : commas ? "; " : ", ") + value_text(item);
  return list;
}

std::string where_text(const std::vector<std::pair<std::string, Json>>& where) {
  std::string text;
  for (const auto& [path, value] : where)
    text += (text.empty() ? "" : ", ") +
            (value.is_number() || value.is_boolean() ? titled_value(path, value) : value_text(value));
  return text.empty() ? "all runs" : text;
}

Html value_cell(const Json& value) {
  if (value.is_null() || (value.is_string() && value.get<std::string>().empty()) ||
      (value.is_array() && value.empty()))
    return "none";
  const bool texts = value.is_array() && value.size() > 1 &&
                     std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_string(); });
  if (!texts) return breakable(value_text(value));
  Html cell;
  for (const Json& item : value) cell += element("div", breakable(item.get<std::string>()));
  return cell;
}

namespace {

// Runs without a result that the notice names: more would push what was measured off the page.
constexpr int kNamedMissing = 12;

}  // namespace

std::string spaced(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

Html spread_cell(const Spread& spread) {
  if (spread.runs == 0) return "–";
  if (spread.runs == 1 || spread.min == spread.max) return percent(spread.mean);
  return Html(percent(spread.mean)) +
         element("span", fmt::format("worst {}", percent(spread.min)), {{"class", "second"}});
}

Html one_class_mark() {
  return element("span", "one class", {{"class", "second"}});
}

Html metric_cell(const MetricSummary* metric) {
  if (metric == nullptr || metric->spread.runs == 0) return "–";
  const Spread& s = metric->spread;
  if (metric->share) return metric->one_class ? spread_cell(s) + one_class_mark() : spread_cell(s);
  if (s.runs == 1 || s.min == s.max) return shown(*metric, s.mean);
  return Html(shown(*metric, s.mean)) +
         element("span", fmt::format("{} to {}", shown(*metric, s.min), shown(*metric, s.max)),
                 {{"class", "second"}});
}

Html missing_notice(const std::vector<RunRecord>& records) {
  std::string missing;
  int count = 0;
  for (const auto& record : records)
    if (!record.result && ++count <= kNamedMissing) {
      missing += (count == 1 ? "" : ", ") + record.run.name;
      if (record.progress > 0) missing += fmt::format(" (at {})", percent(record.progress));
    }
  if (count == 0) return {};
  if (count > kNamedMissing) missing += fmt::format(" and {} more, named under Runs", count - kNamedMissing);
  return element("p",
                 fmt::format("{} of {} runs have no result yet, and nothing is claimed about them: {}.",
                             count, records.size(), missing),
                 {{"class", "notice"}});
}

namespace {

/// The sets that have a column, in the order in which the runs have them: those with the goal's metric.
std::vector<std::string> sets_of(const std::vector<KindResults>& kinds) {
  std::vector<std::string> sets;
  for (const KindResults& kind : kinds)
    for (const MetricSummary& metric : kind.metrics)
      if (metric.name == kind.goal && std::find(sets.begin(), sets.end(), metric.set) == sets.end())
        sets.push_back(metric.set);
  return sets;
}

bool all_shares(const std::vector<KindResults>& kinds) {
  for (const KindResults& kind : kinds)
    for (const MetricSummary& metric : kind.metrics)
      if (metric.name == kind.goal && !metric.share) return false;
  return true;
}

bool any_one_class(const std::vector<KindResults>& kinds) {
  for (const KindResults& kind : kinds)
    for (const MetricSummary& metric : kind.metrics)
      if (metric.name == kind.goal && metric.one_class) return true;
  return false;
}

/// Whether what guessing and baselines score on a set is the same for every kind that has it: it is not where
/// a task's options vary.
bool one_measure(const std::vector<KindResults>& kinds) {
  for (const std::string& set : sets_of(kinds)) {
    const MetricSummary* first = nullptr;
    for (const KindResults& kind : kinds) {
      const MetricSummary* metric = kind.find(set, kind.goal);
      if (metric == nullptr) continue;
      if (first == nullptr) first = metric;
      if (metric->name != first->name || metric->chance != first->chance ||
          metric->baselines != first->baselines)
        return false;
    }
  }
  return true;
}

// What guessing scores: one sentence, by sets where these differ.
Html chance_sentence(const std::vector<KindResults>& kinds) {
  if (!one_measure(kinds))
    return paragraph(
        "What guessing and the baselines score differs from kind to kind; numbers.json has it for each.");
  std::vector<std::pair<std::string, std::string>> by_set;
  bool differ = false;
  for (const std::string& set : sets_of(kinds))
    for (const KindResults& kind : kinds) {
      const MetricSummary* metric = kind.find(set, kind.goal);
      if (metric == nullptr || !metric->chance) continue;
      by_set.emplace_back(set, shown(*metric, *metric->chance));
      differ = differ || by_set.back().second != by_set.front().second;
      break;
    }
  if (by_set.empty()) return {};
  std::string text = "Guessing scores " + by_set.front().second;
  if (differ) {
    text += " on " + by_set.front().first;
    for (std::size_t i = 1; i < by_set.size(); ++i)
      text += fmt::format(", {} on {}", by_set[i].second, by_set[i].first);
  }
  return paragraph(text + ".");
}

// A row a baseline: its values of the goal's metric by set, where all kinds have the same.
std::vector<ExtraRow> baseline_rows(const std::vector<KindResults>& kinds) {
  if (!one_measure(kinds)) return {};
  std::vector<ExtraRow> rows;
  for (const std::string& set : sets_of(kinds)) {
    const MetricSummary* metric = nullptr;
    for (std::size_t k = 0; k < kinds.size() && metric == nullptr; ++k)
      metric = kinds[k].find(set, kinds[k].goal);
    for (const auto& [name, value] : metric->baselines) {
      auto it = std::find_if(rows.begin(), rows.end(),
                             [&](const ExtraRow& row) { return row.title.markup() == Html(name).markup(); });
      if (it == rows.end()) {
        rows.push_back({name, {}, {}});
        it = rows.end() - 1;
      }
      it->by_set.emplace_back(set, shown(*metric, value));
    }
  }
  return rows;
}

}  // namespace

Html comparison(const std::vector<KindResults>& kinds, const std::vector<std::unique_ptr<Plugin>>& plugins) {
  const std::string goal = kinds.empty() ? "" : kinds.front().goal;
  Table t{fmt::format(
              "{}: mean over seeds, and {} where they differ. Validation sequences are like those trained on "
              "but were never trained on; the other sets are the task's tests.",
              goal == "accuracy" ? "Accuracy" : goal, all_shares(kinds) ? "the worst seed" : "the range"),
          {{"kind"}},
          {}};
  std::vector<Column> columns;
  for (const auto& plugin : plugins)
    for (Column& column : plugin->columns()) columns.push_back(std::move(column));
  std::vector<const Column*> early, late;
  for (const Column& column : columns) (column.early ? early : late).push_back(&column);
  const std::vector<std::string> sets = sets_of(kinds);
  for (const Column* column : early) t.columns.push_back({column->header, column->numeric});
  for (const std::string& set : sets) t.columns.push_back({set, true});
  for (const Column* column : late) t.columns.push_back({column->header, column->numeric});
  t.columns.push_back({"runs", true});
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    std::vector<Html> row = {breakable(kinds[k].kind.title)};
    for (const Column* column : early) row.push_back(column->cells[k]);
    for (const std::string& set : sets) row.push_back(metric_cell(kinds[k].find(set, kinds[k].goal)));
    for (const Column* column : late) row.push_back(column->cells[k]);
    row.push_back(fmt::format("{} of {}{}", kinds[k].complete, kinds[k].planned,
                              kinds[k].diverged > 0 ? fmt::format(", {} diverged", kinds[k].diverged) : ""));
    t.rows.push_back(std::move(row));
  }
  std::vector<ExtraRow> extras = baseline_rows(kinds);
  for (const auto& plugin : plugins)
    for (ExtraRow& extra : plugin->rows()) extras.push_back(std::move(extra));
  for (const ExtraRow& extra : extras) {
    std::vector<Html> row(t.columns.size(), "–");
    row[0] = extra.title;
    for (std::size_t i = 0; i < extra.early.size() && i < early.size(); ++i) row[1 + i] = extra.early[i];
    for (const auto& [set, cell] : extra.by_set)
      for (std::size_t i = 0; i < t.columns.size(); ++i)
        if (t.columns[i].heading.markup() == Html(set).markup()) row[i] = cell;
    t.rows.push_back(std::move(row));
  }
  Html body = table(t);
  for (const auto& plugin : plugins) body += plugin->under_table();
  body += chance_sentence(kinds);
  if (any_one_class(kinds))
    body += paragraph(
        "One class: all that is asked of that set has the same answer, so a constant answer scores 100%, and "
        "the accuracy there means nothing.");
  return all_shares(kinds) ? body + paragraph("Percentages are rounded down, so 100% means every case.")
                           : body;
}

Html plot_figure(const Plot& plot, const std::string& id_prefix, const Html& caption) {
  if (!has_points(plot)) return paragraph(plot.label + ": not measured.");
  return figure(Html::raw(draw_plot(plot, id_prefix + "-wide-", kWide)), caption,
                Html::raw(draw_plot(plot, id_prefix + "-narrow-", kNarrow)));
}

std::vector<Picture> pictures(const StudyConfig& config,
                              const std::function<Plot(const StudyConfig&)>& draw) {
  std::vector<Picture> all;
  for (const Panel& panel : panels(config)) {
    all.push_back({panel.title, draw(panel.config)});
    if (!panel.title.empty()) all.back().plot.label += "; " + panel.title;
  }
  return all;
}

Html plot_figures(const std::vector<Picture>& pictures, const std::string& id_prefix, const Html& caption) {
  Html figures;
  std::string missing;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const auto& [title, plot] = pictures[i];
    if (pictures.size() == 1) return plot_figure(plot, id_prefix, caption);
    if (has_points(plot))
      figures += plot_figure(plot, fmt::format("{}-{}", id_prefix, i),
                             strong(title) + (figures.empty() ? ". " + caption : Html()));
    else
      missing += (missing.empty() ? "" : "; ") + title;
  }
  return missing.empty() ? figures : figures + paragraph("Not measured: " + missing + ".");
}

Html runs_table(const std::vector<RunRecord>& records) {
  Table t{"",
          {{"run"},
           {"seed", true},
           {"status"},
           {"steps", true},
           {"time", true},
           {"parameters", true},
           {"validation", true},
           {"last test", true}},
          {}};
  for (const auto& record : records) {
    std::vector<Html> row = {breakable(record.run.kind), std::to_string(record.run.seed)};
    if (!record.result) {
      row.push_back(record.progress > 0 ? fmt::format("unfinished, {}", percent(record.progress))
                                        : std::string("not run"));
      row.resize(t.columns.size(), "–");
    } else {
      const auto& r = *record.result;
      Html first = "–", last = "–";
      for (const base::Metric& metric : r.metrics) {
        if (metric.name != r.goal || metric.count == 0) continue;
        if (metric.keys.contains("length")) continue;  // one length
        MetricSummary shape;
        shape.set = metric.set;
        shape.name = metric.name;
        shape.share = metric.keys.contains("correct");
        Html cell = shown(shape, metric.value);
        if (metric.keys.value(tasks::kOneClass, false)) cell += one_class_mark();
        (metric.set == "validation" ? first : last) = cell;
      }
      row.push_back(r.status == "nan" ? badge("diverged", Tone::Bad) : Html(r.status));
      row.push_back(std::to_string(r.steps));
      row.push_back(base::format_duration(r.seconds));
      row.push_back(std::to_string(r.parameters));
      row.push_back(first);
      row.push_back(last);
    }
    t.rows.push_back(std::move(row));
  }
  return table(t);
}

Html configuration(const StudyConfig& config) {
  const Json json = to_json(config);
  std::vector<std::pair<Html, Html>> grid;
  for (const Axis& axis : config.axes) grid.emplace_back(breakable(axis.path), value_cell(Json(axis.values)));
  for (const Kind& kind : config.extra) grid.emplace_back("beside the grid", kind.title);
  Html body = facts(grid);
  const Json& model = json["run"]["model"];
  // A list of mixers stands instead of a kind of attention, an empty one for it.
  const bool mixers = !model.contains("mixer") || !model["mixer"].get<std::string>().empty();
  for (const auto& [group, fields] : json["run"].items()) {
    std::vector<std::pair<Html, Html>> pairs;
    for (const auto& [field, value] : fields.items())
      if (group != "model" || field != (mixers ? "attention" : "mixer"))
        pairs.emplace_back(spaced(field), value_cell(value));
    body += element("h3", group) + facts(pairs);
  }
  return body;
}

}  // namespace yore::study
