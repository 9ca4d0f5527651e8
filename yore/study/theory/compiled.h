// A language's compiled transformer: from the verdict's formulas to the smallest model that is proven right.
#pragma once
#include "yore/compiler/compile.h"
#include "yore/expressivity/verdict.h"
#include "yore/languages/language.h"

namespace yore::study {

/// How training may begin with a language's compiled transformer: from its weights, or from random ones in a
/// model of its shape. As --init spells it; in a study each is a kind beside those of attention.
inline constexpr const char* kCompiled = "compiled";
inline constexpr const char* kCompiledShape = "compiled-shape";

/// Compiles each formula of the verdicts global, local and hybrid and keeps the model with the fewest blocks,
/// then parameters. Throws InputError("language") with the witness where the language is in none of them (no
/// hybrid transformer recognises it), BudgetError where a budget left that open or left a member without a
/// formula, and as compiler::compile does.
compiler::Compiled compile_language(const expressivity::Classification& verdict, const std::string& language,
                                    const compiler::CompileOptions& options);

/// The compiled transformer of a language as a user names it: a formula ("ltl:") is compiled as it stands,
/// everything else by way of its automaton. Depends on the arguments alone, so that whoever asks twice gets
/// the same weights twice. `known` spares the classification, if it is one at lookback 1; `classify` is then
/// not looked at. Throws as above.
compiler::Compiled compile_language(const languages::Language& language,
                                    const compiler::CompileOptions& options = {},
                                    expressivity::ClassifyOptions classify = {},
                                    const expressivity::Classification* known = nullptr);

}  // namespace yore::study
