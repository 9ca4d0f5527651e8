// Pieces from which layer_cases.cc of recurrent mechanisms write their definitions: plain sums over complex
// numbers, in the order of the formulas. Shares nothing with any layer.
#pragma once
#include <cmath>
#include <complex>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "yore/base/files.h"
#include "yore/mixers/conformance/layer_cases.h"

namespace yore::mixers::conformance::parts {

using Numbers = std::vector<Complex>;

/// Options taken out one by one; what is left at the end is one that the reference does not know.
class Options {
 public:
  explicit Options(base::Json options) : left_(std::move(options)) {}
  template <class X>
  X take(const char* name) {
    const X x = left_.at(name).get<X>();
    left_.erase(name);
    return x;
  }
  /// One that layers at its default do not name.
  template <class X>
  X take_or(const char* name, const X& fallback) {
    return left_.contains(name) ? take<X>(name) : fallback;
  }
  void done(const std::string& mechanism) const {
    if (!left_.empty())
      throw std::logic_error("the reference of " + mechanism + " layers does not know " + left_.dump());
  }

 private:
  base::Json left_;
};

/// Width of a head, of `share` of the width in all.
inline std::size_t per_head(std::size_t width, double share, std::size_t heads) {
  return static_cast<std::size_t>(
      std::llround(share * static_cast<double>(width) / static_cast<double>(heads)));
}

/// x [rows, from] times weight [to, from] transposed, plus bias [to] if there is one.
inline Numbers linear(const Numbers& x, const Numbers& weight, const Numbers* bias, std::size_t rows,
                      std::size_t from, std::size_t to) {
  Numbers y(rows * to);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t o = 0; o < to; ++o) {
      Complex sum = bias == nullptr ? 0 : (*bias)[o];
      for (std::size_t i = 0; i < from; ++i) sum += weight[o * from + i] * x[r * from + i];
      y[r * to + o] = sum;
    }
  return y;
}

/// x [rows, width] a row later, after a row of zeros: what strict_read makes of what a token writes.
inline Numbers a_row_later(Numbers x, std::size_t width) {
  x.insert(x.begin(), width, Complex(0));
  x.resize(x.size() - width);
  return x;
}

/// Columns first .. first + count - 1 of x [rows, width].
inline Numbers columns(const Numbers& x, std::size_t rows, std::size_t width, std::size_t first,
                       std::size_t count) {
  Numbers y;
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = first; c < first + count; ++c) y.push_back(x[r * width + c]);
  return y;
}

/// y_t[c] = bias[c] + sum over w of weight[c, w] x_{t - width + 1 + w}[c], x before the first token being 0.
inline Numbers causal_conv(const Numbers& x, const Numbers& weight, const Numbers* bias, std::size_t tokens,
                           std::size_t channels, std::size_t width) {
  Numbers y(tokens * channels);
  for (std::size_t t = 0; t < tokens; ++t)
    for (std::size_t c = 0; c < channels; ++c) {
      Complex sum = bias == nullptr ? 0 : (*bias)[c];
      for (std::size_t w = 0; w < width; ++w)
        if (t + w + 1 >= width) sum += weight[c * width + w] * x[(t + w + 1 - width) * channels + c];
      y[t * channels + c] = sum;
    }
  return y;
}

/// x [tokens, dim] with numbers c and c + dim / 2 as a point of the plane, turned by t base^(-2c/dim).
inline Numbers turned(Numbers x, std::size_t dim, double base) {
  for (std::size_t t = 0; t * dim < x.size(); ++t)
    for (std::size_t c = 0; c < dim / 2; ++c) {
      const double angle =
          static_cast<double>(t) * std::pow(base, -2.0 * static_cast<double>(c) / static_cast<double>(dim));
      Complex &first = x[t * dim + c], &second = x[t * dim + c + dim / 2];
      const Complex was = first;
      first = was * std::cos(angle) - second * std::sin(angle);
      second = was * std::sin(angle) + second * std::cos(angle);
    }
  return x;
}

inline Complex sigmoid(Complex x) {
  return 1.0 / (1.0 + std::exp(-x));
}
inline Complex silu(Complex x) {
  return x * sigmoid(x);
}

template <class Function>
Numbers each(Numbers x, const Function& f) {
  for (Complex& y : x) y = f(y);
  return x;
}

/// Rows as long as the weight, each divided by the root of its mean square plus epsilon, times the weight.
inline Numbers rms_norm(const Numbers& x, const Numbers& weight, double epsilon) {
  const std::size_t dim = weight.size();
  Numbers y(x.size());
  for (std::size_t r = 0; r < x.size(); r += dim) {
    Complex mean = epsilon;
    for (std::size_t d = 0; d < dim; ++d) mean += x[r + d] * x[r + d] / static_cast<double>(dim);
    for (std::size_t d = 0; d < dim; ++d) y[r + d] = x[r + d] / std::sqrt(mean) * weight[d];
  }
  return y;
}

}  // namespace yore::mixers::conformance::parts
