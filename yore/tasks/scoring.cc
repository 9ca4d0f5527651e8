#include "yore/tasks/scoring.h"

#include <algorithm>
#include <stdexcept>

namespace yore::tasks {
namespace {

void require_same_size(std::size_t examples, std::size_t logits) {
  if (examples != logits) throw std::invalid_argument("scoring: one logit an example is needed");
}

}  // namespace

runs::Score score(const WordSet& set, std::span<const double> logits) {
  require_same_size(set.examples.size(), logits.size());
  runs::Score score;
  score.name = set.name;
  score.min_length = set.min_length;
  score.max_length = set.max_length;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const bool truth = set.examples[i].accepted;
    const bool correct = (logits[i] > 0) == truth;
    ++score.words;
    score.correct += correct;
    score.positives += truth;
    score.positives_correct += truth && correct;
  }
  return score;
}

void add_by_length(const WordSet& set, std::span<const double> logits,
                   std::vector<runs::LengthScore>& table) {
  require_same_size(set.examples.size(), logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const int length = static_cast<int>(set.examples[i].word.size());
    auto row = std::lower_bound(table.begin(), table.end(), length,
                                [](const runs::LengthScore& s, int n) { return s.length < n; });
    if (row == table.end() || row->length != length) row = table.insert(row, {length, 0, 0});
    ++row->words;
    row->correct += (logits[i] > 0) == set.examples[i].accepted;
  }
}

std::vector<runs::WitnessScore> witness_scores(const RecognitionTask& task, std::span<const double> logits) {
  const std::vector<WitnessWord>& witnesses = task.witnesses();
  require_same_size(witnesses.size(), logits.size());
  std::vector<runs::WitnessScore> scores;
  for (std::size_t i = 0; i < logits.size(); ++i)
    scores.push_back({witnesses[i].witness_of, witnesses[i].n, static_cast<int>(witnesses[i].word.size()),
                      task.dfa().accepts(witnesses[i].word), logits[i]});
  return scores;
}

}  // namespace yore::tasks
