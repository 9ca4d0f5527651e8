// The gated delta rule as its definition says it (math.md), one scalar at a time. The judge of the kernel;
// shares nothing with it.
#pragma once
#include <complex>
#include <cstddef>
#include <vector>

namespace yore::mixers::ref {

/// One head of one sequence: q and k [tokens, keys], v [tokens, values], log_decay and beta [tokens]; state
/// [keys, values] goes on from what it holds. Returns the outputs [tokens, values].
template <class Number>
std::vector<Number> gated_delta_net(std::size_t keys, std::size_t values, double scale,
                                    const std::vector<Number>& q, const std::vector<Number>& k,
                                    const std::vector<Number>& v, const std::vector<Number>& log_decay,
                                    const std::vector<Number>& beta, std::vector<Number>& state) {
  std::vector<Number> out;
  for (std::size_t t = 0; t < log_decay.size(); ++t) {
    for (Number& cell : state) cell *= std::exp(log_decay[t]);
    for (std::size_t j = 0; j < values; ++j) {
      Number error = v[t * values + j], read = 0;
      for (std::size_t i = 0; i < keys; ++i) error -= k[t * keys + i] * state[i * values + j];
      for (std::size_t i = 0; i < keys; ++i) {
        state[i * values + j] += beta[t] * k[t * keys + i] * error;
        read += scale * q[t * keys + i] * state[i * values + j];
      }
      out.push_back(read);
    }
  }
  return out;
}

}  // namespace yore::mixers::ref
