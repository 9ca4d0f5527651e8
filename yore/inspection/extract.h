// An automaton read out of a model by asking it about words.
#pragma once
#include <string>

#include "yore/automata/learn.h"
#include "yore/automata/word_search.h"
#include "yore/inspection/options.h"
#include "yore/model/model.h"

namespace yore::inspection {

struct Extracted {
  automata::Learned learned;     ///< the automaton, and whether it is finished
  automata::Searched last;       ///< what the last search for a difference compared
  std::int64_t words_asked = 0;  ///< different words the model answered
};

/// Learns (automata/learn.h) the language of the words whose logit is above 0. Stops at a budget or an
/// interrupt, which Extracted::learned says.
Extracted extract(const model::Model& model, const logic::Alphabet& alphabet,
                  const ExtractOptions& options = {});

}  // namespace yore::inspection
