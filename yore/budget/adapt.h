// Hard-gate adaptation: a model that has been trained with all its heads, or with soft gates, learns to do
// without the heads that go.
//
//   student   hands on what the kept heads give in full, and nothing of the others
//   teacher   the model as it was: with the soft gates of the budget where it has gates, else with all heads
//   loss      the task's + KL(teacher || student), over the tokens at which something is asked
//
// Where heads are ranked by their gates, these learn too: forward they are 0 or 1, backward as the soft gates
// are (straight-through), and which heads stay follows from them at every step. Published: arXiv 2605.05697;
// the loss is chosen here.
#pragma once
#include <cstdint>

#include "yore/base/progress.h"
#include "yore/budget/rank.h"

namespace yore::budget {

struct AdaptOptions {
  std::int64_t steps = 0;
  int batch = 16;
  double learning_rate = 3e-4;  ///< after a warm-up of a tenth of the steps; a half cosine down to 0
  std::uint64_t seed = 1;       ///< of the batches, which are the task's for training
  base::Progress::Output progress = base::Progress::Output::silent();
};

/// A model and the heads of it that stay; what the others hand on still counts in it.
struct Adapted {
  arch::ModelFile file;
  arch::KeptHeads kept;
};

/// From the heads that `kept` says. Throws InputError (task_of), base::Interrupted if a signal came, and
/// InputError if the loss is not finite.
Adapted adapt(const Subject& subject, const RankOptions& rank, const arch::KeptHeads& kept,
              const AdaptOptions& options);

}  // namespace yore::budget
