#include "yore/study/papers/suite.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/languages/language.h"
#include "yore/mixers/attention/kinds.h"
#include "yore/report/svg.h"
#include "yore/study/claim.h"
#include "yore/study/papers/suite_report.h"
#include "yore/study/wrap_up.h"
#include "yore/tasks/task.h"

namespace yore::study {
namespace {

std::vector<Axis> axes_of(const SuiteConfig& config) {
  return {{"model.attention", {config.attention.begin(), config.attention.end()}},
          {kSeed, {config.seeds.begin(), config.seeds.end()}}};
}

StudyConfig study_of(const SuiteConfig& config, const std::string& name) {
  StudyConfig study;
  study.base = config.base;
  study.base.task["language"] = "name:" + name;
  study.base.task = tasks::complete_task(study.base.task);
  study.axes = axes_of(config);
  study.classify = config.classify;
  return study;
}

// local:1 and local are one kind.
bool same_kind(const std::string& a, const std::string& b, const arch::ModelOptions& model) {
  try {
    return mixers::parse_attention(a, model.layers, model.heads) ==
           mixers::parse_attention(b, model.layers, model.heads);
  } catch (const base::InputError&) {
    return false;
  }
}

}  // namespace

std::vector<std::string> SuiteConfig::published_languages() {
  std::vector<std::string> names;
  for (const auto& row : languages::published_rows())
    if (std::find(names.begin(), names.end(), row.language) == names.end()) names.push_back(row.language);
  return names;
}

Json to_json(const SuiteConfig& config) {
  StudyConfig any;
  any.base = config.base;
  any.axes = axes_of(config);
  any.axes.push_back({"task.language", {}});  // each study's own
  any.classify = config.classify;
  const Json shared = to_json(any);
  Json json = {{"suite", "papers"}, {"languages", config.languages}};
  for (const char* key : {"axes", "run", "classify"}) json[key] = shared[key];
  return json;
}

std::vector<SuiteRow> suite_rows(const std::string& language, const std::string& definition,
                                 const std::vector<KindSummary>& kinds) {
  std::vector<SuiteRow> rows;
  const arch::ModelOptions any;  // heads enough for every published kind
  for (const auto& kind : kinds) {
    SuiteRow row{language, definition, kind.name, kind, {}, std::nullopt};
    for (const auto& published : languages::published_rows())
      if (published.language == language && same_kind(published.attention, kind.name, any))
        row.published.push_back({published.mean, published.best, published.source});
    double sum = 0, lengths = 0;
    for (const auto& bucket : kind.buckets) {
      if (bucket.accuracy.runs == 0) continue;
      const double weight = bucket.max_length - bucket.min_length + 1;
      sum += weight * bucket.accuracy.mean;
      lengths += weight;
    }
    if (lengths > 0) row.measured = sum / lengths;
    rows.push_back(std::move(row));
  }
  return rows;
}

Outcome run_suite(const SuiteConfig& config, const Execution& given) {
  const Execution execution = with_messages(given);
  validate(execution);
  report::require_picture_programs();
  if (config.languages.empty()) throw base::InputError("suite", "no language given, expected at least one");
  std::vector<StudyConfig> studies;
  std::vector<std::unique_ptr<Plugin>> plugins;
  std::vector<PlannedRun> runs;
  for (const auto& name : config.languages) {
    studies.push_back(study_of(config, name));
    settle(studies.back());
    validate(studies.back());
    plugins.push_back(theory_plugin(studies.back()));
    plugins.back()->prepare(studies.back());
    for (auto& run : plan(studies.back(), execution.folder / name)) {
      run.name = name + "/" + run.name;
      runs.push_back(std::move(run));
    }
  }
  claim(execution.folder, files::kSuite, "suite", to_json(config));
  for (std::size_t i = 0; i < studies.size(); ++i)
    claim_folder(execution.folder / config.languages[i], studies[i]);
  check_run_folders(runs);
  Outcome outcome;
  for (std::size_t i = 0; i < studies.size(); ++i) {
    Execution own = execution;
    own.folder = execution.folder / config.languages[i];
    plugins[i]->measure(studies[i], own);
  }
  outcome.planned = static_cast<int>(runs.size());
  outcome.executed = execute(runs, execution);
  std::vector<SuiteRow> rows;
  for (std::size_t i = 0; i < studies.size(); ++i) {
    std::vector<std::unique_ptr<Plugin>> own;
    own.push_back(std::move(plugins[i]));
    const Written written =
        write_study(studies[i], own, execution.folder / config.languages[i], execution.command);
    outcome.measured += measured(written.records);
    outcome.plugins_are_fine = outcome.plugins_are_fine && own[0]->fine();
    for (auto& row : suite_rows(config.languages[i], languages::find_named(config.languages[i]).definition,
                                conclusions_of(*own[0])))
      rows.push_back(std::move(row));
  }
  write_suite(config, rows, execution);
  outcome.report = execution.folder / files::kReport;
  say_outcome(outcome, execution);
  return outcome;
}

}  // namespace yore::study
