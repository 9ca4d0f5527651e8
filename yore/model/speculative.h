// Lossless speculative decoding (Leviathan et al. 2023, arXiv 2211.17192; Chen et al. 2023, arXiv
// 2302.01318): a smaller model, the draft, proposes some tokens one by one; the model reads all of them at
// once and takes those that it might as well have chosen itself. What is generated has exactly the model's
// distribution (at temperature 0: is exactly what it would generate), up to the rounding in which reading
// several tokens at once differs from reading them one by one.
//
// A proposal x, drawn with probability q(x), is taken with probability min(1, p(x) / q(x)), p being the
// model's; the first that is not gives way to a token drawn from max(0, p - q), normalised, and those behind
// it are forgotten. Where all are taken, the model has said already what comes behind them. Both p and q are
// what the samplers leave.
#pragma once
#include "yore/model/generate.h"

namespace yore::model {

/// How often the model was asked, and what became of the proposals.
struct Speculation {
  std::int64_t rounds = 0, proposed = 0, accepted = 0;
};

/// The smaller model, and what it has read.
struct Draft {
  const Model& model;
  Reading reading;
  std::int64_t proposals = 4;  ///< in a round, at least 1
  Speculation counts;          ///< so far
};

/// As generate(), with proposals of `draft`, which first reads what it lacks of what `reading` has read. Both
/// readings must have begun with a rollback of at least the number of proposals. Throws std::invalid_argument
/// for models of different vocabularies, too small a rollback, fewer proposals than 1, where the draft has
/// read something else, and where nothing was read.
Generated speculate(const Model& model, Reading& reading, Draft& draft, const Generation& generation);

}  // namespace yore::model
