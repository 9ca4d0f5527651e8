// DeltaNet as its definition says it (math.md), one scalar at a time. The judge of the kernel; shares nothing
// with it.
#pragma once
#include <complex>
#include <cstddef>
#include <vector>

namespace yore::mixers::ref {

/// One head of one sequence: q and k [tokens, keys], v [tokens, values], beta [tokens] or empty (all 1);
/// state [keys, values] goes on from what it holds. Returns the outputs [tokens, values].
template <class Number>
std::vector<Number> delta_net(std::size_t keys, std::size_t values, double scale,
                              const std::vector<Number>& q, const std::vector<Number>& k,
                              const std::vector<Number>& v, const std::vector<Number>& beta,
                              std::vector<Number>& state) {
  std::vector<Number> out;
  for (std::size_t t = 0; t * values < v.size(); ++t)
    for (std::size_t j = 0; j < values; ++j) {
      Number held = 0, read = 0;
      for (std::size_t i = 0; i < keys; ++i) held += k[t * keys + i] * state[i * values + j];
      const Number strength = beta.empty() ? Number(1) : beta[t];
      for (std::size_t i = 0; i < keys; ++i) {
        Number& cell = state[i * values + j];
        cell += strength * k[t * keys + i] * (v[t * values + j] - held);
        read += scale * q[t * keys + i] * cell;
      }
      out.push_back(read);
    }
  return out;
}

}  // namespace yore::mixers::ref
