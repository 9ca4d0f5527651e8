#include "by_yore.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "yore/mixers/attention/decode.h"
#include "yore/mixers/attention/kernel.h"

using namespace yore::mixers;

namespace {

/// A matrix as yore's kernels take it: 32-bit numbers in one piece.
std::vector<float> flat(const Matrix& rows) {
  std::vector<float> out;
  for (const Row& row : rows)
    for (double number : row) out.push_back(static_cast<float>(number));
  return out;
}

Matrix unflat(const std::vector<float>& numbers, std::size_t width) {
  Matrix out;
  for (std::size_t at = 0; at < numbers.size(); at += width)
    out.emplace_back(numbers.begin() + static_cast<std::ptrdiff_t>(at),
                     numbers.begin() + static_cast<std::ptrdiff_t>(at + width));
  return out;
}

AttentionParams params_of(const Mask& mask) {
  AttentionParams params;
  params.lookback = {mask.lookback};
  params.strict = !mask.own;
  return params;
}

double largest(const Matrix& rows) {
  double found = 0;
  for (const Row& row : rows)
    for (double number : row) found = std::max(found, std::abs(number));
  return found;
}

}  // namespace

Matrix by_kernel(const Matrix& queries, const Matrix& keys, const Matrix& values, const Mask& mask) {
  const std::vector<float> q = flat(queries), k = flat(keys), v = flat(values);
  std::vector<float> out(v.size());
  const auto words = static_cast<std::int64_t>(queries.size());
  const auto width = static_cast<std::int64_t>(queries.front().size());
  kernel::Problem<float> problem;
  problem.sequences = {.batch = 1, .queries = words, .keys = words};
  problem.heads = problem.kv_heads = 1;
  problem.dim = problem.value_dim = static_cast<int>(width);
  problem.q = {q.data(), 0, width, width};  // from one sentence, word, head to the next
  problem.k = {k.data(), 0, width, width};
  problem.v = {v.data(), 0, width, width};
  kernel::forward<float>(problem, params_of(mask), {out.data(), 0, width, width}, nullptr);
  return unflat(out, queries.front().size());
}

Matrix by_state(const Matrix& queries, const Matrix& keys, const Matrix& values, const Mask& mask) {
  const auto width = static_cast<std::int64_t>(queries.front().size());
  DecodeSetting setting;
  setting.dim = setting.value_dim = static_cast<int>(width);
  setting.params = params_of(mask);
  AttentionState state(setting);
  Matrix out;
  for (std::size_t t = 0; t < queries.size(); ++t) {
    const std::vector<float> q = flat({queries[t]}), k = flat({keys[t]}), v = flat({values[t]});
    std::vector<float> row(v.size());
    const std::int64_t starts[] = {0, 1};  // one sequence, one new word
    state.advance<float>(starts, {q.data(), 0, width, width}, {k.data(), 0, width, width},
                         {v.data(), 0, width, width}, {row.data(), 0, width, width});
    out.emplace_back(row.begin(), row.end());
  }
  return out;
}

double allowed_difference(const Matrix& queries, const Matrix& keys, const Matrix& values) {
  // A score is a sum of `width` products; an error of e in it is a relative error of e in its weight, and
  // again in the sum of the weights. The last factor: rounding what goes in, and sums over the words.
  const double width = static_cast<double>(queries.front().size());
  const double score_bound = largest(queries) * largest(keys) * std::sqrt(width);
  const double operations = 2 * (width + 2) * score_bound + static_cast<double>(keys.size()) + 4;
  return std::numeric_limits<float>::epsilon() * operations * largest(values);
}
