// Words that lead to the states of an automaton, and words that tell its states apart.
#pragma once
#include <optional>
#include <vector>

#include "yore/automata/dfa.h"

namespace yore::automata {

/// Shortest words from one state to each, the first in symbol order; nothing where none leads.
std::vector<std::optional<Word>> words_from(const Dfa& dfa, State from);

/// For each state a shortest word that leads to it from the start, the first in symbol order; by state.
/// Throws std::invalid_argument if a state cannot be reached.
std::vector<Word> access_words(const Dfa& dfa);

/// Words that tell all states apart: of any two, one accepts some of these words and the other does not. The
/// empty word comes first, the others by length; at most max(1, states - 1). Throws std::invalid_argument if
/// two states accept the same words.
std::vector<Word> characterising_words(const Dfa& dfa);

}  // namespace yore::automata
