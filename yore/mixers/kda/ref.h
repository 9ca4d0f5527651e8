// Kimi delta attention as its definition says it (math.md), one scalar at a time. The judge of the kernel;
// shares nothing with it.
#pragma once
#include <complex>
#include <cstddef>
#include <vector>

namespace yore::mixers::ref {

/// One head of one sequence: q, k and log_decay [tokens, keys], v [tokens, values], beta [tokens]; state
/// [keys, values] goes on from what it holds. Returns the outputs [tokens, values].
template <class Number>
std::vector<Number> kda(std::size_t keys, std::size_t values, double scale, const std::vector<Number>& q,
                        const std::vector<Number>& k, const std::vector<Number>& v,
                        const std::vector<Number>& log_decay, const std::vector<Number>& beta,
                        std::vector<Number>& state) {
  std::vector<Number> out;
  for (std::size_t t = 0; t < beta.size(); ++t)
    for (std::size_t j = 0; j < values; ++j) {
      Number held = 0, read = 0;
      for (std::size_t i = 0; i < keys; ++i) {
        state[i * values + j] *= std::exp(log_decay[t * keys + i]);
        held += k[t * keys + i] * state[i * values + j];
      }
      for (std::size_t i = 0; i < keys; ++i) {
        state[i * values + j] += beta[t] * k[t * keys + i] * (v[t * values + j] - held);
        read += scale * q[t * keys + i] * state[i * values + j];
      }
      out.push_back(read);
    }
  return out;
}

}  // namespace yore::mixers::ref
