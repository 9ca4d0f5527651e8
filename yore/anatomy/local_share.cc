#include "yore/anatomy/local_share.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>

#include "yore/anatomy/attention_rows.h"

namespace yore::anatomy {

std::vector<double> local_share(const mixers::HeadsSeen& seen, const Locality& locality) {
  const std::int64_t heads = seen.q.size(1);
  // A strict head's window ends with the key before its query.
  const std::int64_t far = locality.window + (seen.params.strict ? 1 : 0);
  std::vector<double> share(static_cast<std::size_t>(heads)), rows(share.size());
  for_each_strip(seen, {}, [&](const Strip& s) {
    at::Tensor inside = s.by_distance(0, std::min(far, s.distances())).sum(-1);
    const std::int64_t kept = std::min(locality.sinks, s.last_query() + 1) - s.first_key;
    if (kept > 0) {
      // Of the first keys, those that the window does not hold already.
      const at::Tensor distance =
          at::arange(s.first_query, s.first_query + s.queries, at::kLong).unsqueeze(1) -
          at::arange(s.first_key, s.first_key + kept, at::kLong);
      inside.add_((s.weights.narrow(2, s.padding, kept) * (distance >= far)).sum(-1));
    }
    const at::Tensor sums = (inside / s.total).sum(-1, false, at::kDouble), seeing = s.sees.sum(-1);
    for (std::size_t i = 0; i < s.heads.size(); ++i) {
      const auto h = static_cast<std::size_t>(s.heads[i]);
      share[h] += sums.data_ptr<double>()[i];
      rows[h] += static_cast<double>(seeing.data_ptr<std::int64_t>()[i]);
    }
  });
  for (std::size_t h = 0; h < share.size(); ++h) share[h] /= std::max(1.0, rows[h]);
  return share;
}

}  // namespace yore::anatomy
