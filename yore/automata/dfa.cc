#include "yore/automata/dfa.h"

#include <algorithm>
#include <stdexcept>

namespace yore::automata {

State Dfa::run(State q, const Word& word) const {
  for (Symbol a : word) q = step(q, a);
  return q;
}

void check(const Dfa& dfa) {
  const auto fail = [](const std::string& what) { throw std::invalid_argument("Dfa: " + what); };
  if (dfa.states < 1) fail("needs at least one state");
  const auto n = static_cast<std::size_t>(dfa.states);
  const auto letters = static_cast<std::size_t>(dfa.alphabet.size());
  if (dfa.start < 0 || dfa.start >= dfa.states) fail("the start is not a state");
  if (dfa.accepting.size() != n) fail("accepting needs one entry a state");
  if (dfa.next.size() != n * letters) fail("next needs one entry a state and symbol");
  const auto is_state = [&](State q) { return q >= 0 && q < dfa.states; };
  if (!std::all_of(dfa.next.begin(), dfa.next.end(), is_state)) fail("a move leads to no state");
}

Dfa complement(Dfa dfa) {
  for (char& accepting : dfa.accepting) accepting = !accepting;
  return dfa;
}

std::optional<Word> shortest_accepted(const Dfa& dfa) {
  // Breadth-first in symbol order: the first path to reach a state is the shortest and, among those, the
  // first in order.
  struct Arrival {
    State from = -1;
    Symbol by = -1;
    bool seen = false;
  };
  std::vector<Arrival> arrival(static_cast<std::size_t>(dfa.states));
  std::vector<State> queue{dfa.start};
  arrival[dfa.start].seen = true;
  for (std::size_t head = 0; head < queue.size(); ++head) {
    State q = queue[head];
    if (dfa.accepting[q]) {
      Word word;
      for (; arrival[q].from >= 0; q = arrival[q].from) word.push_back(arrival[q].by);
      std::reverse(word.begin(), word.end());
      return word;
    }
    for (Symbol a = 0; a < dfa.alphabet.size(); ++a) {
      Arrival& there = arrival[dfa.step(q, a)];
      if (there.seen) continue;
      there = {q, a, true};
      queue.push_back(dfa.step(q, a));
    }
  }
  return std::nullopt;
}

Dfa over_alphabet(const Dfa& dfa, const Alphabet& wider) {
  std::vector<Symbol> old_symbol(static_cast<std::size_t>(wider.size()), -1);
  for (Symbol a = 0; a < dfa.alphabet.size(); ++a) {
    const std::optional<Symbol> b = wider.find(dfa.alphabet.name(a));
    if (!b) throw std::invalid_argument("over_alphabet: the wider alphabet lacks " + dfa.alphabet.name(a));
    old_symbol[*b] = a;
  }
  // The sink is added even if no symbol is new: callers minimise anyway, and one rule is easier to rely on.
  const State sink = dfa.states;
  Dfa result{wider, dfa.states + 1, dfa.start, dfa.accepting, {}};
  result.accepting.push_back(0);
  result.next.reserve(static_cast<std::size_t>(result.states) * old_symbol.size());
  for (State q = 0; q < result.states; ++q)
    for (Symbol a : old_symbol) result.next.push_back(q == sink || a < 0 ? sink : dfa.step(q, a));
  return result;
}

}  // namespace yore::automata
