// Suite languages whose automaton is easier to say than a regex.
#pragma once
#include "yore/automata/dfa.h"

namespace yore::languages {

/// Moves > (forward), < (back) and = (stay) on a circle of `places` <= 10, then one digit: the place where
/// the walk from 0 ends. Alphabet: > < = 0 1 ..
automata::Dfa cycle_navigation(int places);

/// Digits 0..modulus-1 (modulus <= 10) whose sum is a multiple of modulus; the empty sum is 0.
automata::Dfa modular_sum(int modulus);

}  // namespace yore::languages
