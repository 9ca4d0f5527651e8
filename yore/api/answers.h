// What programs that embed the theory half ask: texts in, JSON out, the same JSON that the commands print.
// The commands call these functions, so that a page, Python and the command line cannot differ.
#pragma once
#include <optional>
#include <string>

#include "yore/compiler/compile.h"
#include "yore/compiler/trace.h"
#include "yore/expressivity/verdict.h"
#include "yore/languages/language.h"

namespace yore::api {

using base::Json;
using expressivity::Classification;
using languages::Language;
using logic::Word;

/// Reads a language. `kind`: "" (text is a specification, as on a command line), "regex", "ltl", "name";
/// "dfa" (the text of an automaton, JSON or AT&T). The rest, and what is thrown, as languages::read_language;
/// a `kind` that is none of these is InputError("kind").
Language read(const std::string& kind, const std::string& text,
              const std::optional<std::string>& alphabet = std::nullopt,
              std::size_t max_states = automata::kDefaultMaxStates);

/// A word's way through a minimal automaton: {"word": [names], "states": [one more than letters],
/// "accepted"}.
Json replay(const automata::Dfa& dfa, const Word& word);

/// A witness's string, read off its recipe piece by piece, and replayed: as replay() with "pieces", [{"name":
/// "u", "word": [names]}, ..] in their order, empty ones too. The string is that of the witness's own depth.
Json replay(const automata::Dfa& dfa, const expressivity::Witness& witness, bool second);

/// What `yore equivalent --json` prints: the languages must have one alphabet (unify()).
Json equivalent(const Language& a, const Language& b);
/// Brings two languages to the letters of both, unless they have the same: patterns and formulas are read
/// again over them, so that `.` and complements mean the same on both sides; the words of automata and named
/// languages keep to their own letters. Returns a note for the user, "" if nothing was done.
std::string unify(Language& a, Language& b, std::size_t max_states = automata::kDefaultMaxStates);

/// What may take long in convert().
struct ConvertBudgets {
  std::size_t max_regex = 1'000'000;  ///< letters and operators
  std::size_t max_formula = expressivity::ClassifyOptions{}.max_formula;
};
/// The language as "regex", "formula", "json", "att", "att-acceptor" or "dot"; nothing where it has no
/// formula. InputError("to") for any other form; BudgetError.
std::optional<std::string> convert(const Language& language, const std::string& to,
                                   const ConvertBudgets& budgets = {});

/// What `yore languages --json` prints of an entry.
Json describe(const languages::NamedLanguage& language);

/// What `yore compile --json` prints.
Json describe(const Language& language, const compiler::Compiled& compiled);

/// What `yore run --trace --json` prints of a word, `word` being its text.
Json describe(const compiler::Trace& trace, const compiler::Manifest& manifest, const std::string& word);

}  // namespace yore::api
