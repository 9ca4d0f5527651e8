// Automata as text: JSON, AT&T, DOT.
//
// JSON: {"alphabet":["a","b"],"states":3,"start":0,"accept":[0],"transitions":[[1,2],[2,0],[2,2]]};
// transitions[state][symbol], -1 = no move.
//
// AT&T text, as foma, HFST, OpenFst and pyfoma print acceptors: one line a transition, fields separated by a
// tab or by blanks; the source state of the first line is the start.
//   from to symbol [weight]           one label
//   from to input output [weight]     output = input, or it is a transducer and refused
//   state [weight]                    a final state
// * Whether a fourth column is the output or a weight is decided for the whole file: it is a weight if it is
//   a number on every line, unless it repeats the input on every line (`0 1 0 0` is the same both ways).
// * Weights must be 0: a weighted automaton is no language. Without the column it is the language of all
// paths.
// * `<eps>`, `<epsilon>`, `@0@` and `@_EPSILON_SYMBOL_@` are the empty move. A plain 0 is the symbol 0
//   (OpenFst without symbol tables prints its empty move so: print with --isymbols).
// * `@_IDENTITY_SYMBOL_@`, `@_UNKNOWN_SYMBOL_@` (any other symbol) and flag diacritics are refused.
// Both forms may begin with a byte order mark and end lines with CR LF.
#pragma once
#include <optional>
#include <string>

#include "yore/automata/dfa.h"

namespace yore::automata {

/// Reads the JSON form. Throws InputError(`source`) naming the key at fault and, for syntax, the position:
/// unknown or missing keys, targets out of range, rows of the wrong length, duplicates in accept, more than
/// max_states states. The result is the minimal DFA.
Dfa dfa_from_json(const std::string& text, const std::string& source,
                  std::size_t max_states = kDefaultMaxStates);

/// Reads AT&T text (nondeterminism and empty moves allowed). The alphabet is inferred in order of first
/// appearance unless given. Throws InputError(`source`) with line and position, also past 100 million states
/// x symbols. The result is the minimal DFA.
Dfa dfa_from_att(const std::string& text, const std::string& source,
                 const std::optional<Alphabet>& alphabet = std::nullopt,
                 std::size_t max_states = kDefaultMaxStates);

/// Reads an automaton in whichever form it is: JSON if `path` ends in .json (in any case) or the text begins
/// with {, else AT&T text. `path` is the source of errors; `alphabet` is for AT&T text, as there.
Dfa dfa_from_text(const std::string& text, const std::string& path,
                  const std::optional<Alphabet>& alphabet = std::nullopt,
                  std::size_t max_states = kDefaultMaxStates);

/// Reads the automaton in a file, as dfa_from_text. Throws InputError(`path`) also if the file is none that
/// can end (a device), or is larger than kMaxAutomatonBytes.
Dfa dfa_from_file(const std::string& path, const std::optional<Alphabet>& alphabet = std::nullopt,
                  std::size_t max_states = kDefaultMaxStates);
inline constexpr std::size_t kMaxAutomatonBytes = std::size_t{64} << 20;

/// One line of JSON that dfa_from_json reads back (to the same automaton if it is minimal).
std::string json_from_dfa(const Dfa& dfa);
/// What att_from_dfa writes for a transition.
enum class AttColumns {
  InputOutput,  ///< from to input output: what foma, HFST and `fstcompile` read
  OneLabel      ///< from to symbol: what `fstcompile --acceptor` reads, and foma and HFST do not
};
/// All transitions, the start's first, then the final states; dfa_from_att reads it back with the same
/// alphabet. Throws InputError("alphabet") if a symbol is spelled like the empty move or means something else
/// to the programs that read such text.
std::string att_from_dfa(const Dfa& dfa, AttColumns columns = AttColumns::InputOutput);

/// How dot_from_dfa draws.
struct DotOptions {
  bool hide_sink = true;  ///< leave out a rejecting sink and its edges (the caption says so)
  std::string title{};    ///< written below the picture
};
/// Graphviz text: double circles accept, parallel edges share one label.
std::string dot_from_dfa(const Dfa& dfa, const DotOptions& options = {});

}  // namespace yore::automata
