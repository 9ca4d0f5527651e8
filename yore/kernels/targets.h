// The SIMD targets kernels are compiled for and chosen among at run time.
#pragma once
// What kernels are not compiled for: SSSE3, which no processor of interest stops at; AVX3_SPR and AVX3_ZEN4,
// which later releases of Highway have (bits 4 and 6: 1.0.3 has no names for them), two of six targets to
// compile for nothing that the kernels ask for beyond AVX3; and vectors whose length is known only at run
// time, which cannot stand in an array of accumulators (those processors run NEON instead). Must come before
// any header of Highway.
#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | 1LL << 4 | 1LL << 6 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#endif
#include <cstdint>
#include <string>
#include <vector>

namespace yore::kernels {

/// Names of the targets that were compiled and that this processor has, the best first.
std::vector<std::string> available_targets();

/// The target the next kernel call will run.
std::string chosen_target();

/// Makes kernels run one of available_targets(), or the best again for "". Throws std::invalid_argument for
/// another name. Process-wide; for tests and measurements.
void choose_target(const std::string& name);

/// Called by every kernel with its HWY_TARGET as it starts.
void note_target(std::int64_t target);

/// The target of the last kernel call of this process: what really ran. "" before the first.
std::string last_target();

/// The targets of all kernel calls since forget_targets(), the best first; for tests that prove what ran.
std::vector<std::string> noted_targets();
void forget_targets();

}  // namespace yore::kernels
