// The first keys of a task's random streams (base::Random): what the drawn sequences are for.
#pragma once
#include <cstdint>

namespace yore::tasks::streams {

inline constexpr std::uint64_t kTraining = 1, kValidation = 2, kTest = 3;

}  // namespace yore::tasks::streams
