// How fast a model without some of its heads is, and how fast it should be: with f the share of the time that
// its attention takes and b the share of heads that stay, 1 / (1 - f (1 - b)) times as fast.
#pragma once
#include <cstdint>
#include <vector>

#include "yore/arch/heads.h"
#include "yore/model/model.h"

namespace yore::budget {

/// Sequences to measure on.
struct SpeedSample {
  std::vector<std::int64_t> starts{0};
  std::vector<std::int32_t> tokens;
};

struct Speed {
  double seconds = 0;   ///< of the model with all heads, for a forward pass over the sample
  double share = 0;     ///< f: of that, the time between what a block's mixer is given and hands on
  double speed_up = 1;  ///< measured: the seconds of the model with all heads over those of the other
  /// 1 / (1 - f (1 - b)), summed over layers, each with its own share of the time and of its heads that stay.
  double formula = 1;
};

/// Forward passes of both in turns, for `seconds` in all, on the caller's thread; the fastest of each, which
/// other work of the machine has disturbed least. `kept` says which heads of `whole` are in `sliced`. Throws
/// base::Interrupted if a signal came.
Speed measure_speed(const model::Model& whole, const model::Model& sliced, const arch::KeptHeads& kept,
                    const SpeedSample& sample, double seconds);

}  // namespace yore::budget
