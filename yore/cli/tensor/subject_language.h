// The language that a model is held against.
#pragma once
#include "yore/cli/language_options.h"
#include "yore/inspection/subject.h"

namespace yore::cli {

/// The language that the options name, or else the model's own, with the stored max_states unless one is
/// given. Throws InputError if its alphabet is not the model's, or an alphabet is given without a language.
languages::Language language_of(const inspection::Subject& subject, const LanguageOptions& options);

/// How large the automaton of a stored task's language may grow: as when it was trained.
std::size_t max_states_of(const base::Json& task);

}  // namespace yore::cli
