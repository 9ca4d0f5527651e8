// By what heads are ranked when some of them have to go.
#pragma once
#include <array>
#include <cstdint>

#include "yore/budget/subject.h"

namespace yore::budget {

enum class Rank {
  Gate,         ///< its gate at the budget; of a model that was trained with gates
  Norm,         ///< the Frobenius norm of W_O W_V of the head: how much it can hand on
  Sensitivity,  ///< the mean over batches of |d loss / d gate| at open gates (Michel, Levy & Neubig 2019,
                ///< arXiv 1905.10650)
  Random,       ///< drawn: what knowing nothing gets
};
inline std::array<const char*, 4> enum_names(Rank) {
  return {"gate", "norm", "sensitivity", "random"};
}

struct RankOptions {
  Rank by = Rank::Gate;
  double budget = 1;       ///< of gates
  int batches = 16;        ///< of sensitivity, drawn as training draws them
  int batch = 16;          ///< sequences each
  std::uint64_t seed = 1;  ///< of random, and of the batches
};

/// A number for each head, the higher the better. Throws InputError(source): gates that the model does not
/// have; a model without a task for sensitivity.
arch::PerHead head_scores(const Subject& subject, const RankOptions& options);

}  // namespace yore::budget
