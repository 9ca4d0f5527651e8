// Regular expressions: syntax tree, parser, printer, and membership by definition.
//
// Syntax, loosest first:   r | s     r & s     r s     ! r     r*  r+  r?  r{m}  r{m,}  r{m,n}
// `!` takes the following atom with its postfix operators: !a* is !(a*), and !ab is (!a)b.
//
// Atoms: a letter; \x the character x; 'name' a symbol of several characters (\' and \\ inside); . any letter
// of the alphabet; () the empty word; [] no word at all; ( r ); classes [ab] and [^ab], in which escapes and
// quoted names are allowed, and a '-' that is first or last is a letter. A range [a-z] holds the characters
// between its ends that are in the alphabet (both ends must be); when the alphabet is inferred all of them
// are letters. Blanks are not skipped: no alphabet has a blank symbol, so they are errors.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "yore/logic/alphabet.h"

namespace yore::logic {

struct Regex;
using RegexPtr = std::shared_ptr<const Regex>;

/// An immutable node over a fixed alphabet (classes and `.` are already sets of symbols).
struct Regex {
  enum class Kind {
    Letters,     ///< one letter out of `letters` (sorted, distinct; empty = no word at all)
    Epsilon,     ///< the empty word
    Concat,      ///< children in sequence (two or more)
    Union,       ///< two or more children
    Intersect,   ///< two or more children
    Complement,  ///< one child; complement within all words over the alphabet
    Repeat,      ///< one child, `min` to `max` times; max = -1 means no bound
  };
  Kind kind;
  std::vector<Symbol> letters;     ///< of Letters
  std::vector<RegexPtr> children;  ///< of every kind but Letters and Epsilon
  int min = 0;                     ///< of Repeat
  int max = -1;                    ///< of Repeat
};

/// A parsed pattern with its alphabet.
struct ParsedRegex {
  RegexPtr root;
  Alphabet alphabet;
  /// True if the alphabet was inferred AND the pattern means something else over a larger one (`.`, `[^`,
  /// `!`): callers tell the user so.
  bool alphabet_was_guessed = false;
};

/// Parses `pattern`. Without an alphabet it is inferred: the letters that occur, sorted by name. Throws
/// InputError ("regex") with the position and what was expected: unbalanced, empty pattern (write () for the
/// empty word), letters outside the alphabet, bad repetition counts (min > max, above `max_repeat`), nothing
/// to repeat, an inferred alphabet without letters, nesting deeper than 1,000 levels.
ParsedRegex parse_regex(std::string_view pattern, const std::optional<Alphabet>& alphabet = std::nullopt,
                        int max_repeat = 1000);

/// A pattern that parses back to the same language over the same alphabet, with few parentheses.
std::string format_regex(const RegexPtr& regex, const Alphabet& alphabet);

/// Membership straight from the definition (which substrings match which node), no automaton. O(nodes n^3),
/// times the logarithm of repetition counts: the oracle.
bool matches(const RegexPtr& regex, const Word& word);

}  // namespace yore::logic
