// How a user names a language, and the suite of named languages from the literature.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "yore/automata/dfa.h"
#include "yore/base/files.h"

namespace yore::languages {

using automata::Dfa;

/// A language as given, with its minimal complete DFA.
struct Language {
  std::string spec;    ///< canonical: reading it again gives the same language ("regex:(ab)*", "ltl:P a", "dfa:file.json", "name:dyck-2")
  std::string title;   ///< for people: the pattern, the formula, the file's name, the suite's name
  Dfa dfa;
  std::string note;    ///< something the user should know ("the alphabet {a} was inferred; ..."), or empty
};

/// Reads a specification: "regex:R", "ltl:F", "dfa:PATH" (.json, else AT&T text), "name:N"; without a prefix it is a regex. `alphabet`
/// (as in Alphabet::parse) fixes the alphabet; a file's or a named language's own alphabet must then agree. Throws InputError, BudgetError.
Language read_language(const std::string& spec, const std::optional<std::string>& alphabet = std::nullopt,
                       std::size_t max_states = automata::kDefaultMaxStates);

/// One entry of the suite.
struct NamedLanguage {
  std::string name;        ///< e.g. "dyck-2"
  std::string definition;  ///< one sentence
  std::string spec;        ///< regex: or ltl: or a generator's automaton, always with `alphabet`
  std::string alphabet;
  std::string source;      ///< where it comes from
  /// Published / derived class, checked by the tests: "global", "local", "global and local", "hybrid", "star-free", "regular".
  std::string expected_class;
  Dfa dfa() const;         ///< minimal
};

/// The suite, in a stable order. At least 24 entries.
const std::vector<NamedLanguage>& suite();
/// The entry of that name; throws InputError listing near names.
const NamedLanguage& find_named(const std::string& name);

}  // namespace yore::languages
