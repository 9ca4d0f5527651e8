// The metrics of the task "formal", typed: accuracies by set and by length, and the answers to witness words.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "yore/base/metric.h"

namespace yore::tasks {

/// Accuracy over a set of words.
struct Score {
  std::string name;  ///< "validation", "41-100"
  int min_length = 0, max_length = 0;
  std::int64_t words = 0, correct = 0;
  std::int64_t positives = 0, positives_correct = 0;
  double accuracy() const {
    return words == 0 ? 0.0 : static_cast<double>(correct) / static_cast<double>(words);
  }
  /// Whether all words are on one side of the language, where a constant answer is always right.
  bool one_class() const { return positives == 0 || positives == words; }
};

/// Accuracy at one length (for the plot of accuracy against length).
struct LengthScore {
  int length = 0;
  std::int64_t words = 0, correct = 0;
};

/// One witness string's answer.
struct WitnessScore {
  std::string witness_of;  ///< class the witness refutes: "global", "local" ...
  int n = 0;
  int length = 0;
  bool accepted = false;  ///< truth
  double logit = 0;       ///< model's answer; > 0 accepts
};

/// All scores of a run or an evaluation.
struct RecognitionScores {
  Score validation;
  std::vector<Score> buckets;
  std::vector<LengthScore> lengths;  ///< over validation and buckets, in ascending order
  std::vector<WitnessScore> witnesses;
};

/// Set names of the metrics that are not of a set of words.
inline constexpr const char* kByLength = "by length";
inline constexpr const char* kWitness = "witness";
inline constexpr const char* kValidation = "validation";

/// As metrics: {set, "accuracy", keys min_length, max_length, correct, positives, positives_correct},
/// {kByLength, "accuracy", keys length, correct}, {kWitness, "logit", keys witness_of, n, length, accepted}.
std::vector<base::Metric> to_metrics(const Score& score);
std::vector<base::Metric> to_metrics(const std::vector<LengthScore>& lengths);
base::Metric to_metric(const WitnessScore& witness);
/// The inverse, of all metrics of a result; lengths of several sets are added up. Throws InputError(`source`)
/// for metrics of another form.
RecognitionScores recognition_scores(const std::vector<base::Metric>& metrics, const std::string& source);

}  // namespace yore::tasks
