#include "yore/tasks/common/evaluation_sets.h"

#include <fmt/format.h>

#include "yore/base/budget.h"

namespace yore::tasks {

bool one_class(const Batch& batch) {
  std::int32_t answer = kIgnored;
  for (const std::int32_t target : batch.targets) {
    if (target == kIgnored || target == answer) continue;
    if (answer != kIgnored) return false;
    answer = target;
  }
  return answer != kIgnored;
}

void require_set_memory(const std::string& source, double sequences, double tokens) {
  // A token and its target, once as drawn and once in the batch.
  constexpr double kToken = 16, kSequence = 100;
  base::require_memory(source, kSequence * sequences + kToken * tokens,
                       fmt::format("its {:.0f} sequences for validation and test, of {:.3g} tokens in all,",
                                   sequences, tokens));
}

}  // namespace yore::tasks
