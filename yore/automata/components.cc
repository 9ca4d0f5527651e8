// Strongly connected components by Tarjan's algorithm, without recursion (paths may be 100,000 states long).
#include <algorithm>

#include "yore/automata/dfa.h"

namespace yore::automata {

Components components(const Dfa& dfa) {
  const int letters = dfa.alphabet.size();
  constexpr int kUnseen = -1;
  std::vector<int> order(dfa.states, kUnseen);  // discovery numbers
  std::vector<int> low(dfa.states,
                       0);  // smallest discovery number known to be reachable inside the component
  std::vector<State> open;  // discovered, component not complete
  struct Frame {
    State q;
    Symbol next_symbol;
  };
  std::vector<Frame> path;
  Components result;
  result.of.assign(dfa.states, kUnseen);
  int discovered = 0, complete = 0;

  const auto discover = [&](State q) {
    order[q] = low[q] = discovered++;
    open.push_back(q);
    path.push_back({q, 0});
  };
  for (State root = 0; root < dfa.states; ++root) {
    if (order[root] != kUnseen) continue;
    discover(root);
    while (!path.empty()) {
      const State q = path.back().q;
      if (path.back().next_symbol < letters) {
        const State r = dfa.step(q, path.back().next_symbol++);
        if (order[r] == kUnseen)
          discover(r);
        else if (result.of[r] == kUnseen)
          low[q] = std::min(low[q], order[r]);
        continue;
      }
      path.pop_back();
      if (!path.empty()) low[path.back().q] = std::min(low[path.back().q], low[q]);
      if (low[q] != order[q]) continue;
      for (State member = -1; member != q;) {
        member = open.back();
        open.pop_back();
        result.of[member] = complete;
      }
      ++complete;
    }
  }
  // Tarjan completes components in reverse topological order.
  result.members.resize(complete);
  for (State q = 0; q < dfa.states; ++q) {
    result.of[q] = complete - 1 - result.of[q];
    result.members[result.of[q]].push_back(q);
  }
  return result;
}

}  // namespace yore::automata
