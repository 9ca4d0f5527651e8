#include "yore/study/capture/ladder.h"

#include <algorithm>

#include "yore/base/random.h"

namespace yore::study {

std::optional<double> error_at(const SeedErrors& errors, int size, std::int64_t samples) {
  const double smallest = *std::min_element(std::begin(runs::kCaptureErrors), std::end(runs::kCaptureErrors));
  const runs::CaptureError* before = nullptr;  // the two with the most samples
  const runs::CaptureError* last = nullptr;
  for (const runs::CaptureError& e : errors) {
    if (e.size != size) continue;
    if (e.samples == samples) return e.error;
    before = last;
    last = &e;
  }
  const bool stopped =
      before != nullptr && last->samples < samples && before->error <= smallest && last->error <= smallest;
  return stopped ? std::optional(last->error) : std::nullopt;
}

std::optional<double> median_error(const std::vector<const SeedErrors*>& seeds, int size,
                                   std::int64_t samples) {
  std::vector<double> errors;
  for (const SeedErrors* seed : seeds) {
    const auto error = error_at(*seed, size, samples);
    if (!error) return std::nullopt;
    errors.push_back(*error);
  }
  if (errors.empty()) return std::nullopt;
  std::sort(errors.begin(), errors.end());
  const std::size_t middle = errors.size() / 2;
  return errors.size() % 2 == 1 ? errors[middle] : 0.5 * (errors[middle - 1] + errors[middle]);
}

NeededSet needed(const std::vector<const SeedErrors*>& seeds, const std::vector<int>& sizes,
                 const std::vector<std::int64_t>& grid, double eps) {
  NeededSet points;
  for (const int size : sizes) {
    bool measured = true;
    std::optional<std::int64_t> least;
    for (const std::int64_t n : grid) {
      const auto error = median_error(seeds, size, n);
      measured = measured && error;
      if (!error || *error > eps) continue;
      least = n;
      break;
    }
    if (!measured) continue;
    points.push_back(least ? least_on_grid(size, static_cast<double>(*least))
                           : more_than(size, static_cast<double>(grid.back())));
  }
  return points;
}

std::vector<NeededSet> needed_again(const std::vector<const SeedErrors*>& seeds,
                                    const std::vector<int>& sizes, const std::vector<std::int64_t>& grid,
                                    double eps, int count) {
  std::vector<NeededSet> sets;
  if (seeds.size() < kFewestSeeds) return sets;
  for (int i = 0; i < count; ++i) {
    base::Random random(static_cast<std::uint64_t>(i));
    std::vector<const SeedErrors*> drawn;
    for (std::size_t s = 0; s < seeds.size(); ++s) drawn.push_back(seeds[random.below(seeds.size())]);
    sets.push_back(needed(drawn, sizes, grid, eps));
  }
  return sets;
}

}  // namespace yore::study
