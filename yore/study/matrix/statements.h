// The sentences that a matrix supports: computed from its cells, never more than they say.
#pragma once
#include <string>
#include <vector>

#include "yore/study/matrix/matrix.h"

namespace yore::study {

/// Cells of one kind of answer and what was measured there. Only cells that were measured count.
struct MatrixTally {
  int promised = 0, found = 0, found_by_all = 0;  ///< theory says yes; some seed, every seed answers all
  int refused = 0, against = 0;                   ///< theory says no; some seed answers all the same
  int silent = 0, silent_found = 0;
  int missing = 0;  ///< of all answers: not measured
};
MatrixTally tally_of(const Matrix& matrix);

/// Where training finds what theory promises, where it fails though theory promises, what it finds against
/// theory, where theory is silent and what was seen there, and what is not measured. A sentence or two each.
std::vector<std::string> statements(const Matrix& matrix);

/// What other positions change: the cells for which theory says yes with those of `with` and does not with
/// those of `without`, and in how many of them training found it in each. Empty where no answer changes.
std::vector<std::string> changes(const Matrix& without, const Matrix& with);

/// With a capital letter: a phrase that begins a sentence.
std::string capital(std::string text);

}  // namespace yore::study
