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
  std::string spec;   ///< with its prefix; reading it again with dfa.alphabet.text() gives the same language
  std::string title;  ///< for people: the pattern, the formula, the file's name, the suite's name
  Dfa dfa;
  std::string note;  ///< something the user should know ("the alphabet ab was inferred ..."), or empty
};

/// Reads a specification: "regex:R", "ltl:F", "dfa:PATH" (as automata::dfa_from_file; a relative path is kept
/// relative), "name:N" (of the suite); without a prefix it is a regex. `alphabet` (as in Alphabet::parse)
/// fixes the alphabet and the order of its symbols; a file's or a named language's own alphabet must then be
/// the same set. Throws InputError (a misspelt prefix or name gets the near ones), BudgetError.
Language read_language(const std::string& spec, const std::optional<std::string>& alphabet = std::nullopt,
                       std::size_t max_states = automata::kDefaultMaxStates);

/// The language of an automaton given as text (as automata::dfa_from_text, `source` its path), for programs
/// that have no files. The rest as read_language with "dfa:" and the source, which is its spec.
Language read_automaton_text(const std::string& text, const std::string& source,
                             const std::optional<std::string>& alphabet = std::nullopt,
                             std::size_t max_states = automata::kDefaultMaxStates);

/// One entry of the suite.
struct NamedLanguage {
  std::string name;        ///< e.g. "dyck-2"
  std::string definition;  ///< one sentence
  std::string spec;  ///< "regex:..." over `alphabet`; "name:..." where an automaton is generated instead
  std::string alphabet;
  std::string source;  ///< where it comes from
  /// Its class, checked by the tests: "global", "local", "global and local", "hybrid", "star-free", "regular"
  /// (= not even star-free).
  std::string expected_class;
  Dfa (*generate)() = nullptr;  ///< for the entries that no short regex describes

  Dfa dfa() const;  ///< minimal
};

/// The suite, in a stable order.
const std::vector<NamedLanguage>& suite();
/// The entry of that name; throws InputError listing near names.
const NamedLanguage& find_named(const std::string& name);

}  // namespace yore::languages
