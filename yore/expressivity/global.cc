// Global attention: LTL[P], partially ordered automata.
#include <limits>
#include <map>
#include <stdexcept>

#include "yore/base/budget.h"
#include "yore/expressivity/classes.h"
#include "yore/expressivity/witness.h"

namespace yore::expressivity {

bool is_global(const Dfa& dfa, const automata::Components& components) {
  return components.members.size() == static_cast<std::size_t>(dfa.states);
}

Witness global_witness(const Dfa& dfa, const automata::Components& components, const WitnessBudget& budget) {
  // Every cycle through two states has a letter that leads from one of its states to another, so x may be a
  // letter. States are numbered breadth-first: early p have short s. A few dozen candidates are compared;
  // each costs a search of the automaton.
  constexpr int kCandidates = 64;
  base::Budget steps("comparing witnesses", {.count = 4'000'000});
  Witness best;
  std::size_t best_length = std::numeric_limits<std::size_t>::max();
  int candidates = 0;
  for (State p = 0; p < dfa.states && candidates < kCandidates && steps.left() > 0; ++p) {
    for (Symbol a = 0; a < dfa.alphabet.size(); ++a) {
      const State q = dfa.step(p, a);
      if (p == q || components.of[static_cast<std::size_t>(p)] != components.of[static_cast<std::size_t>(q)])
        continue;
      const Word s = *path_word(dfa, dfa.start, p), y = *path_word(dfa, q, p);
      const Word z = separator(dfa, p, q, budget.max_pairs);
      ++candidates;
      steps.afford(dfa.next.size());
      const std::size_t length = s.size() + 1 + y.size() + z.size();
      if (length >= best_length) continue;
      best_length = length;
      best.words = {{"s", s}, {"x", Word{a}}, {"y", y}, {"z", z}};
      best.states = {p, q};
    }
  }
  if (best.words.empty()) throw std::invalid_argument("global_witness: every component is a single state");
  best.kind = "cycle";
  best.recipe_a = "s (x y)^n z";
  best.recipe_b = "s (x y)^n x z";
  return verified(dfa, std::move(best), {.before = true}, budget.depth);
}

Witness global_witness_with_positions(const automata::Phased& product, const automata::Components& components,
                                      const WitnessBudget& budget) {
  // States are numbered breadth-first: of each component the first two of one phase.
  constexpr int kCandidates = 16;
  const Dfa& dfa = product.dfa;
  base::Budget steps("comparing witnesses", {.count = 4'000'000});
  Witness best;
  std::size_t best_length = std::numeric_limits<std::size_t>::max();
  std::map<std::pair<int, int>, State> first;
  int candidates = 0;
  for (State q = 0; q < dfa.states && candidates < kCandidates && steps.left() > 0; ++q) {
    const auto at = static_cast<std::size_t>(q);
    const State p = first.emplace(std::pair{components.of[at], product.phases[at]}, q).first->second;
    if (p == q) continue;
    const Word s = *path_word(dfa, dfa.start, p), x = *path_word(dfa, p, q), y = *path_word(dfa, q, p);
    const Word z = separator(dfa, p, q, budget.max_pairs);
    ++candidates;
    steps.afford(dfa.next.size());
    const std::size_t length = s.size() + x.size() + y.size() + z.size();
    if (length >= best_length) continue;
    best_length = length;
    best.words = {{"s", s}, {"x", x}, {"y", y}, {"z", z}};
    best.states = {p, q};
  }
  if (best.words.empty())
    throw std::invalid_argument("global_witness_with_positions: no component has two states of one phase");
  best.kind = "cycle";
  best.recipe_a = "s (x y)^n z";
  best.recipe_b = "s (x y)^n x z";
  return verified(dfa, std::move(best), {.before = true, .period = budget.period}, budget.depth);
}

}  // namespace yore::expressivity
