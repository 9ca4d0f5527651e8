// Any automaton as one layer of delta steps. The state of the layer is the automaton's, as a vector with a 1
// at the state it is in; a letter multiplies it by matrices I - k k^T, one after the other:
//
//   two states change places     k = e_i - e_j
//   a state is forgotten          k = e_i, writing 0
//   the states of a set A become r (z is a place that is 0)
//                                 k = sum of e_i over A, + e_z;  k = e_r + e_z;  then the others are
//                                 forgotten
//
// All numbers are small integers, at every length. docs/compiler.md, "Delta steps", derives it.
#pragma once
#include <utility>
#include <vector>

#include "yore/automata/dfa.h"
#include "yore/compiler/manifest.h"
#include "yore/compiler/prove.h"

namespace yore::compiler {

/// Most states of an automaton that is compiled to delta steps: a letter may take two and a half times as
/// many steps, each a key of so many numbers.
inline constexpr int kMostMachineStates = 128;

/// One step: s becomes s - key (key . s - value).
struct DeltaStep {
  std::vector<std::pair<int, int>> key;  ///< place and number, where it is not 0
  int value = 0;
};

/// What each letter does to the vector of an automaton in the state `start`, less that vector: so that the
/// layer begins with zeros.
struct Machine {
  automata::Dfa dfa;                            ///< minimal
  std::vector<int> place;                       ///< by state; kNever for the one that is left only for itself
  std::vector<std::vector<DeltaStep>> letters;  ///< their steps, by letter
  int dim = 1;                                  ///< places, with the one that is 0 if a letter joins states
  int steps = 1;                                ///< most of one letter, at least 1
};

/// Of a minimal automaton. Throws BudgetError("states") past kMostMachineStates.
Machine machine_of(const automata::Dfa& minimal);

/// A model of one such layer. `mixer` is a target with steps (targets.h).
Plan plan_machine(const automata::Dfa& minimal, const CompileOptions& options);
/// Its weights and manifest.
arch::ModelFile pack_machine(const Plan& plan, const std::string& language);
Manifest machine_manifest(const Plan& plan);

/// Runs the weights' numbers through all states that words can reach, which are finitely many: what holds of
/// them holds of every word. The manifest names the automaton.
Proof prove_machine(const arch::ModelFile& file, const Manifest& manifest);

}  // namespace yore::compiler
