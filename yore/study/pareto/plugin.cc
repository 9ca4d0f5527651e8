#include "yore/study/pareto/plugin.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "yore/study/curves.h"
#include "yore/study/measured_text.h"
#include "yore/study/numbers.h"
#include "yore/study/pareto/statements.h"
#include "yore/tasks/model_for.h"

namespace yore::study {
namespace {

using namespace report;

constexpr double kKiB = 1024;
constexpr int kMostTics = 7;

// Powers of two around the points: each one, or each second, third .. so that their labels have room.
std::vector<std::pair<double, std::string>> tics(double low, double high) {
  const int first = static_cast<int>(std::floor(std::log2(low))),
            last = static_cast<int>(std::ceil(std::log2(high)));
  const int step = 1 + (last - first) / kMostTics;
  std::vector<std::pair<double, std::string>> all;
  for (int e = first; e <= last + step - 1; e += step)
    all.emplace_back(std::exp2(e), fmt::format("{:g}", std::exp2(e)));
  return all;
}

struct EvaluatedSet {
  std::string name;
  std::int64_t tokens = 0;
};

class Pareto final : public Plugin {
 public:
  Pareto(std::vector<std::string> families, std::vector<arch::Model> models, std::vector<EvaluatedSet> sets,
         bool higher)
      : families_(std::move(families)),
        models_(std::move(models)),
        evaluated_(std::move(sets)),
        higher_(higher) {}

  void take(const StudyConfig&, const std::vector<RunRecord>&,
            const std::vector<KindResults>& kinds) override {
    sets_.clear();
    for (const EvaluatedSet& evaluated : evaluated_) {
      StateSet set{evaluated.name, "", evaluated.tokens, true, higher_, {}, {}, {}};
      for (std::size_t k = 0; k < kinds.size() && k < models_.size(); ++k) {
        const MetricSummary* metric = kinds[k].find(set.set, kinds[k].goal);
        if (metric == nullptr || metric->spread.runs == 0) continue;
        const MetricSummary* validation = kinds[k].find("validation", kinds[k].goal);
        set.goal = kinds[k].goal;
        set.share = metric->share;
        set.chance = metric->chance ? metric->chance : metric->constant;
        set.baselines = metric->baselines;
        StatePoint point{families_[k], kinds[k].kind.title, arch::state_bytes(models_[k], set.tokens),
                         metric->spread};
        point.validation = validation == nullptr ? point.spread.mean : validation->spread.mean;
        set.points.push_back(std::move(point));
      }
      rank(set);
      if (!set.points.empty()) sets_.push_back(std::move(set));
    }
  }

  std::vector<Section> sections() const override {
    Html body = paragraph(
        "State is everything that a model keeps of one sequence between tokens, histories of convolutions "
        "included, in float32, after the longest sequence of the set. A point is a mean over seeds, its bar "
        "goes from the lowest to the highest seed.");
    if (sets_.empty()) body += paragraph("Nothing is measured yet.");
    for (std::size_t i = 0; i < sets_.size(); ++i) {
      const StateSet& set = sets_[i];
      std::vector<Html> list;
      for (const std::string& line : study::statements(set)) list.emplace_back(line);
      body += element("h3", fmt::format("{}, {} tokens", set.set, set.tokens)) +
              plot_figure(accuracy_by_state(set), fmt::format("pareto-{}", i), caption(set)) + bullets(list) +
              points_table(set);
    }
    if (!sets_.empty()) body += paragraph(meaning_of_as_well(sets_.front()));
    return {{"pareto", "Accuracy against the size of the state", body}};
  }

  std::vector<std::string> statements() const override {
    std::vector<std::string> lines;
    for (const StateSet& set : sets_) {
      for (const StatePoint& p : set.points)
        lines.push_back(fmt::format("{}: {}: {} {} ({}), {} bytes{}", set.set, p.kind, set.goal,
                                    set.text(p.spread.mean), seeds_text(set, p.spread), p.bytes,
                                    p.settings > 1 && p.best ? ", the best of its size on validation" : ""));
      for (const std::string& line : study::statements(set)) lines.push_back(set.set + ": " + line);
    }
    if (std::any_of(lines.begin(), lines.end(), says_as_well))
      lines.push_back(meaning_of_as_well(sets_.front()));
    return lines;
  }

