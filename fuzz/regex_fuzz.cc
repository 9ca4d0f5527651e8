// Any bytes as a pattern: an InputError that points into it, or a tree that prints, reads back and means the
// same, to the matcher by definition and as an automaton.
#include <cstdint>
#include <optional>

#include "fuzz/property.h"
#include "yore/automata/convert.h"
#include "yore/base/error.h"
#include "yore/logic/regex.h"

namespace {

using yore::fuzz::require;
using namespace yore;

constexpr int kMaxRepeat = 20;
constexpr std::size_t kMaxStates = 60;
constexpr int kMaxLetters = 8;  // for the parts that walk over words or automata

std::optional<logic::ParsedRegex> parse(const std::string& text) {
  try {
    return logic::parse_regex(text, std::nullopt, kMaxRepeat);
  } catch (const base::InputError& error) {
    require(error.position() && *error.position() <= text.size(), "errors point into the pattern", text);
    return std::nullopt;
  }
}

// The minimal automaton, unless it is past the budget.
std::optional<automata::Dfa> automaton(const logic::ParsedRegex& regex) {
  try {
    return automata::dfa_from_regex(regex, kMaxStates);
  } catch (const base::BudgetError&) {
    return std::nullopt;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const std::optional<logic::ParsedRegex> parsed = parse(text);
  if (!parsed) return 0;
  const std::string printed = logic::format_regex(parsed->root, parsed->alphabet);
  const logic::ParsedRegex again = logic::parse_regex(printed, parsed->alphabet, kMaxRepeat);
  require(logic::format_regex(again.root, again.alphabet) == printed, "printing is a fixpoint", printed);
  if (parsed->alphabet.size() > kMaxLetters || size > 60) return 0;

  const std::optional<automata::Dfa> dfa = automaton(*parsed), dfa_again = automaton(again);
  if (dfa && dfa_again) require(*dfa == *dfa_again, "what is printed means the same", printed);
  automata::for_all_words(
      parsed->alphabet.size(), parsed->alphabet.size() <= 2 ? 4 : 2, [&](const logic::Word& word) {
        const bool member = logic::matches(parsed->root, word);
        require(logic::matches(again.root, word) == member, "what is printed matches the same", printed);
        if (dfa) require(dfa->accepts(word) == member, "the automaton accepts what matches", printed);
      });
  return 0;
}
