// Linear attention as its definition says it (math.md), one scalar at a time. The judge of the kernel; shares
// nothing with it.
#pragma once
#include <complex>
#include <cstddef>
#include <vector>

namespace yore::mixers::ref {

/// One head of one sequence: features q and k [tokens, keys], v [tokens, values]; state [keys, values] goes
/// on from what it holds. Returns the outputs [tokens, values].
template <class Number>
std::vector<Number> linear_attention(std::size_t keys, std::size_t values, double scale,
                                     const std::vector<Number>& q, const std::vector<Number>& k,
                                     const std::vector<Number>& v, std::vector<Number>& state) {
  std::vector<Number> out;
  for (std::size_t t = 0; t * values < v.size(); ++t)
    for (std::size_t j = 0; j < values; ++j) {
      Number read = 0;
      for (std::size_t i = 0; i < keys; ++i) {
        state[i * values + j] += k[t * keys + i] * v[t * values + j];
        read += q[t * keys + i] * state[i * values + j];
      }
      out.push_back(scale * read);
    }
  return out;
}

/// Outputs `out` of the above from the first token on, each divided by scale q . (sum of keys so far) +
/// epsilon.
template <class Number>
void normalise(std::size_t keys, std::size_t values, double scale, double epsilon,
               const std::vector<Number>& q, const std::vector<Number>& k, std::vector<Number>& out) {
  std::vector<Number> sum(keys);
  for (std::size_t t = 0; t * keys < q.size(); ++t) {
    Number weight = 0;
    for (std::size_t i = 0; i < keys; ++i) {
      sum[i] += k[t * keys + i];
      weight += scale * q[t * keys + i] * sum[i];
    }
    for (std::size_t j = 0; j < values; ++j) out[t * values + j] /= weight + epsilon;
  }
}

}  // namespace yore::mixers::ref
