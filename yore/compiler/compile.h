// All passes in a row, with the proof: what `yore compile` does with a formula.
#pragma once
#include <stdexcept>

#include "yore/compiler/compiler.h"
#include "yore/compiler/prove.h"

namespace yore::compiler {

struct Compiled {
  Plan plan;
  arch::ModelFile file;
  Proof proof;  ///< for words of options.length letters
};

/// A recurrence that its proof does not settle: no fault of the formula, which has another way to a model.
struct Unproven : std::logic_error {
  using std::logic_error::logic_error;
};

/// In the message of InputError("length") where the weights are not proven for any length.
inline constexpr const char* kNoLength = "no length works";

/// Plans, packs and proves. Throws as plan() does, as runs::validate does where the model has more blocks or
/// heads than a model may have, and InputError("length") where the proof fails: float32
/// margins do not reach that far. The message names the largest length that works and the options with which
/// the one asked for would. BudgetError("cases") where the proof was given up,
/// Unproven where that of a recurrence fails.
Compiled compile(const Formula& formula, const std::string& language, const CompileOptions& options);

/// The same of a minimal automaton, for a mixer with delta steps (machine.h).
Compiled compile_automaton(const automata::Dfa& minimal, const std::string& language,
                           const CompileOptions& options);

}  // namespace yore::compiler
