// One value of an axis against another, everything else equal: differences of runs of the same seed.
#pragma once
#include <string>
#include <vector>

#include "yore/study/results.h"

namespace yore::study {

/// What is known of a difference from its runs.
enum class Sign {
  Unknown,  ///< fewer than two pairs
  Open,     ///< the interval holds 0
  Below,    ///< the first value has the lower number
  Above,
};

/// A mean of paired differences. Seeds draw the weights and the order of the data, so that runs of the same
/// seed differ by less than others.
struct Difference {
  Spread spread;  ///< of first minus second, a pair a seed
  /// Half the 95 % interval of the mean (Student's t); infinite for fewer than two pairs.
  double half_interval() const;
  Sign sign() const;
};

/// The 97.5 % quantile of Student's t distribution with so many degrees of freedom, at least 1.
double student_t(int degrees);

/// A difference where the other axes stand so, with what was published of it.
struct ContrastRow {
  std::vector<std::pair<std::string, Json>> where;  ///< the other axes' values by path
  Difference difference;
  std::optional<double> published;
};

/// A row for every setting of the other axes, in the grid's order. Runs that are not usable have no part in
/// it.
std::vector<ContrastRow> contrast_rows(const Contrast& contrast, const std::vector<RunRecord>& records,
                                       const std::vector<KindResults>& kinds);

/// What the data supports: "2 of 3 published signs are reproduced, 1 is open."; empty if nothing is
/// published.
std::string conclusion(const std::vector<ContrastRow>& rows);

}  // namespace yore::study
