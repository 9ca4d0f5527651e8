#include "attention.h"

#include <algorithm>
#include <cmath>

double dot(const Row& a, const Row& b) {
  double total = 0;
  for (std::size_t c = 0; c < a.size(); ++c) total += a[c] * b[c];
  return total;
}

Row times(const Matrix& weights, const Row& x) {
  Row out;
  for (const Row& row : weights) out.push_back(dot(row, x));
  return out;
}

Matrix times(const Matrix& weights, const Matrix& rows) {
  Matrix out;
  for (const Row& row : rows) out.push_back(times(weights, row));
  return out;
}

Row sum(const Row& a, const Row& b) {
  Row out = a;
  for (std::size_t c = 0; c < a.size(); ++c) out[c] += b[c];
  return out;
}

double score(const Row& query, const Row& key) {
  return dot(query, key) / std::sqrt(static_cast<double>(query.size()));
}

Matrix scores(const Matrix& queries, const Matrix& keys) {
  Matrix out;
  for (const Row& query : queries) {
    Row row;
    for (const Row& key : keys) row.push_back(score(query, key));
    out.push_back(row);
  }
  return out;
}

Row softmax(const Row& numbers) {
  // The largest is taken off first, which changes no share and keeps e^number from overflowing.
  const double largest = *std::max_element(numbers.begin(), numbers.end());
  Row out;
  double total = 0;
  for (double number : numbers) out.push_back(std::exp(number - largest));
  for (double number : out) total += number;
  for (double& number : out) number /= total;
  return out;
}

Row weights(const Row& scores, int i, const Mask& mask) {
  Row out(scores.size(), 0), seen;
  std::vector<std::size_t> places;
  for (std::size_t j = 0; j < scores.size(); ++j)
    if (mask.lets(i, static_cast<int>(j))) {
      seen.push_back(scores[j]);
      places.push_back(j);
    }
  if (seen.empty()) return out;
  seen = softmax(seen);
  for (std::size_t n = 0; n < places.size(); ++n) out[places[n]] = seen[n];
  return out;
}

Matrix weights(const Matrix& scores, const Mask& mask) {
  Matrix out;
  for (std::size_t i = 0; i < scores.size(); ++i)
    out.push_back(weights(scores[i], static_cast<int>(i), mask));
  return out;
}

Matrix mix(const Matrix& weights, const Matrix& values) {
  Matrix out;
  for (const Row& row : weights) {
    Row total(values.front().size(), 0);
    for (std::size_t j = 0; j < row.size(); ++j)
      for (std::size_t c = 0; c < total.size(); ++c) total[c] += row[j] * values[j][c];
    out.push_back(total);
  }
  return out;
}

double difference(const Row& a, const Row& b) {
  double largest = 0;
  for (std::size_t c = 0; c < a.size(); ++c) largest = std::max(largest, std::abs(a[c] - b[c]));
  return largest;
}

double difference(const Matrix& a, const Matrix& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, difference(a[i], b[i]));
  return largest;
}
