// Words near a given word.
#pragma once
#include "yore/automata/dfa.h"
#include "yore/base/random.h"

namespace yore::automata {

/// Applies `edits` random edits, each an insertion, deletion, substitution by another letter, or exchange of
/// neighbours, chosen evenly among those that keep the length within min_length..max_length.
void edit(Word& word, int edits, int alphabet_size, int min_length, int max_length, base::Random& random);

}  // namespace yore::automata
