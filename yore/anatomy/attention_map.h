// Which token looks at which, of one head: a picture of bounded size, however long the text.
#pragma once
#include <cstdint>
#include <vector>

#include "yore/mixers/heads_seen.h"

namespace yore::anatomy {

/// Most cells of a side: what a page can show, and a reader look at.
inline constexpr std::int64_t kMostCells = 256;

/// Tokens first .. end - 1 as queries (rows) and keys (columns).
struct MapWanted {
  int block = 0;
  std::int64_t head = 0;
  std::int64_t first = 0, end = 0;
  bool operator==(const MapWanted&) const = default;
};

struct AttentionMap {
  MapWanted of;
  std::int64_t bin = 1;   ///< tokens a cell, along each side
  std::int64_t side = 0;  ///< cells a side; the last may stand for fewer tokens
  /// [side x side], row by row: the attention that a cell's keys get together, mean over its queries.
  std::vector<float> cells;
};

/// The map of tokens wanted.first .. wanted.end - 1, of which there is at least one; `bin` is the least with
/// which at most kMostCells cells make a side. Memory is that of strips and cells. Throws as for_each_strip.
AttentionMap attention_map(const mixers::HeadsSeen& seen, const MapWanted& wanted);

}  // namespace yore::anatomy
