// Published values over two paths, such as languages against kinds of attention, as one table.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "yore/report/html.h"
#include "yore/study/results.h"

namespace yore::study {

/// A published value and what was measured of it.
struct PublishedRow {
  PublishedValue value;
  Spread measured;
  bool share = false;  ///< a fraction of cases, shown in percent
  bool known() const { return measured.runs > 0; }
  bool within() const;  ///< the mean lies within the tolerance
  std::string published_text() const;
  std::string measured_text() const;  ///< of the mean; a share is rounded down, as everywhere
};

/// A row a value of the first path and a column a value of the second, both in the order of the kinds; a cell
/// has what was published (by each source) and, behind a slash, the mean that was measured, with a mark where
/// it is beyond every tolerance. Nothing unless all values are about the same two paths, set and metric.
std::optional<report::Table> published_table(const std::vector<PublishedRow>& rows,
                                             const std::vector<KindResults>& kinds);

}  // namespace yore::study
