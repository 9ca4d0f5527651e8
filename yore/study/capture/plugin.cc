#include "yore/study/capture/plugin.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "yore/base/error.h"
#include "yore/study/capture/figures.h"
#include "yore/study/capture/kinds.h"
#include "yore/study/measured_text.h"
#include "yore/study/numbers.h"
#include "yore/tasks/model_for.h"

namespace yore::study {
namespace {

using namespace report;

Html verdict_badge(Capture verdict) {
  return badge(name_of(verdict), verdict == Capture::Consistent ? Tone::Good
                                 : verdict == Capture::Not      ? Tone::Bad
                                                                : Tone::Neutral);
}

Json law_json(const LawFit& law) {
  return {{"law", name_of(law.law)}, {"text", law.text()},         {"low", law.low},
          {"high", law.high},        {"deviation", law.deviation}, {"bic", law.bic}};
}

Json at_json(const CaptureAt& at) {
  const Judgement& j = at.judgement;
  Json needed = Json::array(), fits = Json::array(), band = Json::array();
  for (const Needed& p : at.needed)
    needed.push_back({{"size", p.size},
                      {"samples", p.censored() ? Json(nullptr) : Json(p.above < 0 ? 0.0 : p.most)},
                      {"more_than", p.censored() ? Json(p.above) : Json(nullptr)}});
  for (const LawFit& law : j.fits) fits.push_back(law_json(law));
  for (const GrowthBand& b : j.band) band.push_back({b.size, b.low, b.high});
  return {{"error", at.eps},
          {"verdict", name_of(j.verdict)},
          {"reason", j.reason},
          {"needed", needed},
          {"fits", fits},
          {"best", j.fits.empty() ? Json(nullptr) : Json(name_of(j.fits[j.best].law))},
          {"replicates", j.replicates},
          {"power_share", j.power_share},
          {"logarithm_share", j.log_share},
          {"slow_share", j.slow_share},
          {"exponent", {j.exponent_low, j.exponent_high}},
          {"band", band}};
}

class CapturePlugin final : public Plugin {
 public:
  // Hours of training for sizes that nothing can be concluded from are better refused now.
  void prepare(StudyConfig& config) override {
    for (const Kind& kind : kinds(config)) {
      const std::vector<int> sizes = runs::parse_sizes(kind.config.training.capture, "training.capture");
      if (sizes.empty())
        throw base::InputError("training.capture",
                               fmt::format("{}: expected sizes, as the other kinds have", kind.name));
      require_sizes({sizes.begin(), sizes.end()}, "training.capture");
      for (const int size : sizes) {
        const Json task = tasks::task_at_size(kind.config.task, size, kind.config.training.capture_test);
        tasks::model_for(kind.config.model, *tasks::make_task_for(task, kind.config.model));
      }
    }
  }

  void take(const StudyConfig& config, const std::vector<RunRecord>& records,
            const std::vector<KindResults>&) override {
    kinds_.clear();
    errors_ = "kind,seed,size,samples,error,answers\n";
    for (const Kind& kind : kinds(config)) kinds_.push_back(capture_of(kind, records));
    for (const RunRecord& record : records) {
      if (!record.usable()) continue;
      for (const runs::CaptureError& e : runs::capture_errors(record.result->metrics))
        errors_ += fmt::format("{},{},{},{},{},{}\n", csv_field(record.run.kind), record.run.seed, e.size,
                               e.samples, e.error, e.answers);
    }
  }

