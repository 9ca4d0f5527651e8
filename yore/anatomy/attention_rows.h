// The weights of attention, computed again from what a layer hands to an observer, a strip of queries at a
// time: memory grows with the text's length, never with its square.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "yore/mixers/heads_seen.h"

namespace yore::anatomy {

/// Neighbouring queries of heads that see equally far, with all keys that one of them sees.
///
/// Column c of `weights` is key first_key + c - padding; the columns before the first key are zeros. They
/// are there so that by_distance() is a view.
struct Strip {
  std::vector<std::int64_t> heads;  ///< which, h of them
  std::int64_t first_query = 0, queries = 0;
  std::int64_t first_key = 0, padding = 0;
  at::Tensor weights;     ///< [h, queries, columns] exp(score - shift of the row), 0 where nothing is seen
  at::Tensor scores;      ///< [h, queries, columns] score - shift; large and negative where nothing is seen
  at::Tensor sees;        ///< [h, queries] whether the query sees a key
  at::Tensor total;       ///< [h, queries] sums of weights; 1 where nothing is seen
  at::Tensor sink_share;  ///< [h, queries] what the sink logit takes of the attention; undefined without one

  std::int64_t last_query() const { return first_query + queries - 1; }
  /// The column of a key.
  std::int64_t column(std::int64_t key) const { return key - first_key + padding; }
  /// Distances that occur, 0 included: one more than the largest.
  std::int64_t distances() const { return last_query() - first_key + 1; }
  /// The weights at distances from .. end - 1 (query less key): a view [h, queries, end - from], the farthest
  /// first.
  at::Tensor by_distance(std::int64_t from, std::int64_t end) const;
  /// [h, queries, columns] attention paid to the keys at columns from .. end - 1: the weights over their
  /// total, less what the sink logit takes.
  at::Tensor attention(std::int64_t from, std::int64_t end) const;
};

/// Which of a layer's heads, and which queries.
struct RowsWanted {
  std::vector<std::int64_t> heads;         ///< empty: all
  std::int64_t first_query = 0, end = -1;  ///< -1: to the last
};

/// Calls `each` with strips that cover the queries of the heads, each query of each head once. Computes in
/// the type of seen.q. Throws std::invalid_argument unless the rows are one sequence.
void for_each_strip(const mixers::HeadsSeen& seen, const RowsWanted& wanted,
                    const std::function<void(const Strip&)>& each);

/// Bytes that for_each_strip takes at once for a text of so many tokens in float, at most.
double strip_bytes(std::int64_t tokens);

}  // namespace yore::anatomy
