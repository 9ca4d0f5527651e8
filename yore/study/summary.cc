#include "yore/study/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "yore/runs/run_folder.h"
#include "yore/study/executor.h"

namespace yore::study {
namespace {

using expressivity::Answer;

void add_score(SetSummary& set, const runs::Score& score) {
  set.name = score.name;
  set.min_length = score.min_length;
  set.max_length = score.max_length;
  if (score.words > 0) set.accuracy.add(score.accuracy());
}

bool right(const runs::WitnessScore& witness) {
  return (witness.logit > 0) == witness.accepted;
}

void add_run(KindSummary& kind, const runs::RunResult& result) {
  add_score(kind.validation, result.train_range);
  for (std::size_t i = 0; i < result.buckets.size() && i < kind.buckets.size(); ++i)
    add_score(kind.buckets[i], result.buckets[i]);
  if (answered_all(result)) ++kind.perfect;
  if (result.witnesses.empty()) return;
  const auto correct = std::count_if(result.witnesses.begin(), result.witnesses.end(), right);
  kind.witness.accuracy.add(static_cast<double>(correct) / static_cast<double>(result.witnesses.size()));
  bool fails = false;
  for (const auto& witness : result.witnesses) {
    if (right(witness)) continue;
    const auto length = static_cast<int>(witness.length);
    if (!kind.shortest_wrong_witness || length < *kind.shortest_wrong_witness)
      kind.shortest_wrong_witness = length;
    if (witness.witness_of != expressivity::name(kind.prediction.kind.of)) continue;
    fails = true;
    if (!kind.fails_witness_at || witness.n < *kind.fails_witness_at) kind.fails_witness_at = witness.n;
  }
  kind.fail_witness += fails;
}

KindSummary empty_summary(const runs::DataConfig& data) {
  KindSummary kind;
  kind.validation = {"validation", data.train_min_length, data.train_max_length, {}};
  for (const auto& [low, high] : data.test_buckets)
    kind.buckets.push_back({fmt::format("{}-{}", low, high), low, high, {}});
  kind.witness.name = "witness";
  return kind;
}

std::string plural(int n, const char* noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

// The measured half of the sentence: the set furthest from home, and the witness words.
std::string measured(const KindSummary& kind) {
  const SetSummary* last = nullptr;
  for (const auto& bucket : kind.buckets)
    if (bucket.accuracy.runs > 0) last = &bucket;
  std::string text;
  if (last != nullptr)
    text =
        fmt::format("{} on lengths {}–{}{}", percent(last->accuracy.mean), last->min_length, last->max_length,
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
  const char* theory = kind.prediction.answer == Answer::Yes  ? "yes"
                       : kind.prediction.answer == Answer::No ? "no"
                                                              : "open";
  if (usable == 0) {
    kind.conclusion = fmt::format(
        "Theory: {}; {}.", theory,
        kind.diverged > 0 ? "every complete run diverged, so nothing was measured" : "not measured");
    return;
  }
  std::string judgement;
  const std::string all = kind.perfect == usable
                              ? (usable == 1 ? "the run answers" : "every seed answers")
                              : fmt::format("{} of {} answer", kind.perfect, plural(usable, "seed"));
  switch (kind.prediction.answer) {
    case Answer::Yes:
      if (kind.perfect > 0) {
        kind.agreement = Agreement::Agrees;
        judgement = fmt::format("agrees: {} every tested word", all);
      } else {
        kind.agreement = Agreement::Disagrees;
        judgement = fmt::format(
            "disagrees: no seed answers every tested word; weights that do exist, {}",
            kind.start == "random" ? "training did not find them" : "training began with them and left them");
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

std::vector<RunRecord> collect(const std::vector<PlannedRun>& runs) {
  std::vector<RunRecord> records;
  for (const PlannedRun& run : runs) {
    RunRecord record{run, std::nullopt, progress_of(run)};
    if (runs::is_finished(run.folder)) record.result = runs::read_result(run.folder);
    records.push_back(std::move(record));
  }
  return records;
}

void Spread::add(double value) {
  min = runs == 0 ? value : std::min(min, value);
  max = runs == 0 ? value : std::max(max, value);
  mean += (value - mean) / (runs + 1);
  ++runs;
  // The running mean may leave the interval by a rounding error, which would show as 100% that is not.
  mean = std::clamp(mean, min, max);
}

bool answered_all(const runs::RunResult& result) {
  if (result.status == "nan" || result.train_range.words == 0) return false;
  const auto perfect = [](const runs::Score& score) { return score.correct == score.words; };
  return perfect(result.train_range) && std::all_of(result.buckets.begin(), result.buckets.end(), perfect) &&
         std::all_of(result.witnesses.begin(), result.witnesses.end(), right);
}

std::vector<KindSummary> summarise(const StudyConfig& config, const Verdicts& verdicts,
                                   const std::vector<RunRecord>& records) {
  std::vector<KindSummary> summaries;
  for (const Kind& of : kinds(config)) {
    KindSummary kind = empty_summary(config.base.data);
    kind.attention = of.name;
    kind.title = of.title();
    kind.start = of.start;
    kind.prediction = predict(of, verdicts);
    for (const auto& record : records) {
      if (record.run.attention != of.name) continue;
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
  KindSummary kind = empty_summary(config.base.data);
  kind.complete = 1;
  add_run(kind, result);
  return kind;
}

std::string percent(double fraction) {
  if (!std::isfinite(fraction)) return "not measured";
  // Tenths of a percent as whole numbers; the small addend undoes what 0.997 * 1000 = 996.99.. would lose.
  const auto tenths =
      fraction >= 1 ? 1000 : std::min(999, static_cast<int>(std::floor(fraction * 1000 + 1e-9)));
  return tenths % 10 == 0 ? fmt::format("{}%", tenths / 10) : fmt::format("{}.{}%", tenths / 10, tenths % 10);
}

const char* name(Agreement agreement) {
  switch (agreement) {
    case Agreement::Agrees:
      return "agrees";
    case Agreement::Disagrees:
      return "disagrees";
    case Agreement::Open:
      break;
  }
  return "open";
}

}  // namespace yore::study
