// Made-up results, FOR TESTS ONLY: what a trainer would write for (ab)* if theory held to the letter.
#pragma once
#include <algorithm>
#include <cmath>

#include "yore/base/random.h"
#include "yore/runs/run_result.h"
#include "yore/tasks/formal/data_config.h"
#include "yore/tasks/formal/scores.h"

namespace yore::study::testing {

inline double invented_accuracy(const std::string& attention, std::uint64_t seed, double length) {
  const double wobble = 0.01 * static_cast<double>(seed);
  if (attention.starts_with("hybrid")) return 1;
  if (attention.starts_with("local")) return 0.55 - wobble;
  return length <= 40 ? 1 : 0.5 + (0.5 - wobble) * std::exp(-(length - 40) / 70);
}

inline tasks::Score invented_score(const std::string& name, int low, int high, int words, double accuracy) {
  const auto correct = static_cast<std::int64_t>(std::floor(accuracy * words + 1e-9));
  return {name, low, high, words, correct, words / 2, std::min<std::int64_t>(correct, words / 2)};
}

inline runs::HistoryPoint invented_point(const runs::RunConfig& config, std::int64_t step) {
  const double t =
      static_cast<double>(step) / static_cast<double>(std::max<std::int64_t>(1, config.training.steps));
  const double reached = invented_accuracy(config.model.attention, config.training.seed, 20);
  return {step, 0.69 * std::exp(-6 * t * reached) + 0.001, 0.5 + (reached - 0.5) * std::min(1.0, 1.6 * t),
          config.training.learning_rate * (1 - t), 40 * t};
}

/// The result's metrics become those of these scores, as training writes them.
inline void set_scores(runs::RunResult& result, const tasks::RecognitionScores& scores) {
  const auto add = [&](std::vector<base::Metric> metrics) {
    for (base::Metric& metric : metrics) result.metrics.push_back(std::move(metric));
  };
  result.metrics.clear();
  add(tasks::to_metrics(scores.validation));
  for (const tasks::Score& bucket : scores.buckets) add(tasks::to_metrics(bucket));
  add(tasks::to_metrics(scores.lengths));
  for (const tasks::WitnessScore& witness : scores.witnesses) add({tasks::to_metric(witness)});
}

inline runs::RunResult invented_result(const runs::RunConfig& config) {
  const auto& kind = config.model.attention;
  const std::uint64_t seed = config.training.seed;
  runs::RunResult r;
  r.status = "finished";
  r.steps = config.training.steps;
  r.seconds = 41.5 + static_cast<double>(seed);
  r.parameters = 25'000;
  base::Json options = config.task;
  options.erase("name");
  const tasks::DataConfig data = tasks::data_config(options);
  tasks::RecognitionScores scores;
  scores.validation = invented_score("validation", data.train_min_length, data.train_max_length,
                                     data.validation_words, invented_accuracy(kind, seed, 20));
  for (const auto& [low, high] : data.test_buckets)
    scores.buckets.push_back(invented_score(std::to_string(low) + "-" + std::to_string(high), low, high,
                                            data.test_words_per_bucket,
                                            invented_accuracy(kind, seed, (low + high) / 2.0)));
  for (int length = 2; length <= 500; length += 2) {
    const int words = 8;
    scores.lengths.push_back(
        {length, words,
         static_cast<std::int64_t>(std::lround(words * invented_accuracy(kind, seed, length)))});
  }
  for (const char* against : {"global", "local"})
    for (int n = 1; n <= data.witness_depth; ++n)
      for (bool accepted : {true, false}) {
        const bool wrong = kind.starts_with(against) && accepted && n > 1;
        scores.witnesses.push_back(
            {against, n, 2 * n + (accepted ? 0 : 1), accepted, (accepted != wrong ? 1 : -1) * (2.5 + n)});
      }
  set_scores(r, scores);
  for (int i = 1; i <= 12; ++i) r.history.push_back(invented_point(config, config.training.steps * i / 12));
  return r;
}

}  // namespace yore::study::testing