  Json numbers() const override { return {{"pareto", json()}}; }

  std::vector<File> files() const override {
    return {{files::kParetoCsv, "text/csv", csv()},
            {files::kParetoJson, "application/json", json().dump(1) + "\n"}};
  }

 private:
  static bool choices(const StateSet& set) {
    return std::any_of(set.points.begin(), set.points.end(), [](const StatePoint& p) { return !p.best; });
  }
  static Html caption(const StateSet& set) {
    return fmt::format(
        "On {}: {} against the state, whose axis is logarithmic. Bars go from the lowest to the "
        "highest seed.{}",
        set.set, set.goal,
        choices(set) ? " Where kinds of one family have states of one size, the one with the best "
                       "mean on the validation set is drawn; the table has all."
                     : "");
  }
  /// "1 seed", "29.4% to 31%, 3 seeds".
  static std::string seeds_text(const StateSet& set, const Spread& spread) {
    if (spread.runs == 1) return "1 seed";
    return fmt::format("{} to {}, {} seeds", set.text(spread.min), set.text(spread.max), spread.runs);
  }
  static Html range_cell(const StateSet& set, const Spread& spread) {
    if (spread.min == spread.max) return set.text(spread.mean);
    return Html(set.text(spread.mean)) +
           element("span", fmt::format("{} to {}", set.text(spread.min), set.text(spread.max)),
                   {{"class", "second"}});
  }
  static Html front_cell(const StateSet& set, const StatePoint& p) {
    if (p.front) return badge("front", Tone::Good);
    if (!set.above_chance(p.spread.mean)) return "guesses";
    return set.above_chance(worst_seed(set, p)) ? "–" : "a seed guesses";
  }
  static std::string front_means(const StateSet& set) {
    if (!set.chance) return "Front: no other point does as well with as little state.";
    return fmt::format(
        "Front: every seed is better than guessing ({}) by more than {}, and no other such point does as "
        "well "
        "with as little state.",
        set.text(*set.chance), set.share ? "half a percentage point" : "one percent");
  }
  static Html points_table(const StateSet& set) {
    const bool choice = choices(set);
    Table t{
        fmt::format("{}: mean over seeds, and the range where they differ. {}", set.set, front_means(set)),
        {{"kind"}, {"family"}, {"bytes", true}, {set.goal, true}, {"seeds", true}, {"front"}},
        {}};
    if (choice) t.columns.push_back({"of its size"});
    for (const StatePoint& p : set.points) {
      std::vector<Html> row = {breakable(p.kind),
                               p.family,
                               std::to_string(p.bytes),
                               range_cell(set, p.spread),
                               std::to_string(p.spread.runs),
                               front_cell(set, p)};
      if (choice)
        row.push_back(p.settings == 1 ? Html("alone")
                      : p.best        ? badge(fmt::format("best of {}", p.settings), Tone::Good)
                                      : Html(fmt::format("one of {}", p.settings)));
      t.rows.push_back(std::move(row));
    }
    return table(t);
  }

  Json json() const {
    Json sets = Json::array();
    for (const StateSet& set : sets_) {
      Json points = Json::array(), baselines = Json::object();
      for (const StatePoint& p : set.points)
        points.push_back({{"family", p.family},
                          {"kind", p.kind},
                          {"state_bytes", p.bytes},
                          {"seeds", p.spread.runs},
                          {"mean", p.spread.mean},
                          {"min", p.spread.min},
                          {"max", p.spread.max},
                          {"deviation", p.spread.deviation()},
                          {"settings", p.settings},
                          {"best", p.best},
                          {"front", p.front}});
      for (const auto& [name, value] : set.baselines) baselines[name] = value;
      sets.push_back({{"set", set.set},
                      {"tokens", set.tokens},
                      {"metric", set.goal},
                      {"chance", set.chance ? Json(*set.chance) : Json(nullptr)},
                      {"baselines", baselines},
                      {"points", points},
                      {"statements", study::statements(set)}});
    }
    return sets;
  }

