// From a model's answers to the scores that a run records.
#pragma once
#include <span>
#include <vector>

#include "yore/runs/run_result.h"
#include "yore/tasks/recognition.h"

namespace yore::tasks {

/// Accuracy of `logits` (one an example; > 0 accepts, so NaN rejects) on a set. std::invalid_argument unless
/// sizes agree.
runs::Score score(const WordSet& set, std::span<const double> logits);

/// Adds a set's answers to a table by length, kept in ascending order of length.
void add_by_length(const WordSet& set, std::span<const double> logits, std::vector<runs::LengthScore>& table);

/// One line a witness word. `logits` as for task.witness_set().
std::vector<runs::WitnessScore> witness_scores(const RecognitionTask& task, std::span<const double> logits);

}  // namespace yore::tasks
