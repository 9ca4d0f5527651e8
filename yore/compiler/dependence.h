// What the truth of a subformula depends on, and truth tables of those that a position's letter or remainder
// tells: what an embedding knows.
#pragma once
#include <optional>
#include <vector>

#include "yore/logic/formula.h"

namespace yore::compiler {

/// What a node looks at.
struct Dependence {
  bool letter = false;    ///< the letter that stands there, or that none does (EOS)
  bool position = false;  ///< the position's remainder
  bool past = false;      ///< earlier positions: there is a temporal operator
  /// Whether an embedding has it: a table of letters and one of remainders are added, so each node is told
  /// by one of them alone.
  bool embedded() const { return !past && !(letter && position); }
};
/// Of every node.
std::vector<Dependence> dependences(const logic::FormulaGraph& graph);

/// The least M such that the position modulo M tells every pos=r/m of the formula: 1 where it has none,
/// nothing past logic::kMaxPeriod.
std::optional<int> common_period(const logic::Formula& formula);

/// [row][node]: truth, right for the nodes that look at what the row says alone.
using TruthTable = std::vector<std::vector<char>>;
/// A row a letter, the last one for EOS.
TruthTable truth_by_letter(const logic::Formula& formula);
/// A row a remainder modulo `period`, a multiple of the formula's common period.
TruthTable truth_by_remainder(const logic::Formula& formula, int period);

}  // namespace yore::compiler
