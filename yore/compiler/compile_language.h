// A language's compiled model: from the verdict's formulas, or its automaton, to the smallest model that is
// proven right.
#pragma once
#include <functional>
#include <string>

#include "yore/compiler/compile.h"
#include "yore/expressivity/verdict.h"
#include "yore/languages/language.h"

namespace yore::compiler {

/// Compiles each formula of the verdicts for options.mixer and keeps the model with the fewest blocks, then
/// parameters:
///   attention   those of global, local and hybrid
///   latches     that of star-free beside these (targets.h)
///   steps       the minimal automaton beside those
///   auto        the first of attention, gla and delta_net that can, its length and the budgets included
/// Throws InputError("language") with the theorem and the witness where the mixer recognises no such
/// language, and which mixer or period of positions does; BudgetError where a budget left that open or left a
/// member without a formula, and as compile() does. Positions are the verdict's (Classification::period): the
/// model has them where its formula asks for them.
Compiled compile_language(const expressivity::Classification& verdict, const std::string& language,
                          const CompileOptions& options);

/// Who is told, in one line, when a formula other than the one given was compiled.
using Say = std::function<void(const std::string&)>;
/// "yore: note: " and the line, on standard error.
void say_note(const std::string& line);

/// The compiled model of a language as a user names it: a formula ("ltl:") is compiled as it stands where
/// that works, and otherwise (it has S and the mixer is attention, or a part that never holds and leaves the
/// proof nothing to bound) by way of its automaton like everything else, which is then said. Depends on the
/// arguments alone, so that whoever asks twice gets the same weights twice. `known` spares the
/// classification, if it is one at lookback 1; `classify` is then not looked at. Its period says which
/// positions there may be; a formula has those it asks for, and InputError("period") where the period does
/// not tell them. Throws as above; for a formula, what compiling it as it stands throws.
Compiled compile_language(const languages::Language& language, const CompileOptions& options = {},
                          expressivity::ClassifyOptions classify = {},
                          const expressivity::Classification* known = nullptr, const Say& say = say_note);

}  // namespace yore::compiler
