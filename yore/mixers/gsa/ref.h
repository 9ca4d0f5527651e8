// Gated slot attention as its definition says it (math.md), one scalar at a time. The judge of the kernel;
// shares nothing with it.
#pragma once
#include <complex>
#include <cstddef>
#include <vector>

namespace yore::mixers::ref {

/// One head of one sequence: q, k [tokens, key], v [tokens, value], write and log_decay [tokens, slots]; keys
/// [slots, key] and values [slots, value] go on from what they hold. Returns the outputs [tokens, value].
template <class Number>
std::vector<Number> gsa(std::size_t slots, std::size_t key, std::size_t value, double scale,
                        const std::vector<Number>& q, const std::vector<Number>& k,
                        const std::vector<Number>& v, const std::vector<Number>& write,
                        const std::vector<Number>& log_decay, std::vector<Number>& keys,
                        std::vector<Number>& values) {
  std::vector<Number> out;
  for (std::size_t t = 0; t * value < v.size(); ++t) {
    std::vector<Number> weights;
    Number total = 0;
    for (std::size_t m = 0; m < slots; ++m) {
      const Number decay = std::exp(log_decay[t * slots + m]), w = write[t * slots + m];
      Number logit = 0;
      for (std::size_t d = 0; d < key; ++d) {
        keys[m * key + d] = decay * keys[m * key + d] + w * k[t * key + d];
        logit += scale * keys[m * key + d] * q[t * key + d];
      }
      for (std::size_t d = 0; d < value; ++d)
        values[m * value + d] = decay * values[m * value + d] + w * v[t * value + d];
      weights.push_back(std::exp(logit));  // logits of the cases are small
      total += weights.back();
    }
    for (std::size_t d = 0; d < value; ++d) {
      Number read = 0;
      for (std::size_t m = 0; m < slots; ++m) read += weights[m] / total * values[m * value + d];
      out.push_back(read);
    }
  }
  return out;
}

}  // namespace yore::mixers::ref
