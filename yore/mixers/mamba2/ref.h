// Mamba-2's recurrence as its definition says it (math.md), one scalar at a time. The judge of the kernel;
// shares nothing with it.
#pragma once
#include <complex>
#include <cstddef>
#include <vector>

namespace yore::mixers::ref {

/// One head of one sequence: c (what reads) and b (what writes) [tokens, numbers], x [tokens, values], step
/// and log_decay [tokens]; state [numbers, values] goes on from what it holds. Returns the outputs [tokens,
/// values], without the skip.
template <class Number>
std::vector<Number> mamba2(std::size_t numbers, std::size_t values, const std::vector<Number>& c,
                           const std::vector<Number>& b, const std::vector<Number>& x,
                           const std::vector<Number>& step, const std::vector<Number>& log_decay,
                           std::vector<Number>& state) {
  std::vector<Number> out;
  for (std::size_t t = 0; t < step.size(); ++t) {
    const Number decay = std::exp(log_decay[t]);
    for (std::size_t j = 0; j < values; ++j) {
      Number read = 0;
      for (std::size_t n = 0; n < numbers; ++n) {
        Number& cell = state[n * values + j];
        cell = decay * cell + step[t] * b[t * numbers + n] * x[t * values + j];
        read += c[t * numbers + n] * cell;
      }
      out.push_back(read);
    }
  }
  return out;
}

}  // namespace yore::mixers::ref
