// The routes between the three ways to write a language. Everything that returns a Dfa returns the minimal one.
#pragma once
#include "yore/automata/dfa.h"
#include "yore/logic/formula.h"
#include "yore/logic/regex.h"

namespace yore::automata {

/// Regex to minimal DFA, bottom-up over the syntax tree with minimisation at every step (so & and ! cost no more than
/// their automata). Throws BudgetError.
Dfa dfa_from_regex(const logic::ParsedRegex& regex, std::size_t max_states = kDefaultMaxStates);

/// Formula to minimal DFA, exactly: one state component for each temporal node (P: seen; Y<=k: the last k truth values;
/// S: the value so far). Only reachable states are built. Throws BudgetError.
Dfa dfa_from_formula(const logic::Formula& formula, std::size_t max_states = kDefaultMaxStates);

/// DFA to regex by state elimination, cheapest state first, with local simplification. The empty language is `[]`.
logic::RegexPtr regex_from_dfa(const Dfa& dfa);

}  // namespace yore::automata
