#include "yore/languages/language.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "yore/automata/convert.h"
#include "yore/automata/formats.h"
#include "yore/base/error.h"
#include "yore/base/near_names.h"

namespace yore::languages {
namespace {

using logic::Alphabet;

std::string inferred_note(const std::string& from, const Alphabet& alphabet) {
  return fmt::format(
      "the alphabet {} was inferred from the {}; over a larger one this would be another language, "
      "so give the alphabet if more letters can occur",
      alphabet.text(), from);
}

// Signs of other programs' patterns that are letters here: anchors and classes. Only said where the alphabet
// was inferred, for then nothing else shows it.
std::string letters_note(const std::string& pattern) {
  bool anchors = false, in_class = false;
  std::string escape;  // the first of its kind
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\'') {
      // A quoted name; the pattern was parsed, so it is closed.
      while (++i < pattern.size() && pattern[i] != '\'')
        if (pattern[i] == '\\') ++i;
    } else if (c == '\\' && i + 1 < pattern.size()) {
      const bool plain = std::isalnum(static_cast<unsigned char>(pattern[++i])) != 0;
      if (plain && escape.empty()) escape = pattern.substr(i, 1);
    } else if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
      if (i + 1 < pattern.size() && pattern[i + 1] == '^') ++i;
    } else {
      anchors = anchors || c == '^' || c == '$';
    }
  }
  std::vector<std::string> parts;
  if (anchors)
    parts.push_back("^ and $ are letters here: a pattern is about whole words, there are no anchors");
  if (!escape.empty())
    parts.push_back(
        fmt::format("\\{0} is the letter {0}: there are no classes like \\d, write [0-9]", escape));
  return fmt::format("{}", fmt::join(parts, "; "));
}

// Formulas that say nothing are usually slips: what holds at the end of the string is no letter.
std::string constant_note(const Dfa& dfa) {
  if (dfa.states != 1) return "";
  return fmt::format(
      "the formula is constant, {} satisfies it (formulas are read after the last letter, where no letter "
      "holds: "
      "Y a says that the last letter is an a, !P !a that all letters are)",
      dfa.accepting[0] != 0 ? "every word" : "no word");
}

std::string joined(const std::string& first, const std::string& second) {
  return first.empty() || second.empty() ? first + second : first + "; " + second;
}

// The language over the user's alphabet; the two must be the same set, in whichever order.
Dfa with_alphabet(Dfa dfa, const std::optional<Alphabet>& wanted, const std::string& owner) {
  if (!wanted || *wanted == dfa.alphabet) return dfa;
  auto have = dfa.alphabet.names(), want = wanted->names();
  std::sort(have.begin(), have.end());
  std::sort(want.begin(), want.end());
  if (have != want)
    throw base::InputError("alphabet", fmt::format("{} is over the alphabet {}, found {}", owner,
                                                   dfa.alphabet.text(), wanted->text()));
  return automata::minimise(automata::over_alphabet(dfa, *wanted));
}

Language read_regex(const std::string& pattern, const std::optional<Alphabet>& alphabet,
                    std::size_t max_states) {
  const logic::ParsedRegex regex = logic::parse_regex(pattern, alphabet);
  Language language{"regex:" + pattern, pattern, automata::dfa_from_regex(regex, max_states), ""};
  if (!alphabet) language.note = letters_note(pattern);
  if (regex.alphabet_was_guessed)
    language.note = joined(language.note, inferred_note("pattern", regex.alphabet));
  return language;
}

Language read_formula(const std::string& text, const std::optional<Alphabet>& alphabet,
                      std::size_t max_states) {
  const logic::Formula formula = logic::parse_formula(text, alphabet);
  Language language{"ltl:" + text, text, automata::dfa_from_formula(formula, max_states), ""};
  language.note = constant_note(language.dfa);
  if (!alphabet) language.note = joined(language.note, inferred_note("formula", formula.alphabet));
  return language;
}

Language automaton_language(Dfa dfa, const std::string& path, const std::optional<Alphabet>& alphabet) {
  return {"dfa:" + path, std::filesystem::path(path).filename().string(),
          with_alphabet(std::move(dfa), alphabet, "the automaton in " + path), ""};
}

Language read_automaton(const std::string& path, const std::optional<Alphabet>& alphabet,
                        std::size_t max_states) {
  if (path.empty()) throw base::InputError("language", "expected a file name after dfa:");
  return automaton_language(automata::dfa_from_file(path, alphabet, max_states), path, alphabet);
}

Language read_named(const std::string& name, const std::optional<Alphabet>& alphabet) {
  const NamedLanguage& named = find_named(name);
  return {"name:" + name, name, with_alphabet(named.dfa(), alphabet, "the language " + name), ""};
}

bool is_suite_name(const std::string& text) {
  return std::any_of(suite().begin(), suite().end(), [&](const NamedLanguage& l) { return l.name == text; });
}

// "lt:P a" would be a regex of the letters l, t, : and so on; nobody means that.
void refuse_misspelt_prefix(const std::string& spec) {
  const std::size_t colon = spec.find(':');
  if (colon == std::string::npos) return;
  const std::string word = spec.substr(0, colon);
  if (const std::string hint = base::did_you_mean(word, {"regex", "ltl", "dfa", "name"}); !hint.empty())
    throw base::InputError(
        "language",
        fmt::format("unknown prefix {}:{} (a pattern that begins so is written regex:{})", word, hint, spec),
        spec, 0);
}

}  // namespace

Language read_language(const std::string& spec, const std::optional<std::string>& alphabet_text,
                       std::size_t max_states) {
  std::optional<Alphabet> alphabet;
  if (alphabet_text) alphabet = Alphabet::parse(*alphabet_text);
  const auto rest = [&](std::string_view prefix) { return spec.substr(prefix.size()); };
  if (spec.starts_with("regex:")) return read_regex(rest("regex:"), alphabet, max_states);
  if (spec.starts_with("ltl:")) return read_formula(rest("ltl:"), alphabet, max_states);
  if (spec.starts_with("dfa:")) return read_automaton(rest("dfa:"), alphabet, max_states);
  if (spec.starts_with("name:")) return read_named(rest("name:"), alphabet);
  refuse_misspelt_prefix(spec);
  Language language = read_regex(spec, alphabet, max_states);
  if (is_suite_name(spec))
    language.note =
        fmt::format("{} was read as a pattern; the suite's language of that name is name:{}", spec, spec);
  return language;
}

Language read_automaton_text(const std::string& text, const std::string& source,
                             const std::optional<std::string>& alphabet_text, std::size_t max_states) {
  std::optional<Alphabet> alphabet;
  if (alphabet_text) alphabet = Alphabet::parse(*alphabet_text);
  return automaton_language(automata::dfa_from_text(text, source, alphabet, max_states), source, alphabet);
}

Dfa NamedLanguage::dfa() const {
  if (generate != nullptr) return automata::minimise(generate());
  const std::string pattern = spec.substr(std::string_view("regex:").size());
  return automata::dfa_from_regex(logic::parse_regex(pattern, Alphabet::parse(alphabet)));
}

const NamedLanguage& find_named(const std::string& name) {
  std::vector<std::string> names;
  for (const NamedLanguage& language : suite()) {
    if (language.name == name) return language;
    names.push_back(language.name);
  }
  const std::string hint = base::did_you_mean(name, names);
  throw base::InputError("language", fmt::format("the suite has no language named \"{}\"{}", name,
                                                 hint.empty() ? "; `yore languages` lists them" : hint));
}

}  // namespace yore::languages
