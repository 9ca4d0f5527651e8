// Hybrid attention: LTL[P,Y], automata in whose components no pair of states stays apart for ever.
#include "yore/expressivity/classes.h"
#include "yore/expressivity/witness.h"

namespace yore::expressivity {

Witness hybrid_witness(const Dfa& dfa, const std::vector<int>& group, std::pair<State, State> on_cycle,
                       const WitnessBudget& budget) {
  const auto [p, q, u] = find_loop_pair(dfa, group, on_cycle, budget);
  Witness witness;
  witness.kind = "loop";
  witness.words = {{"s", *path_word(dfa, dfa.start, p)},
                   {"u", u},
                   {"x", *path_word(dfa, p, q)},
                   {"y", *path_word(dfa, q, p)},
                   {"z", separator(dfa, p, q, budget.max_pairs)}};
  witness.states = {p, q};
  const std::string loop = "u^" + power_of_n(budget.lookback);
  const std::string rounds = "s (" + loop + " x " + loop + " y)^n " + loop;
  witness.recipe_a = rounds + " z";
  witness.recipe_b = rounds + " x " + loop + " z";
  return verified(dfa, std::move(witness),
                  {.lookback = budget.lookback, .before = true, .period = budget.period}, budget.depth);
}

}  // namespace yore::expressivity
