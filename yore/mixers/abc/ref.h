// Attention with bounded-memory control as its definition says it (math.md): sums over all tokens, no state
// at all. The judge of the kernel and the layer; shares nothing with them.
#pragma once
#include <complex>
#include <cstddef>
#include <vector>

namespace yore::mixers::ref {

/// One head of one sequence: q, k [tokens, key], v [tokens, value], s [tokens, slots]: logits by which tokens
/// are shared out to slots. Returns the outputs [tokens, value].
template <class Number>
std::vector<Number> abc(std::size_t slots, std::size_t key, std::size_t value, double scale,
                        const std::vector<Number>& q, const std::vector<Number>& k,
                        const std::vector<Number>& v, const std::vector<Number>& s) {
  std::vector<Number> out;
  for (std::size_t t = 0; t * value < v.size(); ++t) {
    std::vector<Number> read(value);
    Number total = 0;
    for (std::size_t m = 0; m < slots; ++m) {
      // A slot's key and value are means of all so far, weighted by e^s.
      Number mass = 0, score = 0;
      std::vector<Number> mean(value);
      for (std::size_t j = 0; j <= t; ++j) {
        const Number weight = std::exp(s[j * slots + m]);
        mass += weight;
        for (std::size_t d = 0; d < key; ++d) score += weight * scale * q[t * key + d] * k[j * key + d];
        for (std::size_t d = 0; d < value; ++d) mean[d] += weight * v[j * value + d];
      }
      const Number weight = std::exp(score / mass);  // scores of the cases are small
      total += weight;
      for (std::size_t d = 0; d < value; ++d) read[d] += weight * mean[d] / mass;
    }
    for (std::size_t d = 0; d < value; ++d) out.push_back(read[d] / total);
  }
  return out;
}

}  // namespace yore::mixers::ref
