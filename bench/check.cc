#include "bench/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <set>

#include "yore/base/random.h"
#include "yore/mixers/attention/ref.h"

namespace yore::bench {
namespace {

using Complex = std::complex<double>;

/// Rows low..high of one head of one sequence.
template <class Number>
std::vector<Number> rows(const Shape& s, const std::vector<float>& x, int b, int h, int low, int high) {
  std::vector<Number> result;
  for (int t = low; t <= high; ++t) {
    const std::size_t row = ((static_cast<std::size_t>(b) * s.time + t) * s.heads + h) * s.dim;
    for (int d = 0; d < s.dim; ++d) result.emplace_back(x[row + d]);
  }
  return result;
}

mixers::ref::Head head_of(const Problem& p, int queries, int keys) {
  mixers::ref::Head head;
  head.queries = queries;
  head.keys = keys;
  head.dim = head.value_dim = p.shape.dim;
  head.lookback = p.shape.lookback;
  head.strict = p.shape.strict;
  head.scale = p.params.scale;
  return head;
}

int first_seen(const Shape& s, int i) {
  return s.lookback < 0 ? 0 : std::max(0, i - s.lookback);
}

/// Rounding of a float computation whose sums have `dim` and `keys` terms, errors adding up as in a random
/// walk, four standard deviations wide, relative to the sizes of what is added.
double relative_error(const Shape& s, int keys) {
  constexpr double kEpsilon = std::numeric_limits<float>::epsilon();
  return 4 * kEpsilon * (std::sqrt(static_cast<double>(s.dim)) + std::sqrt(static_cast<double>(keys)));
}

double largest(const std::vector<double>& x) {
  double most = 0;
  for (double number : x) most = std::max(most, std::abs(number));
  return most;
}

std::set<int> sampled_rows(int time) {
  std::set<int> rows;
  for (int i : {0, 1, 2, 15, 63, 64, 127, 255, 256, 257, 1000, time / 2, time - 65, time - 2, time - 1})
    if (i >= 0 && i < time) rows.insert(i);
  return rows;
}

std::set<int> ends(int n) {
  return {0, n / 2, n - 1};
}

std::vector<double> direction(base::Random& random, int n) {
  std::vector<double> u;
  for (int d = 0; d < n; ++d) u.push_back(random.normal());
  return u;
}

double dot(const std::vector<double>& u, const std::vector<double>& x) {
  double sum = 0;
  for (std::size_t d = 0; d < u.size(); ++d) sum += u[d] * x[d];
  return sum;
}

/// Slope of sum_i grad_i . out_i over query rows first..last, keys from `low` on: q, k, v as they come in.
double slope(const Problem& p, const std::vector<Complex>& q, const std::vector<Complex>& k,
             const std::vector<Complex>& v, const std::vector<double>& grad, double step) {
  const int keys = static_cast<int>(k.size()) / p.shape.dim,
            queries = static_cast<int>(q.size()) / p.shape.dim;
  const std::vector<Complex> out = mixers::ref::attention(q, k, v, head_of(p, queries, keys));
  double sum = 0;
  for (std::size_t n = 0; n < out.size(); ++n) sum += grad[n] * out[n].imag();
  return sum / step;
}

void compare(double found, double wanted, double tolerance, const std::string& what) {
  if (std::abs(found - wanted) <= tolerance) return;  // also refuses NaN
  throw Mismatch(fmt::format("{}: found {:.9g}, the reference says {:.9g} (tolerance {:.2g})", what, found,
                             wanted, tolerance));
}

constexpr double kStep = 1e-30;
constexpr double kMostPairs = 2.5e6;  // of one complex evaluation: about a second

std::vector<double> as_doubles(const Shape& s, const float* x, int b, int h, int t) {
  const float* row = x + ((static_cast<std::size_t>(b) * s.time + t) * s.heads + h) * s.dim;
  return {row, row + s.dim};
}

void check_query(const Problem& p, const float* dq, int b, int h, int i, const std::string& who) {
  const Shape& s = p.shape;
  const int low = first_seen(s, i);
  base::Random random({5, static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(h)});
  const std::vector<double> u = direction(random, s.dim);
  std::vector<Complex> q = rows<Complex>(s, p.q, b, h, i, i);
  for (int d = 0; d < s.dim; ++d) q[d] += Complex(0, kStep * u[d]);
  const auto grad = rows<double>(s, p.grad, b, h, i, i), v = rows<double>(s, p.v, b, h, low, i);
  const double wanted =
      slope(p, q, rows<Complex>(s, p.k, b, h, low, i), rows<Complex>(s, p.v, b, h, low, i), grad, kStep);
  // dq = c sum_j p_ij (g.v_j - g.out) k_j: sizes of the factors, each dot product as large as its norms
  // allow.
  const double size = *p.params.scale * 2 * s.dim * std::sqrt(s.dim) * largest(grad) * largest(v);
  compare(dot(u, as_doubles(s, dq, b, h, i)), wanted, relative_error(s, i - low + 1) * size,
          fmt::format("{}: derivative by query row {} of head {}", who, i, h));
}

void check_key(const Problem& p, const float* dk, const float* dv, int b, int h, int j,
               const std::string& who) {
  const Shape& s = p.shape;
  const int last = s.lookback < 0 ? s.time - 1 : std::min(s.time - 1, j + s.lookback);
  const int low = first_seen(s, j);
  if (static_cast<double>(last - j + 1) * (last - low + 1) > kMostPairs) return;
  base::Random random({6, static_cast<std::uint64_t>(j), static_cast<std::uint64_t>(h)});
  const std::vector<double> u = direction(random, s.dim), w = direction(random, s.dim);
  std::vector<Complex> k = rows<Complex>(s, p.k, b, h, low, last), v = rows<Complex>(s, p.v, b, h, low, last);
  const auto at = static_cast<std::size_t>(j - low) * s.dim;
  for (int d = 0; d < s.dim; ++d) {
    k[at + d] += Complex(0, kStep * u[d]);
    v[at + d] += Complex(0, kStep * w[d]);
  }
  const auto grad = rows<double>(s, p.grad, b, h, j, last);
  const double wanted = slope(p, rows<Complex>(s, p.q, b, h, j, last), k, v, grad, kStep);
  const double value_size = largest(rows<double>(s, p.v, b, h, low, last));
  const double size =
      *p.params.scale * 2 * s.dim * std::sqrt(s.dim) * largest(grad) * value_size + s.dim * largest(grad);
  compare(dot(u, as_doubles(s, dk, b, h, j)) + dot(w, as_doubles(s, dv, b, h, j)), wanted,
          relative_error(s, last - low + 1) * size,
          fmt::format("{}: derivative by key and value row {} of head {}", who, j, h));
}

}  // namespace

void check_output(const Problem& p, const float* out, const std::string& who, double weights) {
  const Shape& s = p.shape;
  for (int b : ends(s.batch))
    for (int h : ends(s.heads))
      for (int i : sampled_rows(s.time)) {
        const int low = first_seen(s, i);
        const auto v = rows<double>(s, p.v, b, h, low, i);
        const auto wanted =
            mixers::ref::attention(rows<double>(s, p.q, b, h, i, i), rows<double>(s, p.k, b, h, low, i), v,
                                   head_of(p, 1, i - low + 1));
        const auto found = as_doubles(s, out, b, h, i);
        for (int d = 0; d < s.dim; ++d)
          compare(found[d], wanted[d], (relative_error(s, i - low + 1) + weights) * largest(v),
                  fmt::format("{}: output row {} of head {}, column {}", who, i, h, d));
      }
}

void check_gradients(const Problem& p, const float* dq, const float* dk, const float* dv,
                     const std::string& who) {
  const Shape& s = p.shape;
  for (int b : {0, s.batch - 1})
    for (int h : {0, s.heads - 1}) {
      for (int i : sampled_rows(s.time)) check_query(p, dq, b, h, i, who);
      for (int j : {0, s.time / 2, s.time - 513, s.time - 65, s.time - 1})
        if (j >= 0) check_key(p, dk, dv, b, h, j, who);
    }
}

}  // namespace yore::bench
