#include "yore/expressivity/tier.h"

#include <algorithm>

namespace yore::expressivity {

std::vector<logic::Symbol> neutral_letters(const Dfa& dfa) {
  std::vector<logic::Symbol> neutral;
  for (logic::Symbol a = 0; a < dfa.alphabet.size(); ++a) {
    State q = 0;
    while (q < dfa.states && dfa.step(q, a) == q) ++q;
    if (q == dfa.states) neutral.push_back(a);
  }
  return neutral;
}

std::optional<Tier> tier_of(const Classification& all, const ClassifyOptions& options) {
  if (all.period > 1 || all.of(Class::Hybrid).member == Answer::Yes) return std::nullopt;
  Tier tier;
  tier.neutral = neutral_letters(all.dfa);
  const int letters = all.dfa.alphabet.size();
  if (tier.neutral.empty() || static_cast<int>(tier.neutral.size()) == letters) return std::nullopt;
  Dfa projected;
  std::vector<logic::Symbol> kept;
  std::vector<std::string> names;
  for (logic::Symbol a = 0; a < letters; ++a) {
    if (std::binary_search(tier.neutral.begin(), tier.neutral.end(), a)) continue;
    kept.push_back(a);
    names.push_back(all.dfa.alphabet.name(a));
  }
  projected.alphabet = tier.letters = logic::Alphabet(names);
  projected.states = all.dfa.states;
  projected.start = all.dfa.start;
  projected.accepting = all.dfa.accepting;
  for (State q = 0; q < projected.states; ++q)
    for (const logic::Symbol a : kept) projected.next.push_back(all.dfa.step(q, a));
  ClassifyOptions of_tier = options;
  of_tier.witnesses = false;
  // Whether it is star-free is known of the language itself, and so are its groups.
  of_tier.max_monoid = std::min<std::size_t>(options.max_monoid, 1'000);
  Classification answer = classify(projected, of_tier);
  tier.hybrid = answer.of(Class::Hybrid).member;
  tier.sufficient = answer.sufficient;
  for (const Class c : {Class::Global, Class::Local, Class::Hybrid})
    if (!tier.formula && answer.of(c).member == Answer::Yes) tier.formula = answer.of(c).formula;
  return tier;
}

}  // namespace yore::expressivity
