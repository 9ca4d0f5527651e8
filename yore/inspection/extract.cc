#include "yore/inspection/extract.h"

#include <functional>

#include "yore/inspection/answers.h"

namespace yore::inspection {

Extracted extract(const model::Model& model, const logic::Alphabet& alphabet, const ExtractOptions& options) {
  automata::BlackBox box(alphabet, [&](std::span<const Word> words) {
    std::vector<char> accepted;
    for (const float logit : answers(model, alphabet, words)) accepted.push_back(logit > 0);
    return accepted;
  });
  automata::SearchOptions search_options;
  search_options.max_length = options.length;
  search_options.exhaustive_words = options.exhaustive_words;
  search_options.random_words = options.random_words;
  search_options.seed = options.seed;
  automata::WordSearch search(box, search_options);
  automata::LearnOptions learn_options;
  learn_options.max_states = options.max_states;
  learn_options.max_states_name = "max-automaton";
  learn_options.max_queries = options.max_queries;
  Extracted result{automata::learn(box, std::ref(search), learn_options), {}, 0};
  result.last = search.last();
  result.words_asked = box.asked();
  return result;
}

}  // namespace yore::inspection
