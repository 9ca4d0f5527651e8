// A trace for people and for programs.
#pragma once
#include <string>

#include "yore/base/files.h"
#include "yore/compiler/trace.h"

namespace yore::compiler {

/// A row a subformula: its text (where one is long, short names that are explained below), its coordinate,
/// and at each letter and at EOS "1" where the model holds it true, "." where false, "!" where the definition
/// says the opposite, which a last line then explains. `word` is the one that was traced.
std::string to_text(const Trace& trace, const Manifest& manifest, const logic::Word& word);

/// The rows as [{"formula", "stage", "coordinate", "numbers", "read", "truth"}, ..].
base::Json to_json(const Trace& trace, const Manifest& manifest);

}  // namespace yore::compiler
