// The options with which every command takes a language.
#pragma once
#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "yore/base/files.h"
#include "yore/languages/language.h"

namespace yore::cli {

/// LANGUAGE as a positional specification, or one of --regex, --ltl, --dfa, --name; --alphabet, --max-states.
class LanguageOptions {
 public:
  void declare(CLI::App& app);
  /// True if any of them was given.
  bool given() const;
  /// LANGUAGE as it was given; empty if it was not.
  std::string spec() const { return spec_.value_or(""); }
  /// Throws InputError for a LANGUAGE that is the name of a task or of a file that is there, either of which
  /// would be read as a regex, saying how it is meant to be spelt.
  void refuse_other_things() const;
  /// What says how a language is read and was given, as options of a task spell it: "alphabet", "max_states".
  base::Json given_settings() const;
  /// Reads the language; prints its note, if any, to standard error. Throws InputError if none or several
  /// were given.
  languages::Language read(bool quiet = false) const;

  std::optional<std::string> alphabet;
  std::size_t max_states = automata::kDefaultMaxStates;

 private:
  CLI::Option* max_states_option_ = nullptr;
  std::optional<std::string> spec_, regex_, ltl_, dfa_, name_;
};

/// Help text on how to write a language, for footers.
extern const char* const kLanguageHelp;

}  // namespace yore::cli
