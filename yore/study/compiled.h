// A language's compiled transformer: from the verdict's formulas to the smallest model that is proven right.
#pragma once
#include "yore/compiler/compile.h"
#include "yore/expressivity/verdict.h"

namespace yore::study {

/// Compiles each formula of the verdicts global, local and hybrid and keeps the model with the fewest blocks,
/// then parameters. Throws InputError("language") with the witness where the language is in none of them (no
/// hybrid transformer recognises it), BudgetError where a budget left that open or left a member without a
/// formula, and as compiler::compile does.
compiler::Compiled compile_language(const expressivity::Classification& verdict, const std::string& language,
                                    const compiler::CompileOptions& options);

}  // namespace yore::study