  std::vector<Section> sections() const override {
    Html body = paragraph(
        "A model that was trained at one size T of a task is adapted, a copy for each larger T and each n, "
        "on n = 0, "
        "1, 2, 4 .. fresh sequences. What is counted is the least n with a median test error over the seeds "
        "of at "
        "most 0.05, and 0.01. To have captured the task, n may grow like a + b ln T, and not like a power of "
        "T (arXiv "
        "2603.11161). Sizes at which no n that was tried is enough have no number: they enter the fits as "
        "\"more "
        "than\" and stand in the pictures as open ends at the top.");
    std::vector<Html> bias;
    for (const std::string& line : bias_statements(kinds_)) bias.emplace_back(line);
    if (!bias.empty()) body += bullets(bias);
    body += verdict_table();
    std::vector<std::string> tasks;
    for (const CaptureKind& kind : kinds_)
      if (std::find(tasks.begin(), tasks.end(), kind.task) == tasks.end()) tasks.push_back(kind.task);
    int number = 0;
    for (const std::string& task : tasks) {
      body += element("h3", task) + paragraph("Cheapest known procedure: " + procedure_of(task) + ".");
      for (std::size_t e = 0; e < std::size(runs::kCaptureErrors); ++e) {
        std::vector<const CaptureKind*> of_task;
        for (const CaptureKind& kind : kinds_)
          if (kind.task == task) of_task.push_back(&kind);
        body += plot_figure(
            needed_by_size(of_task, e), fmt::format("capture-{}", number++),
            fmt::format("{}: samples needed for an error of {} against T. Points: n + 1. Lines: the law "
                        "of the smallest BIC; bands: the middle 95 % of its bootstrap.",
                        task, runs::kCaptureErrors[e]));
      }
      std::vector<Html> list;
      for (const CaptureKind& kind : kinds_)
        if (kind.task == task)
          for (const CaptureAt& at : kind.at) list.emplace_back(statement(kind, at));
      body += bullets(list);
    }
    return {{"capture", "Algorithmic capture", body}};
  }

  std::vector<std::string> statements() const override {
    std::vector<std::string> lines;
    for (const CaptureKind& kind : kinds_)
      for (const CaptureAt& at : kind.at) lines.push_back(statement(kind, at));
    for (std::string& line : bias_statements(kinds_)) lines.push_back(std::move(line));
    return lines;
  }

  Json numbers() const override { return {{"capture", json()}}; }
  std::vector<File> files() const override {
    return {{files::kCaptureCsv, "text/csv", errors_},
            {files::kCaptureJson, "application/json", json().dump(1) + "\n"}};
  }

 private:
  std::string procedure_of(const std::string& task) const {
    for (const CaptureKind& kind : kinds_)
      if (kind.task == task)
        return kind.sizes_of_task.procedure + (kind.sizes_of_task.costlier ? " (costlier)" : "");
    return "";
  }

  Html verdict_table() const {
    Table t{
        "The verdicts, the law of the smallest BIC, and the exponent that a power of T would have: the "
        "middle 95 % "
        "of the bootstrap over seeds",
        {{"kind"}, {"error", true}, {"capture"}, {"n"}, {"exponent of T", true}, {"seeds", true}},
        {}};
    for (const CaptureKind& kind : kinds_)
      for (const CaptureAt& at : kind.at) {
        const Judgement& j = at.judgement;
        t.rows.push_back({breakable(kind.title), fmt::format("{}", at.eps), verdict_badge(j.verdict),
                          j.fits.empty() ? Html("–") : Html(j.fits[j.best].text()),
                          j.band.empty() ? std::string("–")
                                         : fmt::format("{:.2g} to {:.2g}", j.exponent_low, j.exponent_high),
                          std::to_string(kind.seeds)});
      }
    return table(t);
  }

  Json json() const {
    Json all = Json::array();
    for (const CaptureKind& kind : kinds_) {
      Json at = Json::array();
      for (const CaptureAt& one : kind.at) at.push_back(at_json(one));
      all.push_back({{"kind", kind.name},
                     {"task", kind.task},
                     {"model", kind.model},
                     {"procedure", kind.sizes_of_task.procedure},
                     {"costlier", kind.sizes_of_task.costlier},
                     {"seeds", kind.seeds},
                     {"most_samples", kind.most},
                     {"at", at}});
    }
    return {{"kinds", all}, {"bias", bias_statements(kinds_)}};
  }

  std::vector<CaptureKind> kinds_;
  std::string errors_;
};

}  // namespace

std::unique_ptr<Plugin> capture_plugin(const StudyConfig& config) {
  const std::vector<Kind> all = kinds(config);
  if (std::none_of(all.begin(), all.end(), [](const Kind& k) { return !k.config.training.capture.empty(); }))
    return nullptr;
  return std::make_unique<CapturePlugin>();
}

}  // namespace yore::study
