#include "yore/automata/nfa.h"

#include <algorithm>
#include <stdexcept>
#include <unordered_set>
#include <utility>

#include "yore/base/budget.h"

namespace yore::automata {
namespace {

// Bytes of all subsets together, as a multiple of max_states: keeps a construction with few but huge subsets
// within memory.
constexpr std::size_t kBytesPerState = 256 * sizeof(State);

// Moves grouped by state, without states from which nothing can be accepted: they would only swell the
// subsets.
class Moves {
 public:
  explicit Moves(const Nfa& nfa) : live_(nfa.states, 0) {
    mark_live(nfa);
    const auto useful = [&](const Nfa::Edge& e) { return live_[e.from] && live_[e.to]; };
    first_.assign(static_cast<std::size_t>(nfa.states) + 1, 0);
    for (const Nfa::Edge& e : nfa.edges)
      if (useful(e)) ++first_[e.from];
    for (State q = 1; q <= nfa.states; ++q) first_[q] += first_[q - 1];
    edges_.resize(first_[nfa.states]);
    for (auto e = nfa.edges.rbegin(); e != nfa.edges.rend(); ++e)
      if (useful(*e)) edges_[--first_[e->from]] = *e;
  }
  bool live(State q) const { return live_[q] != 0; }
  const Nfa::Edge* begin(State q) const { return edges_.data() + first_[q]; }
  const Nfa::Edge* end(State q) const { return edges_.data() + first_[q + 1]; }

 private:
  void mark_live(const Nfa& nfa) {
    std::vector<std::vector<State>> sources(nfa.states);
    for (const Nfa::Edge& e : nfa.edges) sources[e.to].push_back(e.from);
    std::vector<State> stack;
    const auto reach = [&](State q) {
      if (!live_[q]) stack.push_back(q);
      live_[q] = 1;
    };
    for (State q = 0; q < nfa.states; ++q)
      if (nfa.accepting[q]) reach(q);
    while (!stack.empty()) {
      const State q = stack.back();
      stack.pop_back();
      for (State p : sources[q]) reach(p);
    }
  }
  std::vector<char> live_;
  std::vector<std::size_t> first_;
  std::vector<Nfa::Edge> edges_;
};

// All subsets met so far, their elements in one array; a subset is known by its number.
class Subsets {
 public:
  explicit Subsets(std::size_t max_states)
      : budget_("determinising (subset construction)",
                {.count = max_states,
                 .bytes = max_states > base::kNoLimit / kBytesPerState ? base::kNoLimit
                                                                       : max_states * kBytesPerState,
                 .option = "max-states"}),
        known_(16, Hash{this}, Equal{this}) {}
  std::size_t size() const { return first_.size() - 1; }
  const State* begin(State subset) const { return elements_.data() + first_[subset]; }
  const State* end(State subset) const { return elements_.data() + first_[subset + 1]; }

  // The number of a subset given as sorted elements.
  State number(const std::vector<State>& sorted) {
    budget_.spend(0);
    const auto fresh = static_cast<State>(size());
    elements_.insert(elements_.end(), sorted.begin(), sorted.end());
    first_.push_back(elements_.size());
    const auto [it, inserted] = known_.insert(fresh);
    if (!inserted) {
      first_.pop_back();
      elements_.resize(first_.back());
    } else {
      budget_.spend();
      budget_.hold(sorted.size() * sizeof(State));
    }
    return *it;
  }

 private:
  struct Hash {
    const Subsets* subsets;
    std::size_t operator()(State s) const {
      std::uint64_t h = 0x9E3779B97F4A7C15u;
      for (const State* q = subsets->begin(s); q != subsets->end(s); ++q) {
        h = (h ^ static_cast<std::uint64_t>(*q)) * 0xBF58476D1CE4E5B9u;
        h ^= h >> 29;
      }
      return h;
    }
  };
  struct Equal {
    const Subsets* subsets;
    bool operator()(State s, State t) const {
      return std::equal(subsets->begin(s), subsets->end(s), subsets->begin(t), subsets->end(t));
    }
  };
  base::Budget budget_;
  std::vector<State> elements_;
  std::vector<std::size_t> first_{0};
  std::unordered_set<State, Hash, Equal> known_;
};

// A set of states under construction.
class Gathering {
 public:
  Gathering(const Moves& moves, State states) : moves_(moves), in_(states, 0) {}
  void add(State q) {
    if (!moves_.live(q) || in_[q]) return;
    in_[q] = 1;
    members_.push_back(q);
  }
  // Closes under empty moves, sorts, hands the set over and starts the next one.
  std::vector<State> take() {
    for (std::size_t head = 0; head < members_.size(); ++head) {
      const State q = members_[head];
      for (const Nfa::Edge* e = moves_.begin(q); e != moves_.end(q); ++e)
        if (e->symbol == kEpsilon) add(e->to);
    }
    std::sort(members_.begin(), members_.end());
    for (State q : members_) in_[q] = 0;
    return std::exchange(members_, {});
  }

 private:
  const Moves& moves_;
  std::vector<char> in_;
  std::vector<State> members_;
};

void check(const Nfa& nfa) {
  const auto fail = [](const std::string& what) { throw std::invalid_argument("Nfa: " + what); };
  const auto is_state = [&](State q) { return q >= 0 && q < nfa.states; };
  if (nfa.accepting.size() != static_cast<std::size_t>(nfa.states)) fail("accepting needs one entry a state");
  if (!std::all_of(nfa.starts.begin(), nfa.starts.end(), is_state)) fail("a start is not a state");
  for (const Nfa::Edge& e : nfa.edges) {
    if (!is_state(e.from) || !is_state(e.to)) fail("an edge leads from or to no state");
    if (e.symbol < kEpsilon || e.symbol >= nfa.alphabet.size())
      fail("an edge carries no symbol of the alphabet");
  }
}

}  // namespace

Dfa determinise(const Nfa& nfa, std::size_t max_states) {
  check(nfa);
  const Moves moves(nfa);
  Gathering start(moves, nfa.states);
  for (State q : nfa.starts) start.add(q);
  // One gathering a symbol, so that each subset's edges are walked once whatever the alphabet.
  std::vector<Gathering> targets(static_cast<std::size_t>(nfa.alphabet.size()), Gathering(moves, nfa.states));
  Subsets subsets(max_states);
  Dfa result{nfa.alphabet, 0, subsets.number(start.take()), {}, {}};
  for (std::size_t subset = 0; subset < subsets.size(); ++subset) {
    const auto s = static_cast<State>(subset);
    bool accepting = false;
    for (const State* q = subsets.begin(s); q != subsets.end(s); ++q) {
      accepting = accepting || nfa.accepting[*q];
      for (const Nfa::Edge* e = moves.begin(*q); e != moves.end(*q); ++e)
        if (e->symbol != kEpsilon) targets[e->symbol].add(e->to);
    }
    result.accepting.push_back(accepting);
    for (Gathering& target : targets) result.next.push_back(subsets.number(target.take()));
  }
  result.states = static_cast<State>(subsets.size());
  return result;
}

}  // namespace yore::automata
