// Which keys a query sees, as at most two intervals: the window, and attention sinks before it.
#pragma once
#include <algorithm>
#include <cstdint>

namespace yore::mixers {

/// Keys first <= j < end; empty if first >= end.
struct Interval {
  std::int64_t first = 0, end = 0;
  bool empty() const { return first >= end; }
};

/// One head's mask on one sequence. Both intervals have bounds that never fall as i grows, which is what lets
/// blocks of queries be given blocks of keys.
struct Visible {
  std::int64_t lookback;  ///< -1 = all
  bool strict;
  std::int64_t sinks;
  std::int64_t offset;  ///< keys minus queries: query i stands at position i + offset

  /// Keys in the lookback of query i (and itself unless strict).
  Interval window(std::int64_t i) const {
    const std::int64_t position = i + offset;
    const std::int64_t end = std::max<std::int64_t>(0, position + (strict ? 0 : 1));
    const std::int64_t first = lookback < 0 ? 0 : std::max<std::int64_t>(0, position - lookback);
    return {std::min(first, end), end};
  }
  /// Sinks that query i sees besides its window.
  Interval sink(std::int64_t i) const { return {0, std::min(sinks, window(i).first)}; }
};

}  // namespace yore::mixers
