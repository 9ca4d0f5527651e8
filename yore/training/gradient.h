// The gradient of a batch, computed in parts that fit the memory and, where several processes train together,
// by each its share. Parts and ranks change nothing but the rounding of sums.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <vector>

#include "yore/model/model.h"
#include "yore/tasks/task.h"
#include "yore/training/head_budget.h"
#include "yore/training/ranks.h"

namespace yore::training {

/// What ranks tell each other with their gradients, for all to stop at the same step.
struct Word {
  bool interrupted = false;  ///< a signal has come
  bool late = false;         ///< the time of the run is over
};

/// Keeps the model's gradient, one number a parameter, and computes it anew for every batch.
class BatchGradient {
 public:
  /// Each rank computes its share of the batch in `parts` parts. `ranks` may be null: this process alone.
  /// Both references must outlive this.
  BatchGradient(const model::Model& model, int parts, Ranks* ranks);

  /// By which parameters the loss is derived from here on, one mark a parameter; the others' numbers are 0.
  /// None are chosen before the first call.
  void choose(const std::vector<char>& learns);

  /// The mean loss over the batch's targets (loss.h; with a budget of heads, head_budget.h), and its gradient
  /// in flat(); of several ranks, what this one's sequences have in both. Nothing where the loss is not
  /// finite. Every rank must call it with the same batch and budget.
  std::optional<double> compute(const tasks::Batch& batch, const HeadBudget& budget = {});

  /// What compute() gave, of all ranks together, with flat() likewise; nothing where any of them had a loss
  /// that is not finite. `word` is what this process knows, and becomes what any of the ranks does. Changes
  /// nothing if there is one process. Throws PeerLost.
  std::optional<double> add_up(std::optional<double> loss, Word& word);

  /// [parameters], of the last batch.
  const at::Tensor& flat() const { return gradient_; }
  /// The last loss that was computed, finite or not.
  double last_loss() const { return last_loss_; }
  /// The name of the first parameter whose gradient is not finite.
  std::string culprit() const;

 private:
  void write(std::vector<at::Tensor> gradients, bool add);

  const model::Model& model_;
  int parts_;
  Ranks* ranks_;
  at::Tensor sums_;                              ///< what ranks add up: the gradient, and further numbers
  at::Tensor gradient_;                          ///< [parameters], the first of sums_
  std::vector<at::Tensor> inputs_;               ///< the chosen parameters
  std::vector<const model::Parameter*> places_;  ///< of inputs_
  double last_loss_ = 0;
};

}  // namespace yore::training
