// Softmax attention as its definition says it, one scalar at a time. The judge of every faster form; not for
// use in models. Templated on the number type: double, long double, or std::complex<double> for derivatives
// by complex step (the softmax is shifted by a real number, so the function stays analytic).
#pragma once
#include <cmath>
#include <complex>
#include <limits>
#include <vector>

namespace yore::mixers::ref {

/// True if position i sees position j. lookback -1 = global.
inline bool visible(int i, int j, int lookback, bool strict) {
  if (j > i || (strict && j == i)) return false;
  return lookback < 0 || i - j <= lookback;
}

inline double real_part(double x) {
  return x;
}
inline double real_part(const std::complex<double>& x) {
  return x.real();
}

/// One head of one sequence: q, k, v row-major [T, D]; the result is [T, D].
template <class Number>
std::vector<Number> attention(const std::vector<Number>& q, const std::vector<Number>& k,
                              const std::vector<Number>& v, int length, int dim, int lookback, bool strict,
                              double scale, double slope) {
  std::vector<Number> out(static_cast<std::size_t>(length) * static_cast<std::size_t>(dim), Number(0));
  const auto at = [&](int t, int d) {
    return static_cast<std::size_t>(t) * static_cast<std::size_t>(dim) + static_cast<std::size_t>(d);
  };
  for (int i = 0; i < length; ++i) {
    std::vector<Number> score(static_cast<std::size_t>(length), Number(0));
    double shift = -std::numeric_limits<double>::infinity();
    for (int j = 0; j < length; ++j) {
      if (!visible(i, j, lookback, strict)) continue;
      Number& s = score[static_cast<std::size_t>(j)];
      for (int d = 0; d < dim; ++d) s += q[at(i, d)] * k[at(j, d)];
      s = s * Number(scale) - Number(slope * (i - j));
      shift = std::max(shift, real_part(s));
    }
    Number total(0);
    for (int j = 0; j < length; ++j) {
      if (!visible(i, j, lookback, strict)) continue;
      const Number weight = std::exp(score[static_cast<std::size_t>(j)] - Number(shift));
      total += weight;
      for (int d = 0; d < dim; ++d) out[at(i, d)] += weight * v[at(j, d)];
    }
    if (real_part(total) == 0) continue;  // saw nothing: the output is 0
    for (int d = 0; d < dim; ++d) out[at(i, d)] /= total;
  }
  return out;
}

}  // namespace yore::mixers::ref
