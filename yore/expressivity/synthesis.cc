// One synthesiser for global, local and hybrid languages (docs/theory.md, "Formulas").
//
// Blocks of states are taken in topological order: the strongly connected components, or, for a definite
// language without P, one block of all states. Inside a block no two states stay apart for ever, so where the
// automaton is follows from the last few letters read there; P remembers which blocks were entered and left.
#include "yore/expressivity/synthesis.h"

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

#include "yore/base/error.h"
#include "yore/expressivity/classes.h"
#include "yore/expressivity/graph_tools.h"

namespace yore::expressivity {
namespace {

using StateSet = std::vector<State>;  // sorted

constexpr std::size_t kMaxPairs = 100'000'000;
constexpr int kMaxDepth = 2000;  // recursion, here and in whoever walks the formula

class Synthesiser {
 public:
  // `phases`: the length, modulo `period`, of the words that lead to each state.
  Synthesiser(const Dfa& dfa, automata::Components blocks, std::vector<int> phases, int period,
              std::size_t max_nodes)
      : dfa_(dfa),
        blocks_(std::move(blocks)),
        phases_(std::move(phases)),
        period_(period),
        nodes_(formula_budget(max_nodes)),
        letters_(dfa.alphabet.size()) {
    const std::size_t count = blocks_.members.size();
    entered_.resize(count);
    left_.resize(count);
    for (auto& members : blocks_.members) std::sort(members.begin(), members.end());
    entries_.resize(count);
    inside_sources_.resize(dfa.next.size());
    for (State q = 0; q < dfa.states; ++q) {
      for (Symbol a = 0; a < letters_; ++a) {
        const State to = dfa.step(q, a);
        if (blocks_.of[to] != blocks_.of[q]) {
          entries_[blocks_.of[to]].push_back({q, a, to});
        } else {
          inside_sources_[static_cast<std::size_t>(to) * letters_ + a].push_back(q);
        }
      }
    }
  }

  // In the states that accept, or not in those that reject: whichever is shorter.
  Formula language() {
    const Formula positive = said_of(1);
    Formula negative = said_of(0);
    negative.root = negative.graph.negation(negative.root);
    return negative.graph.size() < positive.graph.size() ? negative : positive;
  }

 private:
  struct Entry {
    State from;
    Symbol letter;
    State to;
  };

  // "The state reached lies among those with this acceptance."
  Formula said_of(char accepting) {
    StateSet wanted;
    for (State q = 0; q < dfa_.states; ++q) {
      if ((dfa_.accepting[q] != 0) == (accepting != 0)) wanted.push_back(q);
    }
    prepare_blocks_towards(wanted);
    return compacted(graph_, in(wanted), dfa_.alphabet);
  }

  // What is said of a block speaks of earlier blocks only; in order, the recursion through them stays
  // shallow.
  void prepare_blocks_towards(const StateSet& wanted) {
    std::vector<char> needed(blocks_.members.size(), 0);
    for (const State q : wanted) needed[blocks_.of[q]] = 1;
    for (std::size_t block = needed.size(); block-- > 0;) {
      if (!needed[block]) continue;
      for (const Entry& entry : entries_[block]) needed[blocks_.of[entry.from]] = 1;
    }
    for (std::size_t block = 0; block < needed.size(); ++block) {
      if (!needed[block]) continue;
      entered(static_cast<int>(block));
      left(static_cast<int>(block));
      count_nodes(graph_, nodes_);
    }
  }

  // "The state reached by the letters strictly before here lies in X."
  NodeId in(const StateSet& x) {
    std::map<int, StateSet> by_block;
    for (const State q : x) by_block[blocks_.of[q]].push_back(q);
    std::vector<NodeId> cases;
    for (const auto& [block, part] : by_block) {
      // `recently` may hold after the block was left; but a block that was left is never entered again.
      cases.push_back(graph_.conjunction({here(block, part), graph_.negation(left(block))}));
    }
    return graph_.disjunction(cases);
  }

  // `recently` of a position of which only the formula itself knows the phase: states of other phases than
  // the position's are none that the automaton could be in. Phases of which the same is said go together.
  NodeId here(int block, const StateSet& x) {
    std::vector<StateSet> part(period_), alive(period_);
    for (const State q : x) part[phases_[q]].push_back(q);
    for (const State q : blocks_.members[block]) alive[phases_[q]].push_back(q);
    std::map<NodeId, std::vector<NodeId>> phases_of;
    for (int phase = 0; phase < period_; ++phase) {
      const NodeId at = graph_.position(phase, period_);
      if (!alive[phase].empty())
        phases_of[recently(block, part[phase], alive_number(alive[phase]))].push_back(at);
    }
    if (phases_of.size() == 1) return phases_of.begin()->first;
    std::vector<NodeId> cases;
    for (auto& [said, at] : phases_of) cases.push_back(graph_.conjunction({said, graph_.disjunction(at)}));
    return graph_.disjunction(cases);
  }

  // "The block was entered before here": now a later letter may have left it.
  NodeId entered(int block) {
    if (!entered_[block]) {
      entered_[block] = block == blocks_.of[dfa_.start]
                            ? graph_.constant(true)
                            : graph_.before(case_of_letter(graph_, entering(block, blocks_.members[block])));
    }
    return *entered_[block];
  }

