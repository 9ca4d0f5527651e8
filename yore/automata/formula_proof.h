// Does a formula say exactly what an automaton accepts? Decided without the formula's own automaton, which
// may be exponentially larger than both.
#pragma once
#include "yore/automata/dfa.h"
#include "yore/logic/formula.h"

namespace yore::automata {

enum class Equivalence { Same, Different, OutOfBudget };

/// How far prove_formula may go: both are counts, so that the answer is the same everywhere.
struct ProofBudget {
  std::size_t max_states = kDefaultMaxStates;  ///< of the largest automaton explored
  std::size_t max_work = 1'000'000'000;        ///< operations on words of 64 truth values, some 1 ns each
};

/// Whether `formula` accepts exactly the words that `dfa` accepts (minimal or not, all states reachable; same
/// alphabet, else std::invalid_argument). Subformulas are taken in turn, arguments first. Each is either
/// proven to be a function of the DFA's state and the letter under the reading head, by exploring the DFA
/// together with the memories of the few temporal operators below it that are none; from then on it is looked
/// up in a table. Or it is not, and its operators' memories are explored with its users. At last so is the
/// formula itself, at the end of the word. Never wrong; OutOfBudget where too many memories have to be
/// explored at once.
Equivalence prove_formula(const logic::Formula& formula, const Dfa& dfa, const ProofBudget& budget = {});

}  // namespace yore::automata
