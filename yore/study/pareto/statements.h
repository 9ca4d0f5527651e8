// The sentences that a study's data supports about accuracy and state: computed from the points, never more
// than they say.
#pragma once
#include <string>
#include <vector>

#include "yore/study/pareto/points.h"

namespace yore::study {

/// Which families are no better than guessing with any state (StateSet::above_chance), if there are any.
std::vector<std::string> guessing(const StateSet& set);

/// What state each family needs to do as well as the reference: attention, or, where that does not take part,
/// the family of the best point. From the reference stands the smallest state whose mean equals its best one
/// (StateSet::equal), from each other family the smallest state whose mean equals or beats that. Nothing is
/// compared where the reference is no better than guessing, and no family with itself.
std::vector<std::string> comparisons(const StateSet& set);

/// What "as well" means where sentences of such a set say it (says_as_well): to be said once beside them all.
std::string meaning_of_as_well(const StateSet& set);
bool says_as_well(const std::string& line);

/// Which families gain as their state grows: those whose worst seed with the largest state is better than the
/// best seed with the smallest. One sentence a family with two sizes or more that does more than guess; those
/// with one seed a size have no spread to judge by and share a sentence.
std::vector<std::string> trends(const StateSet& set);

/// For each baseline, whose every seed of the best point is better.
std::vector<std::string> against_baselines(const StateSet& set);

/// All of the above.
std::vector<std::string> statements(const StateSet& set);

}  // namespace yore::study
