// An automaton read out of a model by asking it about words.
#pragma once
#include <string>

#include "yore/automata/learn.h"
#include "yore/automata/word_search.h"
#include "yore/model/model.h"

namespace yore::inspection {

struct ExtractOptions {
  int max_states = 200;                    ///< budget: of the automaton
  std::int64_t max_queries = 200'000;      ///< budget: words the learner asks
  int length = 100;                        ///< longest word with which differences are looked for
  std::int64_t exhaustive_words = 10'000;  ///< compared with every hypothesis: the first so many words
  std::int64_t random_words = 5'000;       ///< and so many drawn ones
  std::uint64_t seed = 0;
};

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