  // For each letter: "before it the automaton was outside the block, where the letter leads into its states
  // X".
  std::vector<NodeId> entering(int block, const StateSet& x) {
    std::vector<StateSet> sources(letters_);
    for (const Entry& entry : entries_[block]) {
      if (std::binary_search(x.begin(), x.end(), entry.to)) sources[entry.letter].push_back(entry.from);
    }
    std::vector<NodeId> by_letter;
    for (StateSet& from : sources) {
      std::sort(from.begin(), from.end());
      by_letter.push_back(in(from));
    }
    return by_letter;
  }

  // "The block was left before here" (meaningful only once it was entered).
  NodeId left(int block) {
    if (!left_[block]) {
      const StateSet& members = blocks_.members[block];
      std::vector<NodeId> by_letter;
      for (Symbol a = 0; a < letters_; ++a) {
        StateSet leaving;
        for (const State q : members) {
          if (blocks_.of[dfa_.step(q, a)] != block) leaving.push_back(q);
        }
        by_letter.push_back(here(block, leaving));
      }
      left_[block] = graph_.before(case_of_letter(graph_, by_letter));
    }
    return *left_[block];
  }

  // "The state before here lies in X", provided the block has been entered and not left. `alive` numbers the
  // set of states of the block from which the letters read since (they are implied by where this formula
  // stands) stay inside it, X those of them that lead to the states asked for. Once X = alive the letters
  // have said everything. It ends: while X is neither empty nor all of `alive` there are two states, one in X
  // and one not, that those letters kept apart.
  NodeId recently(int block, const StateSet& x, int alive) {
    if (x.empty()) return graph_.constant(false);
    if (x.size() == alive_sets_[alive].states.size()) return entered(block);
    auto key = std::pair{x, alive};
    if (const auto found = memo_.find(key); found != memo_.end()) return found->second;
    if (++depth_ > kMaxDepth)
      throw base::BudgetError("formula-depth", kMaxDepth, "nesting the formula", "it is too deep to be read");
    count_nodes(graph_, nodes_);

    std::vector<NodeId> by_letter = entering(block, x);
    for (Symbol a = 0; a < letters_; ++a) {
      by_letter[a] =
          graph_.disjunction({by_letter[a], recently(block, before(x, a), alive_before(alive, a))});
    }
    --depth_;
    std::vector<NodeId> cases{graph_.yesterday(case_of_letter(graph_, by_letter))};
    if (std::binary_search(x.begin(), x.end(), dfa_.start)) cases.push_back(graph_.first());
    const NodeId result = graph_.disjunction(cases);
    count_nodes(graph_, nodes_);
    memo_.emplace(std::move(key), result);
    return result;
  }

  // The states of X's block that the letter leads into X.
  StateSet before(const StateSet& x, Symbol a) const {
    StateSet sources;
    for (const State q : x) {
      const auto& into_q = inside_sources_[static_cast<std::size_t>(q) * letters_ + a];
      sources.insert(sources.end(), into_q.begin(), into_q.end());
    }
    std::sort(sources.begin(), sources.end());
    return sources;
  }

  int alive_number(const StateSet& states) {
    const auto [entry, is_new] = alive_numbers_.emplace(states, static_cast<int>(alive_sets_.size()));
    if (is_new) alive_sets_.push_back({states, std::vector<int>(letters_, -1)});
    return entry->second;
  }
  int alive_before(int alive, Symbol a) {
    if (alive_sets_[alive].before[a] < 0) {
      const int number = alive_number(before(alive_sets_[alive].states, a));
      alive_sets_[alive].before[a] = number;
    }
    return alive_sets_[alive].before[a];
  }

  const Dfa& dfa_;
  automata::Components blocks_;
  std::vector<int> phases_;
  int period_;
  base::Budget nodes_;
  int letters_, depth_ = 0;
  FormulaGraph graph_;
  std::vector<std::vector<Entry>> entries_;
  std::vector<std::optional<NodeId>> entered_, left_;
  struct AliveSet {
    StateSet states;
    std::vector<int> before;  // by letter: number of the set it comes from, -1 = not known yet
  };
  std::vector<StateSet> inside_sources_;  // state * |A| + letter: where it comes from inside the block
  std::vector<AliveSet> alive_sets_;
  std::map<StateSet, int> alive_numbers_;
  std::map<std::pair<StateSet, int>, NodeId> memo_;
};

}  // namespace

Formula synthesise(const Dfa& dfa, bool prefer_local, std::size_t max_nodes) {
  automata::Components blocks;
  if (prefer_local) {
    if (never_merging_pair(dfa)) throw std::invalid_argument("synthesise: the language is not definite");
    blocks.of.assign(dfa.states, 0);
    blocks.members.emplace_back();
    for (State q = 0; q < dfa.states; ++q) blocks.members[0].push_back(q);
  } else {
    blocks = automata::components(dfa);
    if (walk_component_pairs(dfa, blocks, kMaxPairs).on_cycle)
      throw std::invalid_argument("synthesise: the language is not in LTL[P,Y]");
  }
  return Synthesiser(dfa, std::move(blocks), std::vector<int>(dfa.states, 0), 1, max_nodes).language();
}

Formula synthesise_with_positions(const automata::Phased& product, int period, bool prefer_local,
                                  std::size_t max_nodes) {
  const Dfa& dfa = product.dfa;
  automata::Components blocks;
  if (prefer_local) {
    blocks.of.assign(dfa.states, 0);
    blocks.members.emplace_back();
    for (State q = 0; q < dfa.states; ++q) blocks.members[0].push_back(q);
  } else {
    blocks = automata::components(dfa);
  }
  return Synthesiser(dfa, std::move(blocks), product.phases, period, max_nodes).language();
}

}  // namespace yore::expressivity
