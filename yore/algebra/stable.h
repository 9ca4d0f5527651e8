// The same identities for words whose length is a multiple of a period: what models can use whose positions
// tell i modulo that period. T is the subsemigroup elements_of_length_multiples(s, period); for period 1 it
// is all of s and these functions say what those of semigroup.h say, by other means.
#pragma once
#include <optional>

#include "yore/algebra/semigroup.h"

namespace yore::algebra {

/// T is R-trivial.
bool is_r_trivial(const Semigroup& s, int period);
/// T e = {e} for every idempotent e.
bool is_definite(const Semigroup& s, int period);
/// e T e is R-trivial for every idempotent e.
bool is_locally_r_trivial(const Semigroup& s, int period);
/// T holds no group but trivial ones.
bool is_aperiodic(const Semigroup& s, int period);

/// The number p > 0 such that for all large n the maps of the words of n letters are those of n + p, the
/// least one: no period tells a model more than p does, and the least that helps divides it. Nothing past
/// `limit`.
std::optional<int> length_period(const Semigroup& s, int limit);

}  // namespace yore::algebra
