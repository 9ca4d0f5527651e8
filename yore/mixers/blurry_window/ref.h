// Blurry window attention as its definition says it (math.md), one scalar at a time: the judge of table and
// layer, sharing nothing with them. The kernel over slots is a sum of waves here, not a quotient of sines.
#pragma once
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

namespace yore::mixers::ref {

/// The mean of e^(2 pi i n x / M) over M frequencies symmetric around 0, the highest halved for an even M.
inline double dirichlet(long double x, std::int64_t slots) {
  const long double turn = 2 * std::numbers::pi_v<long double> * x / static_cast<long double>(slots);
  long double sum = 1;
  for (std::int64_t n = 1; 2 * n < slots; ++n) sum += 2 * std::cos(turn * static_cast<long double>(n));
  if (slots % 2 == 0) sum += std::cos(turn * static_cast<long double>(slots) / 2);
  return static_cast<double>(sum / static_cast<long double>(slots));
}

/// The weight of token t in slot m: stretch r = top / bottom, phase in slots.
inline double blurry_weight(std::int64_t t, std::int64_t m, std::int64_t slots, std::int64_t top,
                            std::int64_t bottom, double phase, const std::string& kernel, bool over_stretch) {
  const auto size = static_cast<long double>(slots);
  long double x =
      static_cast<long double>(t) * static_cast<long double>(bottom) / static_cast<long double>(top) +
      static_cast<long double>(phase) - static_cast<long double>(m);
  x -= size * std::round(x / size);
  double w = dirichlet(x, slots);
  if (kernel == "main_lobe" && std::abs(x) >= 1) w = 0;
  if (kernel == "squared") w *= w;
  return over_stretch ? w * static_cast<double>(bottom) / static_cast<double>(top) : w;
}

/// One head: q, k [tokens, key], v [tokens, value], weights [tokens, slots]; keys [slots, key] and values
/// [slots, value] go on from what they hold, `filled` [slots] from how much that is. Returns [tokens, value].
template <class Number>
std::vector<Number> blurry(std::size_t slots, std::size_t key, std::size_t value, double scale,
                           const std::vector<Number>& q, const std::vector<Number>& k,
                           const std::vector<Number>& v, const std::vector<double>& weights,
                           std::vector<Number>& keys, std::vector<Number>& values,
                           std::vector<double>& filled) {
  std::vector<Number> out;
  for (std::size_t t = 0; t * value < v.size(); ++t) {
    std::vector<Number> sum(value);
    Number total = 0;
    for (std::size_t m = 0; m < slots; ++m) {
      const double w = weights[t * slots + m];
      filled[m] += w * (1 - filled[m]);
      Number score = 0;
      for (std::size_t d = 0; d < key; ++d) {
        keys[m * key + d] += w * (k[t * key + d] - keys[m * key + d]);
        score += scale * keys[m * key + d] * q[t * key + d];
      }
      for (std::size_t d = 0; d < value; ++d)
        values[m * value + d] += w * (v[t * value + d] - values[m * value + d]);
      if (filled[m] <= 1e-12) continue;
      const Number weight = filled[m] * std::exp(score / filled[m]);  // scores of the cases are small
      total += weight;
      for (std::size_t d = 0; d < value; ++d) sum[d] += weight * values[m * value + d] / filled[m];
    }
    for (std::size_t d = 0; d < value; ++d) out.push_back(total == 0.0 ? Number(0) : sum[d] / total);
  }
  return out;
}

}  // namespace yore::mixers::ref
