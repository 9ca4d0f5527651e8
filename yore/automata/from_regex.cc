// Regex to DFA, bottom-up: every node of the syntax tree becomes a minimal automaton before its parent is
// built.
#include <functional>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "yore/automata/convert.h"
#include "yore/automata/nfa.h"
#include "yore/base/budget.h"

namespace yore::automata {
namespace {

using logic::Regex;
using logic::RegexPtr;

/// So many letters, on average, may a state of the parts of a pattern have moves for.
constexpr std::size_t kPartBytesPerState = 1024 * sizeof(State);

// Copies an automaton's moves into an Nfa; returns the number its state 0 got there.
State embed(const Dfa& dfa, Nfa& nfa) {
  const State offset = nfa.states;
  nfa.states += dfa.states;
  nfa.accepting.resize(static_cast<std::size_t>(nfa.states), 0);
  for (State q = 0; q < dfa.states; ++q)
    for (Symbol a = 0; a < dfa.alphabet.size(); ++a)
      nfa.edges.push_back({offset + q, a, offset + dfa.step(q, a)});
  return offset;
}

class Builder {
 public:
  Builder(const Alphabet& alphabet, std::size_t max_states)
      : alphabet_(alphabet),
        max_states_(max_states),
        tables_("the automata of a pattern's parts",
                {.bytes = max_states > base::kNoLimit / kPartBytesPerState ? base::kNoLimit
                                                                           : max_states * kPartBytesPerState,
                 .option = "max-states"}) {}

  // Children first, without recursion: trees made by programs may be nested thousands deep, and share
  // subtrees, each of which is built once and dropped after its last use.
  Dfa build(const Regex& root) {
    std::vector<const Regex*> order, pending{&root};
    while (!pending.empty()) {
      const Regex* regex = pending.back();
      if (!uses_.contains(regex)) {
        uses_.emplace(regex, 0);
        for (const RegexPtr& child : regex->children) pending.push_back(child.get());
        continue;
      }
      pending.pop_back();
      // The first time all its children are in the order; later visits are further uses.
      if (uses_[regex]++ == 0) order.push_back(regex);
    }
    for (const Regex* regex : order) {
      const Dfa& part = built_.emplace(regex, build_node(*regex)).first->second;
      tables_.hold(bytes_of(part));
    }
    return take(&root);
  }

 private:
  Dfa take(const Regex* regex) {
    const auto it = built_.find(regex);
    if (--uses_.at(regex) > 0) return it->second;
    Dfa dfa = std::move(it->second);
    tables_.release(bytes_of(dfa));
    built_.erase(it);
    return dfa;
  }
  static std::size_t bytes_of(const Dfa& dfa) { return dfa.next.size() * sizeof(State); }
  Dfa only_child(const Regex& regex) { return take(regex.children.at(0).get()); }

  Dfa build_node(const Regex& regex) {
    switch (regex.kind) {
      case Regex::Kind::Letters:
        return letters(regex.letters);
      case Regex::Kind::Epsilon:
        return epsilon();
      case Regex::Kind::Concat:
        return fold(regex, [this](const Dfa& a, const Dfa& b) { return concat(a, b); });
      case Regex::Kind::Union:
        return fold(regex, [this](const Dfa& a, const Dfa& b) { return both(a, b, Combine::Or); });
      case Regex::Kind::Intersect:
        return fold(regex, [this](const Dfa& a, const Dfa& b) { return both(a, b, Combine::And); });
      case Regex::Kind::Complement:
        return minimise(complement(only_child(regex)));
      case Regex::Kind::Repeat:
        return repeat(only_child(regex), regex.min, regex.max);
    }
    throw std::invalid_argument("dfa_from_regex: no such kind of node");
  }

  // start 0 --letters--> 1 accepting, 2 sink
  Dfa letters(const std::vector<Symbol>& symbols) const {
    Dfa dfa{
        alphabet_, 3, 0, {0, 1, 0}, std::vector<State>(3 * static_cast<std::size_t>(alphabet_.size()), 2)};
    for (Symbol a : symbols) dfa.next.at(static_cast<std::size_t>(a)) = 1;
    return minimise(dfa);
  }

  Dfa epsilon() const {
    return minimise(
        {alphabet_, 2, 0, {1, 0}, std::vector<State>(2 * static_cast<std::size_t>(alphabet_.size()), 1)});
  }

  // Combines the children pairwise in a balanced tree: a thousand alternatives or letters then cost log(1000)
  // rounds, not 1000.
  Dfa fold(const Regex& regex, const std::function<Dfa(const Dfa&, const Dfa&)>& join) {
    std::vector<Dfa> parts;
    for (const RegexPtr& child : regex.children) parts.push_back(take(child.get()));
    while (parts.size() > 1) {
      std::vector<Dfa> joined;
      for (std::size_t i = 0; i + 1 < parts.size(); i += 2) joined.push_back(join(parts[i], parts[i + 1]));
      if (parts.size() % 2 == 1) joined.push_back(std::move(parts.back()));
      parts = std::move(joined);
    }
    return std::move(parts.at(0));
  }

  Dfa both(const Dfa& a, const Dfa& b, Combine op) const { return minimise(product(a, b, op, max_states_)); }

  Dfa concat(const Dfa& a, const Dfa& b) const {
    Nfa nfa{alphabet_, 0, {}, {}, {}};
    const State left = embed(a, nfa), right = embed(b, nfa);
    nfa.starts = {left + a.start};
    for (State q = 0; q < a.states; ++q)
      if (a.accepting[q]) nfa.edges.push_back({left + q, kEpsilon, right + b.start});
    for (State q = 0; q < b.states; ++q) nfa.accepting[right + q] = b.accepting[q];
    return minimise(determinise(nfa, max_states_));
  }

  Dfa star(const Dfa& a) const {
    Nfa nfa{alphabet_, 0, {}, {}, {}};
    const State inside = embed(a, nfa);
    // The only accepting state is one between rounds: making the old start accept would be wrong if it is
    // entered mid-round.
    const State hub = nfa.states++;
    nfa.accepting.push_back(1);
    nfa.starts = {hub};
    nfa.edges.push_back({hub, kEpsilon, inside + a.start});
    for (State q = 0; q < a.states; ++q)
      if (a.accepting[q]) nfa.edges.push_back({inside + q, kEpsilon, hub});
    return minimise(determinise(nfa, max_states_));
  }

  // By repeated squaring: a{1000} takes about 20 concatenations of minimal automata.
  Dfa power(Dfa base, int exponent) const {
    Dfa result = epsilon();
    for (; exponent > 0; exponent /= 2) {
      if (exponent % 2 == 1) result = concat(result, base);
      if (exponent > 1) base = concat(base, base);
    }
    return result;
  }

  Dfa repeat(const Dfa& a, int min, int max) const {
    const Dfa required = power(a, min);
    if (max < 0) return min == 0 ? star(a) : concat(required, star(a));
    const Dfa optional = power(both(a, epsilon(), Combine::Or), max - min);
    return concat(required, optional);
  }

  const Alphabet& alphabet_;
  std::size_t max_states_;
  std::unordered_map<const Regex*, int> uses_;
  std::unordered_map<const Regex*, Dfa> built_;
  base::Budget tables_;  ///< of built_, which with a large alphabet are large even of few states
};

}  // namespace

Dfa dfa_from_regex(const logic::ParsedRegex& regex, std::size_t max_states) {
  return Builder(regex.alphabet, max_states).build(*regex.root);
}

}  // namespace yore::automata
