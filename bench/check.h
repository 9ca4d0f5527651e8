// Answers against the definition (ref.h, in double) on sampled rows, before anything is timed.
#pragma once
#include <stdexcept>
#include <string>

#include "bench/problem.h"

namespace yore::bench {

/// A wrong answer: nothing may be timed.
struct Mismatch : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Compares rows of `out` [batch, time, heads, dim] with the reference. `who` names what computed it,
/// `weights` is the relative error that its weights may have beside float's. Throws Mismatch.
void check_output(const Problem& problem, const float* out, const std::string& who, double weights = 0);

/// Compares directional derivatives at sampled rows: of one query row, and of one key and value row, by
/// complex step through the reference. Throws Mismatch.
void check_gradients(const Problem& problem, const float* dq, const float* dk, const float* dv,
                     const std::string& who);

}  // namespace yore::bench
