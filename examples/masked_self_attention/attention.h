// Masked self-attention in plain loops, as one would write it down: a matrix is rows of numbers, a row a
// word. Nothing here is yore's; by_yore.h computes the same with yore.
#pragma once
#include <vector>

using Row = std::vector<double>;
using Matrix = std::vector<Row>;

/// Which words a word may look at.
struct Mask {
  bool own = true;      ///< itself
  int lookback = -1;    ///< so many earlier words, -1: all of them
  bool future = false;  ///< later words too: there is no mask

  bool lets(int i, int j) const {
    if (j > i) return future;
    if (j == i) return own;
    return lookback < 0 || i - j <= lookback;
  }
};

/// a . b
double dot(const Row& a, const Row& b);
/// weights [out][in] times x [in]
Row times(const Matrix& weights, const Row& x);
/// The same for every row.
Matrix times(const Matrix& weights, const Matrix& rows);
Row sum(const Row& a, const Row& b);

/// How well the question of word i fits what word j offers: query . key / sqrt(numbers in each).
double score(const Row& query, const Row& key);
/// The scores of all pairs, [word that asks][word that is asked].
Matrix scores(const Matrix& queries, const Matrix& keys);
/// e^number / sum of e^numbers: positive, and 1 together.
Row softmax(const Row& numbers);
/// A softmax of word i's scores over what the mask lets through; 0 elsewhere. A word that may look at nothing
/// has zeros alone.
Row weights(const Row& scores, int i, const Mask& mask);
/// The same for all words.
Matrix weights(const Matrix& scores, const Mask& mask);
/// Row i is the sum over j of weights[i][j] * values[j].
Matrix mix(const Matrix& weights, const Matrix& values);

/// The largest difference between two numbers in the same place.
double difference(const Row& a, const Row& b);
double difference(const Matrix& a, const Matrix& b);
