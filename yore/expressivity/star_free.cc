// Full past LTL: star-free languages, counter-free automata. PSPACE-hard to decide, so the search is
// budgeted; but a single counter, found early, settles a no.
#include <stdexcept>

#include "yore/algebra/semigroup.h"
#include "yore/expressivity/classes.h"
#include "yore/expressivity/witness.h"

namespace yore::expressivity {
namespace {

// The least state that comes back to itself only after two or more steps, with that number; nothing if there
// is none.
std::optional<std::pair<State, int>> counting_state(const std::vector<State>& image) {
  std::vector<State> tour(image.size(), -1);  // the state whose walk met this one first
  std::optional<std::pair<State, int>> least;
  for (State from = 0; from < static_cast<State>(image.size()); ++from) {
    State q = from;
    for (; tour[static_cast<std::size_t>(q)] < 0; q = image[static_cast<std::size_t>(q)])
      tour[static_cast<std::size_t>(q)] = from;
    if (tour[static_cast<std::size_t>(q)] != from) continue;
    int period = 1;
    State smallest = q;
    for (State r = image[static_cast<std::size_t>(q)]; r != q; r = image[static_cast<std::size_t>(r)]) {
      ++period;
      smallest = std::min(smallest, r);
    }
    if (period > 1 && (!least || smallest < least->first)) least = {smallest, period};
  }
  return least;
}

}  // namespace

CounterSearch find_counter(const Dfa& dfa, std::size_t max_maps) {
  CounterSearch search;
  const auto counts = [](const std::vector<State>& image) { return counting_state(image).has_value(); };
  search.outcome = search_maps(dfa, algebra::affordable_elements(max_maps, dfa.states), counts, search.map);
  return search;
}

Witness counter_witness(const Dfa& dfa, const StateMap& map, const WitnessBudget& budget) {
  const auto counting = counting_state(map.image);
  if (!counting) throw std::invalid_argument("counter_witness: the map permutes nothing");
  const auto [p, period] = *counting;
  const State q = map.image[static_cast<std::size_t>(p)];
  Witness witness;
  witness.kind = "counter";
  witness.words = {
      {"s", *path_word(dfa, dfa.start, p)}, {"u", map.word}, {"z", separator(dfa, p, q, budget.max_pairs)}};
  witness.states = {p, q};
  const std::string times = std::to_string(period);
  witness.recipe_a = "s u^(" + times + "n) z";
  witness.recipe_b = "s u^(" + times + "n+1) z";
  return verified(dfa, std::move(witness), {.since = true}, budget.depth);
}

}  // namespace yore::expressivity
