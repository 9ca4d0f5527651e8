// The task "formal": which words are in a language?
#pragma once
#include "yore/languages/language.h"
#include "yore/tasks/formal/recognition.h"
#include "yore/tasks/formal/scores.h"

namespace yore::tasks {

/// The words of a language as a Task. Sets: "validation" and the buckets, and kWitness if there are witness
/// words; metrics: see scores.h.
class FormalTask final : public Task {
 public:
  explicit FormalTask(RecognitionTask words) : words_(std::move(words)) {}

  Objective objective() const override { return Objective::Accept; }
  int vocabulary() const override { return words_.vocabulary(); }
  int outputs() const override { return 1; }
  std::vector<std::string> token_names() const override { return words_.dfa().alphabet.names(); }
  std::int64_t longest() const override { return words_.longest_word() + 1; }
  Batch training_batch(std::uint64_t seed, std::int64_t step, int sequences) const override {
    return words_.training_batch(seed, step, sequences);
  }
  EvaluationSet validation() const override;
  std::vector<EvaluationSet> tests() const override;
  std::unique_ptr<Scorer> scorer(const EvaluationSet& set) const override;

  const RecognitionTask& words() const { return words_; }

 private:
  RecognitionTask words_;
};

/// The words of `data` of a language that is read already, and, for every class that the language is not in
/// at this lookback, the witness's two strings at n = 1..data.witness_depth, and at n doubled from there
/// while they are no longer than the longest test words (short ones lie within the training lengths, where
/// also a model that must fail may be right). A model of lookback 2 meets the words that refute LTL[Y<=2] and
/// LTL[P,Y<=2].
RecognitionTask recognition_task(const languages::Language& language, const DataConfig& data, int lookback);

}  // namespace yore::tasks
