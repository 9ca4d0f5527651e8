#include "yore/study/contrasts/plugin.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "yore/base/error.h"
#include "yore/base/near_names.h"
#include "yore/study/contrasts/contrast.h"
#include "yore/study/measured_text.h"

namespace yore::study {
namespace {

using namespace report;

const char* name_of(Sign sign) {
  switch (sign) {
    case Sign::Below:
      return "below";
    case Sign::Above:
      return "above";
    case Sign::Open:
      return "open";
    default:
      return "unknown";
  }
}

std::string number(double x) {
  return fmt::format("{:+.4g}", x);
}

std::string title_of(const Contrast& c) {
  return fmt::format("{} minus {}: {} of {}", value_text(c.of), value_text(c.against), c.metric, c.set);
}

std::string measured_text(const Difference& d) {
  if (d.spread.runs == 0) return "–";
  if (d.spread.runs == 1) return number(d.spread.mean);
  return fmt::format("{} ± {:.3g}", number(d.spread.mean), d.half_interval());
}

Html verdict(const ContrastRow& row) {
  const Sign sign = row.difference.sign();
  if (sign == Sign::Unknown) return badge("too few runs", Tone::Neutral);
  if (sign == Sign::Open) return badge("open", Tone::Neutral);
  const std::string text = sign == Sign::Below ? "lower" : "higher";
  if (!row.published || *row.published == 0) return Html(text);
  const bool same = (*row.published < 0) == (sign == Sign::Below);
  return badge(text + (same ? ", as published" : ", NOT as published"), same ? Tone::Good : Tone::Bad);
}

std::string where_of(const PublishedDifference& published) {
  std::string text;
  for (const auto& [path, value] : published.where)
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", path, value_text(value));
  return text.empty() ? "any setting" : text;
}

class Contrasts final : public Plugin {
 public:
  void prepare(StudyConfig& config) override {
    const std::vector<Kind> all = kinds(config);
    for (const Contrast& c : config.contrasts) check(c, config, all);
  }

  void take(const StudyConfig& config, const std::vector<RunRecord>& records,
            const std::vector<KindResults>& kinds) override {
    contrasts_ = config.contrasts;
    for (const Contrast& c : contrasts_) rows_.push_back(contrast_rows(c, records, kinds));
  }

  std::vector<Section> sections() const override {
    Html body = paragraph(
        "Means of the differences between runs of the same seed, with their 95 % interval (Student's t). A "
        "sign is "
        "open where the interval holds 0.");
    for (std::size_t i = 0; i < contrasts_.size(); ++i) {
      const Contrast& c = contrasts_[i];
      Table t{
          title_of(c), {{"where"}, {"difference", true}, {"pairs", true}, {"published", true}, {"sign"}}, {}};
      for (const ContrastRow& row : rows_[i])
        t.rows.push_back({where_text(row.where), measured_text(row.difference),
                          std::to_string(row.difference.spread.runs),
                          row.published ? number(*row.published) : std::string("–"), verdict(row)});
      body += table(t);
      if (!c.source.empty()) body += paragraph("Published: " + c.source);
      if (const std::string said = conclusion(rows_[i]); !said.empty()) body += paragraph(strong(said));
    }
    return {{"contrasts", "One against another", body}};
  }

  std::vector<std::string> statements() const override {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < contrasts_.size(); ++i) {
      for (const ContrastRow& row : rows_[i])
        lines.push_back(fmt::format(
            "{}, {}: {}{} ({} {})", title_of(contrasts_[i]), where_text(row.where),
            measured_text(row.difference), row.published ? ", published " + number(*row.published) : "",
            row.difference.spread.runs, row.difference.spread.runs == 1 ? "pair" : "pairs"));
      if (const std::string said = conclusion(rows_[i]); !said.empty()) lines.push_back(said);
    }
    return lines;
  }

  std::vector<File> files() const override {
    Json all = Json::array();
    for (std::size_t i = 0; i < contrasts_.size(); ++i) {
      const Contrast& c = contrasts_[i];
      Json rows = Json::array();
      for (const ContrastRow& row : rows_[i]) {
        Json where = Json::object();
        for (const auto& [path, value] : row.where) where[path] = value;
        const Difference& d = row.difference;
        rows.push_back({{"where", where},
                        {"mean", d.spread.runs > 0 ? Json(d.spread.mean) : Json(nullptr)},
                        {"half_interval", d.spread.runs > 1 ? Json(d.half_interval()) : Json(nullptr)},
                        {"pairs", d.spread.runs},
                        {"sign", name_of(d.sign())},
                        {"published", row.published ? Json(*row.published) : Json(nullptr)}});
      }
      all.push_back({{"path", c.path},
                     {"of", c.of},
                     {"against", c.against},
                     {"set", c.set},
                     {"metric", c.metric},
                     {"source", c.source},
                     {"rows", rows},
                     {"conclusion", conclusion(rows_[i])}});
    }
    return {{files::kContrasts, "application/json", all.dump(1) + "\n"}};
  }

 private:
  // What no runs can be compared for is a slip, better said before the training than after it.
  static void check(const Contrast& c, const StudyConfig& config, const std::vector<Kind>& all) {
    const auto refuse = [&](const std::string& what) {
      throw base::InputError((c.place.empty() ? "" : c.place + ": ") + "contrast", what);
    };
    std::vector<std::string> paths;
    const Axis* axis = nullptr;
    for (const Axis& a : config.axes) {
      paths.push_back(a.path);
      if (a.path == c.path) axis = &a;
    }
    if (axis == nullptr)
      refuse(fmt::format("path: expected one of the axes {}, found \"{}\"{}", fmt::join(paths, ", "), c.path,
                         base::did_you_mean(c.path, paths)));
    for (const Json* value : {&c.of, &c.against})
      if (std::find(axis->values.begin(), axis->values.end(), *value) == axis->values.end())
        refuse(fmt::format("{} has no value {}, expected one of {}", c.path, value_text(*value),
                           value_text(Json(axis->values))));
    if (c.of == c.against) refuse(fmt::format("of and against are both {}", value_text(c.of)));
    const auto is_about = [&](const Kind& kind, const PublishedDifference& p) {
      return std::find(kind.values.begin(), kind.values.end(), std::pair(c.path, c.of)) !=
                 kind.values.end() &&
             matches(kind, p.where);
    };
    for (const Kind& kind : all)
      if (const auto said = std::count_if(c.published.begin(), c.published.end(),
                                          [&](const PublishedDifference& p) { return is_about(kind, p); });
          said > 1)
        refuse(fmt::format("published: {} differences are given for {}", said, kind.title));
    for (const PublishedDifference& p : c.published)
      if (std::none_of(all.begin(), all.end(), [&](const Kind& kind) { return is_about(kind, p); }))
        refuse(fmt::format("published: no run of the grid is about {}, where the difference is said to be {}",
                           where_of(p), number(p.value)));
  }

  std::vector<Contrast> contrasts_;
  std::vector<std::vector<ContrastRow>> rows_;  ///< of each
};

}  // namespace

std::unique_ptr<Plugin> contrasts_plugin(const StudyConfig& config) {
  if (config.contrasts.empty()) return nullptr;
  return std::make_unique<Contrasts>();
}

}  // namespace yore::study
