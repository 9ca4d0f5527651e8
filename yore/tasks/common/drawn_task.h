// Tasks whose sequences are drawn from a generator by length: all but "how is one drawn?" is the same.
#pragma once
#include <optional>

#include "yore/base/random.h"
#include "yore/tasks/common/task_options.h"
#include "yore/tasks/task.h"

namespace yore::tasks {

/// What is drawn: the options that these tasks share.
struct Draws {
  LengthRange training;            ///< of training and validation
  std::vector<LengthRange> tests;  ///< a test set each
  int validation_sequences = 0, test_sequences = 0;
  std::uint64_t split_seed = 0;  ///< names the split and the evaluation sets
};

/// "train_min_length", "train_max_length", "test_lengths", "validation_sequences", "test_sequences",
/// "split_seed", with these defaults; `what` says what a length counts ("Letters to copy").
std::vector<base::OptionSpec> draw_options(LengthRange training, const std::vector<std::string>& tests,
                                           const std::string& what);
/// Read and checked; no length is below `shortest`. Throws InputError("task NAME").
Draws read_draws(const TaskOptions& options, int shortest);

/// Sizes of tasks that have these options: a size is a length.
Sizes drawn_sizes(const std::string& procedure, bool costlier = false);

/// The names of letters 0 .. letters - 1 ("0", "1" ..), then `more`.
std::vector<std::string> numbered_names(int letters, const std::vector<std::string>& more);

/// `scorer`, with {"chance": chance} among the keys of its metrics named "accuracy".
std::unique_ptr<Scorer> with_chance(std::unique_ptr<Scorer> scorer, double chance);

/// The tokens of a sequence: so many for each unit of its length, and so many more.
struct TokensOf {
  std::int64_t unit = 1, more = 0;
};

/// Sequence i of a step depends on (split seed, seed, step, i) alone; sequence i of an evaluation set on
/// (split seed, set, i). Evaluation asks for held-out sequences, training for the others: what that means is
/// up to draw(). Sets have the keys min_length and max_length, and are sorted by length.
class DrawnTask : public Task {
 public:
  /// `name`: of the task, so that tasks of equal options draw different numbers. Throws InputError where the
  /// evaluation sets would be more than memory holds.
  DrawnTask(const std::string& name, Draws draws, TokensOf tokens = {});

  std::int64_t longest() const override;
  Batch training_batch(std::uint64_t seed, std::int64_t step, int sequences) const override;
  EvaluationSet validation() const override;
  std::vector<EvaluationSet> tests() const override;
  /// The default one, with_chance.
  std::unique_ptr<Scorer> scorer(const EvaluationSet& set) const override;

 protected:
  struct Sequence {
    std::vector<std::int32_t> tokens, targets;
  };
  const Draws& draws() const { return draws_; }
  /// One sequence of the given length (as the options count it) of the side asked for.
  virtual Sequence draw(int length, bool held_out, base::Random& random) const = 0;
  /// The share of right answers that guessing gets.
  virtual double chance() const = 0;

 private:
  EvaluationSet draw_set(const std::string& set, LengthRange lengths, int sequences,
                         std::uint64_t purpose) const;
  std::int64_t tokens_at(int length) const { return tokens_.unit * length + tokens_.more; }

  Draws draws_;
  TokensOf tokens_;
  std::uint64_t name_;
};

}  // namespace yore::tasks
