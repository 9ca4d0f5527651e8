// Tiers: what a language says of the letters that matter to it.
#pragma once
#include <optional>

#include "yore/expressivity/verdict.h"

namespace yore::expressivity {

/// The letters that move no state, ascending.
std::vector<logic::Symbol> neutral_letters(const Dfa& dfa);

/// Of a language that hybrid attention is not known to recognise (without positions) and that has neutral
/// letters beside others: what is so of the words of the others. Nothing for other languages.
std::optional<Tier> tier_of(const Classification& all, const ClassifyOptions& options);

}  // namespace yore::expressivity
