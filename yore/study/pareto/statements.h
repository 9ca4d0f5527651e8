// The sentences that a study's data supports about accuracy and state: computed from the points, never more
// than they say.
#pragma once
#include <string>
#include <vector>

#include "yore/study/pareto/points.h"

namespace yore::study {

/// Means that differ by no more count as equal: half a point of a share, else a hundredth of the larger one.
double equal_within(const StateSet& set, double a, double b);

/// What state each family needs to do as well as the reference: attention, or, where that does not take part,
/// the family of the best point. From the reference stands the smallest state whose mean equals its best one
/// (equal_within), from each other family the smallest state whose mean equals or beats that. Nothing is
/// compared where the reference is no better than guessing.
std::vector<std::string> comparisons(const StateSet& set);

/// Which families gain as their state grows: those whose worst seed with the largest state is better than the
/// best seed with the smallest. One sentence a family with two sizes or more; one seed a size has no spread
/// to judge by, and the sentence says so.
std::vector<std::string> trends(const StateSet& set);

/// For each baseline, whose every seed of the best point is better.
std::vector<std::string> against_baselines(const StateSet& set);

/// All of the above.
std::vector<std::string> statements(const StateSet& set);

}  // namespace yore::study
