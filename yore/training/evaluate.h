// A model's answers to words, and the scores of a run.
#pragma once
#include <span>
#include <vector>

#include "yore/model/recogniser.h"
#include "yore/runs/run_result.h"
#include "yore/tasks/formal/recognition.h"

namespace yore::training {

/// Logits (> 0 accepts), one an example, in their order. Words are batched by length within a memory bound,
/// so long words are fine; letters must be of the model's alphabet (std::invalid_argument else).
std::vector<double> logits(const model::Recogniser& model, std::span<const tasks::Example> examples);

/// All scores of a task.
struct Evaluation {
  runs::Score validation;
  std::vector<runs::Score> buckets;
  std::vector<runs::LengthScore> lengths;  ///< over validation and buckets
  std::vector<runs::WitnessScore> witnesses;
};

/// Answers the validation set, every test bucket and the witness words. Throws std::invalid_argument if the
/// alphabet sizes differ, InputError if learned positions do not reach the longest word.
Evaluation evaluate(const model::Recogniser& model, const tasks::RecognitionTask& task);

}  // namespace yore::training
