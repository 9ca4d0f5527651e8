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

/// How old what slots hold is when they fade, in tokens, [tokens, slots]: of each slot the mean of t - j over
/// tokens j, by what each has left in it; 0 for an empty slot.
inline std::vector<double> blurry_ages(std::size_t slots, const std::vector<double>& weights) {
  std::vector<double> ages;
  for (std::size_t t = 0; t * slots < weights.size(); ++t)
    for (std::size_t m = 0; m < slots; ++m) {
      double all = 0, sum = 0;
      for (std::size_t j = 0; j <= t; ++j) {
        double share = weights[j * slots + m];
        for (std::size_t i = j + 1; i <= t; ++i) share *= 1 - weights[i * slots + m];
        all += share;
        sum += share * static_cast<double>(t - j);
      }
      ages.push_back(all > 0 ? sum / all : 0);
    }
  return ages;
}

/// One head: q, k [tokens, key], v [tokens, value], weights [tokens, slots]; keys [slots, key] and values
/// [slots, value] go on from what they hold, `filled` [slots] from how much that is. `delta`: erased by the
/// delta rule. `bias` [tokens, slots], empty = 0, is added to logits. Returns [tokens, value].
template <class Number>
std::vector<Number> blurry(std::size_t slots, std::size_t key, std::size_t value, double scale,
                           const std::vector<Number>& q, const std::vector<Number>& k,
                           const std::vector<Number>& v, const std::vector<double>& weights, bool delta,
                           const std::vector<double>& bias, std::vector<Number>& keys,
                           std::vector<Number>& values, std::vector<double>& filled) {
  // S <- S - w (w^T S) + w x^T, or row by row S <- (1 - w) S + w x^T.
  const auto write = [&](auto& state, std::size_t dim, std::size_t t, const auto& x_of) {
    for (std::size_t d = 0; d < dim; ++d) {
      auto given = state[d] * 0.0;
      for (std::size_t m = 0; m < slots; ++m) given += weights[t * slots + m] * state[m * dim + d];
      for (std::size_t m = 0; m < slots; ++m)
        state[m * dim + d] += weights[t * slots + m] * (x_of(d) - (delta ? given : state[m * dim + d]));
    }
  };
  std::vector<Number> out;
  for (std::size_t t = 0; t * value < v.size(); ++t) {
    write(filled, 1, t, [](std::size_t) { return 1.0; });
    write(keys, key, t, [&](std::size_t d) { return k[t * key + d]; });
    write(values, value, t, [&](std::size_t d) { return v[t * value + d]; });
    std::vector<Number> sum(value);
    Number total = 0;
    for (std::size_t m = 0; m < slots; ++m) {
      if (filled[m] <= 1e-12) continue;
      Number score = 0;
      for (std::size_t d = 0; d < key; ++d) score += scale * keys[m * key + d] * q[t * key + d];
      const double added = bias.empty() ? 0 : bias[t * slots + m];
      const Number weight = filled[m] * std::exp(score / filled[m] + added);  // scores of the cases are small
      total += weight;
      for (std::size_t d = 0; d < value; ++d) sum[d] += weight * values[m * value + d] / filled[m];
    }
    for (std::size_t d = 0; d < value; ++d) out.push_back(total == 0.0 ? Number(0) : sum[d] / total);
  }
  return out;
}

}  // namespace yore::mixers::ref
