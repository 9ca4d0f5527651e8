// What the heads of a layer look at, in numbers: sinks, entropy, distance, and how much of it lies near.
// Definitions with formulas: math.md.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "yore/mixers/heads_seen.h"

namespace yore::anatomy {

/// Queries over which a sink is measured, token s's own among them, and the mean attention from which a
/// token counts as one (arXiv 2603.17771).
inline constexpr std::int64_t kSinkQueries = 64;
inline constexpr double kSinkThreshold = 0.3;

/// Of one head over one text. Means are over the queries that see a key.
struct HeadStatistics {
  int lookback = -1;       ///< of the head; -1 = global
  double sink_first = 0;   ///< mean attention to token 0 from queries 0..63
  double first_share = 0;  ///< the same from all queries
  /// The largest mean attention to another token s from queries s..s+63, and that token; none where no other
  /// token has so many queries after it.
  std::optional<double> sink_other;
  std::int64_t sink_other_at = -1;
  double sink_others_share = 0;            ///< of these tokens, those above the threshold
  std::optional<double> sink_logit_share;  ///< mean attention that the learned sink logit takes
  double entropy = 0;                      ///< nats, of the attention among the keys
  double distance = 0;                     ///< mean of query less key, in tokens
  /// Entry i: the share of the attention among the keys that a window of 2^i keys holds (window_sizes). A
  /// window counts as --window-global does: the query's own key is among them where the mask shows it.
  std::vector<double> inside;

  bool is_sink() const { return sink_first > kSinkThreshold; }
};

/// 1, 2, 4 .. up to the first that holds `tokens`.
std::vector<std::int64_t> window_sizes(std::int64_t tokens);

/// One entry a head. Time as of the layer's scores, memory linear in the text; sums of a row in the type of
/// seen.q, sums over rows in double. Throws as for_each_strip.
std::vector<HeadStatistics> head_statistics(const mixers::HeadsSeen& seen);

}  // namespace yore::anatomy
