// The chunk scan as its definition says it (scan.h): one token after another, one number after another. For
// tests; shares nothing with the kernel.
#pragma once
#include <complex>
#include <cstdint>
#include <vector>

#include "yore/mixers/common/scan.h"

namespace yore::mixers::scan::ref {

using Complex = std::complex<double>;
using Numbers = std::vector<Complex>;

/// One sequence; arrays as Problem has them, without strides. log_decay, beta and initial may be empty.
struct Input {
  std::int64_t tokens = 0;
  Numbers q, k, v, log_decay, beta, initial;
};
/// out [tokens, heads, value_dim] and the states [heads, key_dim, value_dim] after the last token.
struct Output {
  Numbers out, state;
};

inline Output scan(const Setting& s, const Input& in) {
  const auto keys = static_cast<std::size_t>(s.key_dim), values = static_cast<std::size_t>(s.value_dim);
  const auto heads = static_cast<std::size_t>(s.heads), key_heads = static_cast<std::size_t>(s.key_heads);
  Output result{{}, in.initial};
  if (result.state.empty()) result.state.resize(heads * keys * values);
  for (std::size_t t = 0; t < static_cast<std::size_t>(in.tokens); ++t)
    for (std::size_t h = 0; h < heads; ++h) {
      const std::size_t key_head = h / (heads / key_heads);
      const Complex* q = in.q.data() + (t * key_heads + key_head) * keys;
      const Complex* k = in.k.data() + (t * key_heads + key_head) * keys;
      const Complex* v = in.v.data() + (t * heads + h) * values;
      Complex* state = result.state.data() + h * keys * values;
      for (std::size_t i = 0; i < keys; ++i)
        for (std::size_t j = 0; j < values; ++j) {
          if (s.decay == Decay::Head) state[i * values + j] *= std::exp(in.log_decay[t * heads + h]);
          if (s.decay == Decay::Key)
            state[i * values + j] *= std::exp(in.log_decay[(t * heads + h) * keys + i]);
          if (s.decay == Decay::Value)
            state[i * values + j] *= std::exp(in.log_decay[(t * heads + h) * values + j]);
        }
      const Complex beta = in.beta.empty() ? 1.0 : in.beta[t * heads + h];
      Numbers written(values);
      for (std::size_t j = 0; j < values; ++j) {
        written[j] = v[j];
        if (s.rule == Rule::Delta)
          for (std::size_t i = 0; i < keys; ++i) written[j] -= state[i * values + j] * k[i];
        written[j] *= beta;
      }
      for (std::size_t j = 0; j < values; ++j) {
        Complex out = 0;
        for (std::size_t i = 0; i < keys; ++i) {
          state[i * values + j] += k[i] * written[j];
          out += state[i * values + j] * q[i];
        }
        result.out.push_back(out * s.scale);
      }
    }
  return result;
}

}  // namespace yore::mixers::scan::ref
