// From words to a finished, verified witness; what the class files share.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "yore/expressivity/types.h"
#include "yore/expressivity/verdict.h"

namespace yore::expressivity {

/// Longest string for which types are computed; deeper levels of a witness whose strings outgrow it are left
/// unverified, and its `depth` says so.
inline constexpr std::size_t kLongestVerified = 20'000;

/// Longest string that is written out at all: a lookback of a billion asks for powers of a billion.
inline constexpr std::size_t kLongestWitness = 10'000'000;

/// Evaluates a recipe: names of words and groups in sequence, each with an optional power ^n, ^3, ^(2n) or
/// ^(2n+1). Throws std::logic_error if the recipe is not of that form or names an unknown word, and
/// BudgetError("witness-letters") past kLongestWitness letters.
Word expand_recipe(std::string_view recipe, const std::map<std::string, Word>& words, int n);

/// "n" or "(kn)": the power that outruns n nested operators of lookback k.
std::string power_of_n(int k);

/// Checks the witness and fills in depth, a, b and a_accepted. For n = 0 .. depth + 1 exactly one of the two
/// strings must be in the language, the same one each time, and for n <= depth no formula of depth n over
/// `logic` may tell them apart; strings past kLongestWitness letters are left out. Throws std::logic_error if
/// that fails: then the witness, or the theory, is wrong.
Witness verified(const Dfa& dfa, Witness witness, const TypeLogic& logic, int depth);

/// A shortest word separating two states of a minimal DFA. Throws BudgetError("max-pairs").
Word separator(const Dfa& dfa, State p, State q, std::size_t max_pairs);

}  // namespace yore::expressivity
