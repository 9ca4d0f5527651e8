// How much of what a head looks at would be left to it if it were local.
#pragma once
#include <cstdint>
#include <vector>

#include "yore/mixers/heads_seen.h"

namespace yore::anatomy {

/// A head that sees so many keys, itself included where the mask lets it, and the first keys of the text.
struct Locality {
  std::int64_t window = 64;
  std::int64_t sinks = 0;
};

/// One entry a head: the share of its attention among the keys that lies inside, mean over the queries that
/// see a key. Time and memory as head_statistics.
std::vector<double> local_share(const mixers::HeadsSeen& seen, const Locality& locality);

}  // namespace yore::anatomy
