// From the errors that the runs of a kind measured, a seed each, to the samples that each size needs.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "yore/runs/capture.h"
#include "yore/study/capture/verdict.h"

namespace yore::study {

/// What one seed's run measured.
using SeedErrors = std::vector<runs::CaptureError>;

/// The error of a seed at a size after n samples. Past the n at which a run stopped, because it had reached
/// the smallest error twice in a row, its last error; nothing where it was not measured.
std::optional<double> error_at(const SeedErrors& errors, int size, std::int64_t samples);

/// The median over seeds (of an even number, the mean of the two in the middle); nothing where a seed has
/// none.
std::optional<double> median_error(const std::vector<const SeedErrors*>& seeds, int size,
                                   std::int64_t samples);

/// n_eps of each size: the least number of the grid with a median error of at most eps; more than the grid's
/// largest where there is none. Sizes that a seed has not measured are left out.
NeededSet needed(const std::vector<const SeedErrors*>& seeds, const std::vector<int>& sizes,
                 const std::vector<std::int64_t>& grid, double eps);

/// Fewer seeds tell nothing of chance.
inline constexpr std::size_t kFewestSeeds = 3;

/// needed() of as many seeds drawn from these with replacement, `count` times; none of fewer than
/// kFewestSeeds.
std::vector<NeededSet> needed_again(const std::vector<const SeedErrors*>& seeds,
                                    const std::vector<int>& sizes, const std::vector<std::int64_t>& grid,
                                    double eps, int count);

}  // namespace yore::study
