#include "yore/tasks/formal/scores.h"

#include <algorithm>

#include "yore/base/error.h"
#include "yore/tasks/common/evaluation_sets.h"

namespace yore::tasks {

using base::Json;
using base::Metric;

namespace {

double ratio(std::int64_t correct, std::int64_t all) {
  return all == 0 ? 0.0 : static_cast<double>(correct) / static_cast<double>(all);
}

void add_length(const LengthScore& score, std::vector<LengthScore>& table) {
  auto row = std::lower_bound(table.begin(), table.end(), score.length,
                              [](const LengthScore& s, int n) { return s.length < n; });
  if (row == table.end() || row->length != score.length) row = table.insert(row, {score.length, 0, 0});
  row->words += score.words;
  row->correct += score.correct;
}

}  // namespace

std::vector<Metric> to_metrics(const Score& s) {
  Json keys = {{"min_length", s.min_length},
               {"max_length", s.max_length},
               {"correct", s.correct},
               {"positives", s.positives},
               {"positives_correct", s.positives_correct}};
  if (s.words > 0 && s.one_class()) keys[kOneClass] = true;
  return {{s.name, "accuracy", s.accuracy(), s.words, keys}};
}

std::vector<Metric> to_metrics(const std::vector<LengthScore>& lengths) {
  std::vector<Metric> metrics;
  for (const LengthScore& s : lengths)
    metrics.push_back({kByLength,
                       "accuracy",
                       ratio(s.correct, s.words),
                       s.words,
                       {{"length", s.length}, {"correct", s.correct}}});
  return metrics;
}

Metric to_metric(const WitnessScore& w) {
  return {kWitness,
          "logit",
          w.logit,
          1,
          {{"witness_of", w.witness_of}, {"n", w.n}, {"length", w.length}, {"accepted", w.accepted}}};
}

RecognitionScores recognition_scores(const std::vector<Metric>& metrics, const std::string& source) {
  RecognitionScores scores;
  try {
    for (const Metric& m : metrics) {
      if (m.set == kWitness) {
        scores.witnesses.push_back({m.keys.at("witness_of").get<std::string>(), m.keys.at("n").get<int>(),
                                    m.keys.at("length").get<int>(), m.keys.at("accepted").get<bool>(),
                                    m.value});
      } else if (m.set == kByLength) {
        add_length({m.keys.at("length").get<int>(), m.count, m.keys.at("correct").get<std::int64_t>()},
                   scores.lengths);
      } else if (m.name == "accuracy") {
        const Score score{m.set,
                          m.keys.at("min_length").get<int>(),
                          m.keys.at("max_length").get<int>(),
                          m.count,
                          m.keys.at("correct").get<std::int64_t>(),
                          m.keys.at("positives").get<std::int64_t>(),
                          m.keys.at("positives_correct").get<std::int64_t>()};
        if (m.set == kValidation)
          scores.validation = score;
        else
          scores.buckets.push_back(score);
      }
    }
  } catch (const Json::exception& e) {
    throw base::InputError(
        source, std::string("its metrics are not those of words of a language (") + e.what() + ")");
  }
  return scores;
}

}  // namespace yore::tasks
