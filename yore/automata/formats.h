// Automata as text: JSON, AT&T, DOT.
//
// JSON: {"alphabet":["a","b"],"states":3,"start":0,"accept":[0],"transitions":[[1,2],[2,0],[2,2]]};
// transitions[state][symbol], -1 = no move. AT&T: one line a transition "from to symbol" (blank or tab
// separated, an optional weight of 0 is accepted, `<eps>` or @0@ is the empty move), one line "state" a final
// state; the source state of the first line is the start.
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
/// appearance unless given. Throws InputError(`source`) with line and position. The result is the minimal
/// DFA.
Dfa dfa_from_att(const std::string& text, const std::string& source,
                 const std::optional<Alphabet>& alphabet = std::nullopt,
                 std::size_t max_states = kDefaultMaxStates);

/// One line of JSON that dfa_from_json reads back (to the same automaton if it is minimal).
std::string json_from_dfa(const Dfa& dfa);
/// All transitions, the start's first, then the final states; dfa_from_att reads it back with the same
/// alphabet. Throws InputError("alphabet") if a symbol is spelled like the empty move.
std::string att_from_dfa(const Dfa& dfa);

/// How dot_from_dfa draws.
struct DotOptions {
  bool hide_sink = true;  ///< leave out a rejecting sink and its edges (the caption says so)
  std::string title;      ///< written below the picture
};
/// Graphviz text: double circles accept, parallel edges share one label.
std::string dot_from_dfa(const Dfa& dfa, const DotOptions& options = {});

}  // namespace yore::automata
