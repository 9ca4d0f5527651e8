#include "yore/study/theory/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "yore/base/text.h"
#include "yore/study/theory/length_curve.h"
#include "yore/tasks/formal/scores.h"

namespace yore::study {
namespace {

using expressivity::Answer;

void add_score(SetSummary& set, const tasks::Score& score) {
  set.name = score.name;
  set.min_length = score.min_length;
  set.max_length = score.max_length;
  if (score.words == 0) return;
  set.accuracy.add(score.accuracy());
  set.one_class = set.one_class || score.one_class();
  set.guessing.add(static_cast<double>(std::max(score.positives, score.words - score.positives)) /
                   static_cast<double>(score.words));
}

// The class whose witness words are against such models; empty if there are none. Gates in [0,1] recognise
// star-free languages only. Positions may tell the two words of a witness apart.
std::string refuting(const Prediction& prediction) {
  using expressivity::Class;
  using expressivity::Family;
  if (prediction.period > 1) return "";
  if (prediction.kind) return expressivity::name(prediction.kind->of);
  if (prediction.family == Family::GatedDiagonal || prediction.family == Family::TimeInvariant)
    return expressivity::name(Class::StarFree);
  return "";
}

// "yes (the language is in LTL[P])".
std::string theory_text(const Prediction& prediction) {
  const char* answer = prediction.answer == Answer::Yes  ? "yes"
                       : prediction.answer == Answer::No ? "no"
                                                         : "open";
  return fmt::format("{} ({}{}{})", answer, prediction.because, prediction.source.empty() ? "" : "; ",
                     prediction.source);
}

bool right(const tasks::WitnessScore& witness) {
  return (witness.logit > 0) == witness.accepted;
}

tasks::RecognitionScores scores_of(const runs::RunResult& result) {
  return tasks::recognition_scores(result.metrics, "a run's result");
}

void add_run(KindSummary& kind, const runs::RunResult& result) {
  const tasks::RecognitionScores scores = scores_of(result);
  add_score(kind.validation, scores.validation);
  for (std::size_t i = 0; i < scores.buckets.size() && i < kind.buckets.size(); ++i)
    add_score(kind.buckets[i], scores.buckets[i]);
  if (answered_all(result)) ++kind.perfect;
  if (scores.witnesses.empty()) return;
  const auto correct = std::count_if(scores.witnesses.begin(), scores.witnesses.end(), right);
  kind.witness.accuracy.add(static_cast<double>(correct) / static_cast<double>(scores.witnesses.size()));
  const std::string refuting_class = refuting(kind.prediction);
  bool fails = false;
  for (const auto& witness : scores.witnesses) {
    if (right(witness)) continue;
    const auto length = static_cast<int>(witness.length);
    if (!kind.shortest_wrong_witness || length < *kind.shortest_wrong_witness)
      kind.shortest_wrong_witness = length;
    if (witness.witness_of != refuting_class) continue;
    fails = true;
    if (!kind.fails_witness_at || witness.n < *kind.fails_witness_at) kind.fails_witness_at = witness.n;
  }
  kind.fail_witness += fails;
}

KindSummary empty_summary(const Json& task) {
  const tasks::DataConfig data = data_of(task);
  KindSummary kind;
  kind.validation = {"validation", data.train_min_length, data.train_max_length, {}, false};
  for (const auto& [low, high] : data.test_buckets)
    kind.buckets.push_back({fmt::format("{}-{}", low, high), low, high, {}, false});
  kind.witness.name = "witness";
  return kind;
}

// The measured half of the sentence: the set furthest from home, and the witness words.
std::string measured(const KindSummary& kind) {
  const SetSummary* last = nullptr;
  // Words of both sides say more than any of one, however long.
  for (const auto& bucket : kind.buckets)
    if (bucket.accuracy.runs > 0 && (last == nullptr || last->one_class || !bucket.one_class)) last = &bucket;
  std::string text;
  if (last != nullptr)
    text = fmt::format("{} on lengths {}–{}{}{}", percent(last->accuracy.mean), last->min_length,
                       last->max_length,
                       last->one_class ? " (one class: a constant answer scores the same)" : "",
                       last->accuracy.min < last->accuracy.mean
                           ? fmt::format(" (worst seed {})", percent(last->accuracy.min))
                           : "");
  else if (kind.validation.accuracy.runs > 0)
    text = fmt::format("{} on the lengths trained on", percent(kind.validation.accuracy.mean));
  if (kind.fails_witness_at)
    text += fmt::format(", wrong on a witness word from n\u00a0=\u00a0{}", *kind.fails_witness_at);
  else if (kind.shortest_wrong_witness)
    text += fmt::format(", wrong on a witness word of length {}", *kind.shortest_wrong_witness);
  return text;
}

void conclude(KindSummary& kind) {
  const int usable = kind.complete - kind.diverged;
  const std::string theory = theory_text(kind.prediction);
  if (usable == 0) {
    kind.conclusion = fmt::format(
        "Theory: {}; {}.", theory,
        kind.diverged > 0 ? "every complete run diverged, so nothing was measured" : "not measured");
    return;
  }
  // Witness words come in pairs, one of each side.
  const auto tells = [](const SetSummary& set) { return set.accuracy.runs > 0 && !set.one_class; };
  if (!tells(kind.validation) && !tells(kind.witness) &&
      std::none_of(kind.buckets.begin(), kind.buckets.end(), tells)) {
    kind.conclusion = fmt::format("Theory: {}; measured: {}; every set is of one class, so nothing is shown.",
                                  theory, measured(kind));
    return;
  }
  std::string judgement;
  const std::string all = kind.perfect == usable
                              ? (usable == 1 ? "the run answers" : "every seed answers")
                              : fmt::format("{} of {} answer", kind.perfect, base::counted(usable, "seed"));
  switch (kind.prediction.answer) {
    case Answer::Yes:
      if (kind.perfect > 0) {
        kind.agreement = Agreement::Agrees;
        judgement = fmt::format("agrees: {} every tested word", all);
      } else {
        kind.agreement = Agreement::NotFound;
        judgement = fmt::format(
            "not found: weights that answer every word exist (theory); training {} in {} of {}",
            kind.start == runs::inits::kRandom ? "did not find them" : "began with them and left them",
            base::counted(usable, "run"), base::counted(kind.steps, "step"));
      }
      break;
    case Answer::No:
      if (kind.perfect == 0) {
        kind.agreement = Agreement::Agrees;
        judgement = "agrees: no seed answers every tested word";
      } else {
        kind.agreement = Agreement::Disagrees;
        judgement =
            fmt::format("disagrees: {} every tested word; theory says that other words break it", all);
      }
      break;
    case Answer::Unknown:
      judgement = fmt::format("{} every tested word", kind.perfect > 0 ? all : "no seed answers");
      break;
  }
  kind.conclusion = fmt::format("Theory: {}; measured: {}; {}.", theory, measured(kind), judgement);
}

}  // namespace

bool answered_all(const runs::RunResult& result) {
  if (result.status == "nan") return false;
  const tasks::RecognitionScores scores = scores_of(result);
  if (scores.validation.words == 0) return false;
  const auto perfect = [](const tasks::Score& score) { return score.correct == score.words; };
  return perfect(scores.validation) && std::all_of(scores.buckets.begin(), scores.buckets.end(), perfect) &&
         std::all_of(scores.witnesses.begin(), scores.witnesses.end(), right);
}

std::vector<KindSummary> summarise(const StudyConfig& config, const VerdictsOf& verdicts,
                                   const std::vector<RunRecord>& records) {
  std::vector<KindSummary> summaries;
  for (const Kind& of : kinds(config)) {
    KindSummary kind = empty_summary(of.config.task);
    kind.name = of.name;
    kind.title = of.title;
    kind.start = of.config.training.init;
    kind.steps = of.config.training.steps;
    kind.prediction = predict(of, verdicts(of));
    for (const auto& record : records) {
      if (record.run.kind != of.name) continue;
      ++kind.planned;
      if (!record.result) continue;
      ++kind.complete;
      if (record.usable())
        add_run(kind, *record.result);
      else
        ++kind.diverged;
    }
    conclude(kind);
    summaries.push_back(std::move(kind));
  }
  return summaries;
}

KindSummary summarise_untrained(const StudyConfig& config, const runs::RunResult& result) {
  KindSummary kind = empty_summary(config.base.task);
  kind.complete = 1;
  add_run(kind, result);
  return kind;
}

const char* name(Agreement agreement) {
  switch (agreement) {
    case Agreement::Agrees:
      return "agrees";
    case Agreement::NotFound:
      return "not found";
    case Agreement::Disagrees:
      return "disagrees";
    case Agreement::Open:
      break;
  }
  return "open";
}

namespace {

Json json_of(const SetSummary& set) {
  if (set.accuracy.runs == 0) return nullptr;
  return {{"runs", set.accuracy.runs},
          {"mean", set.accuracy.mean},
          {"min", set.accuracy.min},
          {"max", set.accuracy.max},
          {"one_class", set.one_class}};
}

}  // namespace

Json to_json(const KindSummary& kind) {
  using expressivity::Answer;
  const Answer answer = kind.prediction.answer;
  Json json = {
      {"name", kind.name},
      {"title", kind.title},
      {"theory", answer == Answer::Unknown ? Json(nullptr) : Json(answer == Answer::Yes)},
      {"logic", kind.prediction.logic},
      {"family", kind.prediction.family ? Json(expressivity::name(*kind.prediction.family)) : Json(nullptr)},
      {"period", kind.prediction.period},
      {"because", kind.prediction.because},
      {"source", kind.prediction.source},
      {"planned", kind.planned},
      {"complete", kind.complete},
      {"diverged", kind.diverged},
      {"perfect", kind.perfect},
      {"validation", json_of(kind.validation)}};
  Json buckets = Json::object();
  for (const auto& bucket : kind.buckets) buckets[bucket.name] = json_of(bucket);
  json["buckets"] = buckets;
  json["witness"] = json_of(kind.witness);
  json["fails_witness_at"] = kind.fails_witness_at ? Json(*kind.fails_witness_at) : Json(nullptr);
  json["agreement"] = name(kind.agreement);
  json["conclusion"] = kind.conclusion;
  return json;
}

}  // namespace yore::study
