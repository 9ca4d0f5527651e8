#include "yore/anatomy/attention_map.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>

#include "yore/anatomy/attention_rows.h"

namespace yore::anatomy {

AttentionMap attention_map(const mixers::HeadsSeen& seen, const MapWanted& wanted) {
  AttentionMap map;
  map.of = wanted;
  const std::int64_t tokens = wanted.end - wanted.first;
  map.bin = (tokens + kMostCells - 1) / kMostCells;
  map.side = (tokens + map.bin - 1) / map.bin;
  const auto cell_of = [&](std::int64_t first, std::int64_t end) {
    return at::floor_divide(at::arange(first - wanted.first, end - wanted.first, at::kLong), map.bin);
  };
  at::Tensor sums = at::zeros({map.side, map.side}, at::kDouble);
  for_each_strip(seen, {{wanted.head}, wanted.first, wanted.end}, [&](const Strip& s) {
    const std::int64_t key = std::max(s.first_key, wanted.first);
    const at::Tensor paid = s.attention(s.column(key), s.weights.size(2)).select(0, 0).to(at::kDouble);
    at::Tensor by_key = at::zeros({s.queries, map.side}, at::kDouble);
    by_key.index_add_(1, cell_of(key, s.last_query() + 1), paid);
    sums.index_add_(0, cell_of(s.first_query, s.first_query + s.queries), by_key);
  });
  const at::Tensor queries = at::bincount(cell_of(wanted.first, wanted.end)).unsqueeze(1);
  const at::Tensor cells = (sums / queries).to(at::kFloat).contiguous();
  map.cells.assign(cells.data_ptr<float>(), cells.data_ptr<float>() + cells.numel());
  return map;
}

}  // namespace yore::anatomy
