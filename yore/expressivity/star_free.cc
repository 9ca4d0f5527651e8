// Full past LTL: star-free languages, counter-free automata. PSPACE-hard to decide, so the search is
// budgeted; but a single counter, found early, settles a no.
#include <stdexcept>

#include "yore/algebra/semigroup.h"
#include "yore/expressivity/classes.h"
#include "yore/expressivity/counters.h"
#include "yore/expressivity/witness.h"

namespace yore::expressivity {
CounterSearch find_counter(const Dfa& dfa, std::size_t max_maps, int period) {
  CounterSearch search;
  const auto counts = [](const std::vector<State>& image) { return !cycles_of(image).empty(); };
  search.outcome =
      search_maps(dfa, algebra::affordable_elements(max_maps, dfa.states), counts, search.map, period);
  return search;
}

Witness counter_witness(const Dfa& dfa, const StateMap& map, const WitnessBudget& budget) {
  const auto cycles = cycles_of(map.image);
  if (cycles.empty()) throw std::invalid_argument("counter_witness: the map permutes nothing");
  const State p = cycles.front()[0], q = cycles.front()[1];
  Witness witness;
  witness.kind = "counter";
  witness.words = {
      {"s", *path_word(dfa, dfa.start, p)}, {"u", map.word}, {"z", separator(dfa, p, q, budget.max_pairs)}};
  witness.states = {p, q};
  const std::string times = std::to_string(cycles.front().size());
  witness.recipe_a = "s u^(" + times + "n) z";
  witness.recipe_b = "s u^(" + times + "n+1) z";
  return verified(dfa, std::move(witness), {.since = true, .period = budget.period}, budget.depth);
}

}  // namespace yore::expressivity
