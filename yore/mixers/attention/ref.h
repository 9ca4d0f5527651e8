// Softmax attention as its definition says it, one scalar at a time. The judge of every faster form; not for
// use in models. Templated on the number type: double, long double, or std::complex<double> for derivatives
// by complex step (the softmax is shifted by a real number, so the function stays analytic).
#pragma once
#include <cmath>
#include <complex>
#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

namespace yore::mixers::ref {

/// One head of one sequence, and how it sees.
struct Head {
  int queries = 0, keys = 0;  ///< T_q and T_k: query i stands at position i + T_k - T_q
  int dim = 0, value_dim = 0;
  int lookback = -1;  ///< -1 = global
  bool strict = false;
  int sinks = 0;
  std::optional<double> scale;  ///< of q.k; none = 1 / sqrt(dim)
  double slope = 0;             ///< ALiBi
  double soft_cap = 0;          ///< c > 0: scores s become c tanh(s / c) before ALiBi
};

/// True if query i sees key j.
inline bool visible(const Head& head, int i, int j) {
  const int position = i + head.keys - head.queries;
  if (j > position || (head.strict && j == position)) return false;
  return head.lookback < 0 || position - j <= head.lookback || j < head.sinks;
}

inline double real_part(double x) {
  return x;
}
inline double real_part(long double x) {
  return static_cast<double>(x);
}
inline double real_part(const std::complex<double>& x) {
  return x.real();
}

/// q [T_q, dim], k [T_k, dim], v [T_k, value_dim], row-major; the result is [T_q, value_dim]. `sink_logit`,
/// if not null, adds its exponential to every row's denominator; `lse`, if not null, receives the logarithm
/// of each denominator [T_q].
template <class Number>
std::vector<Number> attention(const std::vector<Number>& q, const std::vector<Number>& k,
                              const std::vector<Number>& v, const Head& head,
                              const Number* sink_logit = nullptr, std::vector<Number>* lse = nullptr) {
  const auto at = [](int row, int width, int column) {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(width) + static_cast<std::size_t>(column);
  };
  std::vector<Number> out(at(head.queries, head.value_dim, 0), Number(0));
  const double scale = head.scale ? *head.scale : 1 / std::sqrt(static_cast<double>(head.dim));
  constexpr double kNone = -std::numeric_limits<double>::infinity();
  if (lse != nullptr) lse->assign(static_cast<std::size_t>(head.queries), Number(kNone));
  for (int i = 0; i < head.queries; ++i) {
    std::vector<Number> score(static_cast<std::size_t>(head.keys), Number(0));
    double shift = sink_logit != nullptr ? real_part(*sink_logit) : kNone;
    for (int j = 0; j < head.keys; ++j) {
      if (!visible(head, i, j)) continue;
      Number& s = score[static_cast<std::size_t>(j)];
      for (int d = 0; d < head.dim; ++d) s += q[at(i, head.dim, d)] * k[at(j, head.dim, d)];
      s *= Number(scale);
      if (head.soft_cap != 0) s = Number(head.soft_cap) * std::tanh(s / Number(head.soft_cap));
      s -= Number(head.slope * (i + head.keys - head.queries - j));
      shift = std::max(shift, real_part(s));
    }
    if (shift == kNone) continue;  // nothing is visible: the output is 0
    Number total(0);
    if (sink_logit != nullptr) total += std::exp(*sink_logit - Number(shift));
    for (int j = 0; j < head.keys; ++j) {
      if (!visible(head, i, j)) continue;
      const Number weight = std::exp(score[static_cast<std::size_t>(j)] - Number(shift));
      total += weight;
      for (int d = 0; d < head.value_dim; ++d)
        out[at(i, head.value_dim, d)] += weight * v[at(j, head.value_dim, d)];
    }
    for (int d = 0; d < head.value_dim; ++d) out[at(i, head.value_dim, d)] /= total;
    if (lse != nullptr) (*lse)[static_cast<std::size_t>(i)] = std::log(total) + Number(shift);
  }
  return out;
}

}  // namespace yore::mixers::ref