  std::string csv() const {
    std::string text =
        "set,tokens,metric,family,kind,state_bytes,seeds,mean,min,max,deviation,settings,best,front\n";
    for (const StateSet& set : sets_)
      for (const StatePoint& p : set.points)
        text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", csv_field(set.set), set.tokens,
                            set.goal, csv_field(p.family), csv_field(p.kind), p.bytes, p.spread.runs,
                            p.spread.mean, p.spread.min, p.spread.max, p.spread.deviation(), p.settings,
                            p.best, p.front);
    return text;
  }

  std::vector<std::string> families_;  ///< a kind each
  std::vector<arch::Model> models_;
  std::vector<EvaluatedSet> evaluated_;
  bool higher_;
  std::vector<StateSet> sets_;
};

}  // namespace

Plot accuracy_by_state(const StateSet& set) {
  const double factor = set.share ? 100 : 1;
  Plot plot;
  plot.label =
      fmt::format("{} on {} against the bytes of the state, for each family of mixers", set.goal, set.set);
  plot.x_label = "state of a sequence, KiB";
  plot.y_label = set.share ? set.goal + ", %" : set.goal;
  plot.log_x = true;
  double low = 0, high = 0;
  int style = 0;
  for (const std::string& family : set.families()) {
    Series series{family, {}, style++, true, true, false, true};
    for (const StatePoint& p : set.drawn(family)) {
      const double x = static_cast<double>(p.bytes) / kKiB;
      series.points.emplace_back(x, factor * p.spread.mean, factor * p.spread.min, factor * p.spread.max);
      low = low == 0 ? x : std::min(low, x);
      high = std::max(high, x);
    }
    plot.series.push_back(std::move(series));
  }
  if (low > 0) {
    plot.x_tics = tics(low, high);
    // Room beside the outermost points.
    plot.x_range = {low / 1.3, high * 1.3};
  }
  if (set.share) plot.y_range = percent_range(plot.series);
  if (set.chance) plot.references.push_back({factor * *set.chance, "guessing"});
  for (const auto& [name, value] : set.baselines) plot.references.push_back({factor * value, name});
  return plot;
}

std::unique_ptr<Plugin> pareto_plugin(const StudyConfig& config) {
  const auto varies = [&](auto&& matches) {
    return std::any_of(config.axes.begin(), config.axes.end(),
                       [&](const Axis& axis) { return axis.values.size() > 1 && matches(axis.path); });
  };
  if (!varies([](const std::string& path) { return path == "model.mixer"; }) ||
      varies([](const std::string& path) { return path == kTask || path.starts_with("task."); }))
    return nullptr;
  const std::vector<Kind> all = kinds(config);
  const auto task = tasks::make_task_for(all.front().config.task, all.front().config.model);
  std::vector<arch::Model> models;
  bool differ = false;
  for (const Kind& kind : all) {
    models.push_back(tasks::model_for(kind.config.model, *task));
    differ = differ || arch::state_bytes(models.back(), task->longest()) !=
                           arch::state_bytes(models.front(), task->longest());
  }
  if (!differ) return nullptr;
  std::vector<EvaluatedSet> sets;
  for (const tasks::EvaluationSet& set : task->tests()) {
    EvaluatedSet evaluated{set.name, 0};
    for (std::int64_t b = 0; b < set.batch.sequences(); ++b)
      evaluated.tokens = std::max(evaluated.tokens, set.batch.length(b));
    sets.push_back(std::move(evaluated));
  }
  std::vector<std::string> names = families(models);
  return std::make_unique<Pareto>(std::move(names), std::move(models), std::move(sets),
                                  task->goal().higher_is_better);
}

}  // namespace yore::study
