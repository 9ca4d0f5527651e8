// The routes between the three ways to write a language. Everything that returns a Dfa returns the minimal
// one.
#pragma once
#include "yore/automata/dfa.h"
#include "yore/logic/formula.h"
#include "yore/logic/regex.h"

namespace yore::automata {

/// Regex to minimal DFA, bottom-up over the syntax tree with minimisation at every step (so & and ! cost no
/// more than their automata, and r{1000} takes some 20 concatenations). Throws BudgetError("max-states").
Dfa dfa_from_regex(const logic::ParsedRegex& regex, std::size_t max_states = kDefaultMaxStates);

/// Formula to minimal DFA, exactly: one state component for each temporal node the root reaches (P: seen;
/// Y<=k: for how many more positions its argument's last truth counts, k + 1 cases; S: the value so far).
/// Only reachable states are built. Throws BudgetError("max-states").
Dfa dfa_from_formula(const logic::Formula& formula, std::size_t max_states = kDefaultMaxStates);

/// DFA to regex by state elimination, cheapest state first, with local simplification. The empty language is
/// `[]`. A regex may be exponentially longer than the automaton: throws BudgetError("max-regex") past
/// `max_length` letters and operators. Equal subexpressions of the result are shared nodes.
logic::RegexPtr regex_from_dfa(const Dfa& dfa, std::size_t max_length = 1'000'000);

}  // namespace yore::automata
