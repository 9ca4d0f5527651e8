// Retention as its definition says it (math.md), one scalar at a time. The judge of the kernel; shares
// nothing with it.
#pragma once
#include <complex>
#include <cstddef>
#include <vector>

namespace yore::mixers::ref {

/// One head of one sequence: q and k [tokens, keys], v [tokens, values], log_decay [tokens], all equal in
/// retention proper; state [keys, values] goes on from what it holds. Returns the outputs [tokens, values].
template <class Number>
std::vector<Number> retention(std::size_t keys, std::size_t values, double scale,
                              const std::vector<Number>& q, const std::vector<Number>& k,
                              const std::vector<Number>& v, const std::vector<Number>& log_decay,
                              std::vector<Number>& state) {
  std::vector<Number> out;
  for (std::size_t t = 0; t < log_decay.size(); ++t) {
    const Number decay = std::exp(log_decay[t]);
    for (std::size_t j = 0; j < values; ++j) {
      Number read = 0;
      for (std::size_t i = 0; i < keys; ++i) {
        Number& cell = state[i * values + j];
        cell = decay * cell + k[t * keys + i] * v[t * values + j];
        read += q[t * keys + i] * cell;
      }
      out.push_back(scale * read);
    }
  }
  return out;
}

}  // namespace yore::mixers::ref
