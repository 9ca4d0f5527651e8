#include "yore/automata/lengths.h"

#include "yore/base/budget.h"

namespace yore::automata {

Phased with_length_modulo(const Dfa& dfa, int period, std::size_t max_states) {
  Phased product;
  product.dfa.alphabet = dfa.alphabet;
  std::vector<State> number(static_cast<std::size_t>(dfa.states) * static_cast<std::size_t>(period), -1);
  base::Budget budget("joining the automaton with the length modulo a period",
                      {.count = max_states, .option = "max-states"});
  const auto numbered = [&](State q, int phase) {
    State& known = number[static_cast<std::size_t>(q) * static_cast<std::size_t>(period) +
                          static_cast<std::size_t>(phase)];
    if (known < 0) {
      budget.spend();
      known = static_cast<State>(product.states.size());
      product.states.push_back(q);
      product.phases.push_back(phase);
    }
    return known;
  };
  numbered(dfa.start, 0);
  for (std::size_t i = 0; i < product.states.size(); ++i) {
    const State q = product.states[i];
    const int after = (product.phases[i] + 1) % period;
    product.dfa.accepting.push_back(dfa.accepting[static_cast<std::size_t>(q)]);
    for (Symbol a = 0; a < dfa.alphabet.size(); ++a)
      product.dfa.next.push_back(numbered(dfa.step(q, a), after));
  }
  product.dfa.states = static_cast<State>(product.states.size());
  return product;
}

std::optional<std::vector<int>> length_by_state(const Dfa& dfa, int period) {
  std::vector<int> length(static_cast<std::size_t>(dfa.states), -1);
  std::vector<State> queue{dfa.start};
  length[static_cast<std::size_t>(dfa.start)] = 0;
  for (std::size_t i = 0; i < queue.size(); ++i)
    for (Symbol a = 0; a < dfa.alphabet.size(); ++a) {
      const State to = dfa.step(queue[i], a);
      const int after = (length[static_cast<std::size_t>(queue[i])] + 1) % period;
      int& known = length[static_cast<std::size_t>(to)];
      if (known < 0) {
        known = after;
        queue.push_back(to);
      } else if (known != after) {
        return std::nullopt;
      }
    }
  for (int& known : length)
    if (known < 0) known = 0;
  return length;
}

}  // namespace yore::automata
