// Star-free languages beyond the hybrid class: past LTL with since, by induction on letters and states (after
// Wilke 1999).
//
// Pick a letter b that merges states (in a counter-free automaton a letter that merges none moves none). A
// word is then
//     u_0 b (u_1 b) (u_2 b) ... (u_{m-1} b) u_m        with no b inside the blocks u_i.
// * Blocks are words over fewer letters: a formula for them, read at the block's end, is confined to the
// block by asking
//   of each temporal operator not to look past the last b.
// * After the first b the automaton is only ever in Q' = Q.b at block ends, fewer states; each (u_i b) acts
// on Q' as one letter of a
//   smaller automaton, standing at its b. A formula for that automaton is read on the b's alone.
// Every automaton on the way is minimised, one that lies in LTL[P,Y] is left to synthesise(), and letters
// that move no state are left out first.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/expressivity/classes.h"
#include "yore/expressivity/graph_tools.h"
#include "yore/expressivity/synthesis.h"

namespace yore::expressivity {
namespace {

using logic::Alphabet;
using logic::Node;
using logic::Op;

constexpr std::size_t kMaxHybridPairs = 1'000'000;

Alphabet numbered_alphabet(int size) {
  std::vector<std::string> names;
  for (int i = 0; i < size; ++i) names.push_back(std::to_string(i));
  return Alphabet(names);
}

// Two automata over numbered alphabets recognise the same language exactly if their minimal forms have equal
// keys.
std::vector<State> key_of(const Dfa& dfa) {
  std::vector<State> key = dfa.next;
  key.push_back(dfa.alphabet.size());
  key.insert(key.end(), dfa.accepting.begin(), dfa.accepting.end());
  return key;
}

NodeId boolean(FormulaGraph& graph, const Node& node, const std::vector<NodeId>& moved) {
  std::vector<NodeId> args;
  for (const NodeId arg : node.args) args.push_back(moved[arg]);
  switch (node.op) {
    case Op::False:
      return graph.constant(false);
    case Op::True:
      return graph.constant(true);
    case Op::Not:
      return graph.negation(args[0]);
    case Op::And:
      return graph.conjunction(args);
    case Op::Or:
      return graph.disjunction(args);
    default:
      throw std::logic_error("not a boolean node");
  }
}

// What `inner` says of the word of visible positions alone: operators look past the others. Its letter c
// holds where atoms[c] does.
NodeId of_visible(FormulaGraph& graph, const Formula& inner, const std::vector<NodeId>& atoms,
                  NodeId visible) {
  const NodeId hidden = graph.negation(visible);
  std::vector<NodeId> moved(inner.graph.size());
  for (NodeId id = 0; id < inner.graph.size(); ++id) {
    const Node& node = inner.graph.node(id);
    const auto seen = [&](int i) { return graph.conjunction({visible, moved[node.args[i]]}); };
    switch (node.op) {
      case Op::Letter:
        moved[id] = atoms[node.value];
        break;
      case Op::Before:
        moved[id] = graph.before(seen(0));
        break;
      case Op::Yesterday:
        moved[id] = graph.since(hidden, seen(0));
        break;
      case Op::Since:
        moved[id] = graph.since(graph.disjunction({hidden, moved[node.args[0]]}), seen(1));
        break;
      default:
        moved[id] = boolean(graph, node, moved);
    }
  }
  return moved[inner.root];
}

class StarFree {
 public:
  explicit StarFree(std::size_t max_nodes)
      : max_nodes_(max_nodes),
        work_("writing intermediate formulas (20 times what the formula may have)",
              {.count = max_nodes > base::kNoLimit / 20 ? base::kNoLimit : 20 * max_nodes,
               .option = "max-formula"}) {}

  // `dfa` is minimal and counter-free over a numbered alphabet. All letters of the result stand under
  // temporal operators.
  const Formula& formula(const Dfa& dfa);
  std::size_t max_nodes() const { return max_nodes_; }
  // Counts nodes written on the way, in all intermediate formulas together; many small ones must not add up
  // to hours.
  void count_work(int nodes) { work_.spend(static_cast<std::size_t>(nodes)); }

 private:
  std::optional<Formula> past_idle_letters(const Dfa& dfa);

  std::map<std::vector<State>, Formula> memo_;
  std::size_t max_nodes_;
  base::Budget work_;
};

// One induction step for one automaton and one letter b.
class Split {
 public:
  Split(StarFree& solver, const Dfa& dfa, Symbol b)
      : solver_(solver), dfa_(dfa), b_(b), nodes_(formula_budget(solver.max_nodes())) {}

  Formula formula() {
    const NodeId b = graph_.letter(b_), seen_b = graph_.before(b);
    std::vector<NodeId> cases{graph_.conjunction(
        {graph_.negation(seen_b), block(dfa_.start, states_with([&](State q) { return accepts(q); }))})};
    // The states in which the block before the first b can end, and where b leads from there.
    std::set<State> entries;
    for (const State q : reached_without_b(dfa_.start)) entries.insert(dfa_.step(q, b_));
    for (const State entry : entries) {
      const NodeId at_first = graph_.conjunction(
          {b, graph_.negation(seen_b),
           block(dfa_.start, states_with([&](State q) { return dfa_.step(q, b_) == entry; }))});
      cases.push_back(graph_.conjunction({graph_.before(at_first), after_first(entry)}));
    }
    count_nodes(graph_, nodes_);
    return compacted(graph_, graph_.disjunction(cases), dfa_.alphabet);
  }

 private:
  bool accepts(State q) const { return dfa_.accepting[q] != 0; }
  template <class Test>
  std::vector<char> states_with(Test&& test) const {
    std::vector<char> set(dfa_.states, 0);
    for (State q = 0; q < dfa_.states; ++q) set[q] = test(q);
    return set;
  }

  std::vector<State> reached_without_b(State from) const {
    std::vector<State> order{from};
    std::vector<char> seen(dfa_.states, 0);
    seen[from] = 1;
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (Symbol a = 0; a < dfa_.alphabet.size(); ++a) {
        const State to = dfa_.step(order[i], a);
        if (a == b_ || seen[to]) continue;
        seen[to] = 1;
        order.push_back(to);
      }
    }
    return order;
  }

  // The letter of dfa_ that the block automata's letter `a` stands for.
  Symbol original(Symbol a) const { return a < b_ ? a : a + 1; }

  // The minimal automaton of the words without b that lead from `from` into `targets`.
  Dfa block_dfa(State from, const std::vector<char>& targets) const {
    Dfa blocks;
    blocks.alphabet = numbered_alphabet(dfa_.alphabet.size() - 1);
    blocks.states = dfa_.states;
    blocks.start = from;
    blocks.accepting = targets;
    for (State q = 0; q < dfa_.states; ++q) {
      for (Symbol a = 0; a < blocks.alphabet.size(); ++a) blocks.next.push_back(dfa_.step(q, original(a)));
    }
    return automata::minimise(blocks);
  }

  // "The letters since the last b (or the beginning) lead from `from` into `targets`."
  NodeId block(State from, const std::vector<char>& targets) {
    const Dfa blocks = block_dfa(from, targets);
    const auto [memo, is_new] = blocks_.emplace(key_of(blocks), -1);
    if (!is_new) return memo->second;
    const Formula& inner = solver_.formula(blocks);
    solver_.count_work(inner.graph.size());
    const NodeId no_b = graph_.negation(graph_.letter(b_));
    std::vector<NodeId> moved(inner.graph.size());
    for (NodeId id = 0; id < inner.graph.size(); ++id) {
      const Node& node = inner.graph.node(id);
      const auto arg = [&](int i) { return moved[node.args[i]]; };
      switch (node.op) {
        case Op::Letter:
          moved[id] = graph_.letter(original(node.value));
          break;
        case Op::Before:
          moved[id] = graph_.since(no_b, graph_.conjunction({no_b, arg(0)}));
          break;
        case Op::Yesterday:
          moved[id] = graph_.yesterday(graph_.conjunction({no_b, arg(0)}));
          break;
        case Op::Since:
          moved[id] = graph_.since(graph_.conjunction({no_b, arg(0)}), graph_.conjunction({no_b, arg(1)}));
          break;
        default:
          moved[id] = boolean(graph_, node, moved);
      }
    }
    count_nodes(graph_, nodes_);
    return memo->second = moved[inner.root];
  }

  // "From the state `entry` right after the first b, the rest of the letters leads to acceptance": the whole
  // blocks lead to some state at the last b, and the letters since then on from there. States with the same
  // future in the last block go together.
  NodeId after_first(State entry) {
    std::map<std::vector<State>, std::vector<State>> by_future;
    const std::vector<char> accepting = states_with([&](State q) { return accepts(q); });
    for (const State q : image()) by_future[key_of(block_dfa(q, accepting))].push_back(q);
    std::vector<NodeId> cases;
    for (const auto& [key, group] : by_future) {
      const NodeId last_block = block(group.front(), accepting);
      if (graph_.node(last_block).op == Op::False) continue;
      cases.push_back(graph_.conjunction({whole_blocks(entry, group), last_block}));
    }
    return graph_.disjunction(cases);
  }

  std::set<State> image() const {
    std::set<State> set;
    for (State q = 0; q < dfa_.states; ++q) set.insert(dfa_.step(q, b_));
    return set;
  }

  // How the words u b, u without b, act on the image of b: the distinct maps, as lists of images in the order
  // of image().
  const std::set<std::vector<State>>& block_maps() {
    if (!block_maps_.empty()) return block_maps_;
    const std::set<State> domain = image();
    std::vector<std::vector<State>> queue{{domain.begin(), domain.end()}};
    std::set<std::vector<State>> seen{queue[0]};
    base::Budget maps("listing how blocks act", {.count = solver_.max_nodes(), .option = "max-formula"});
    for (std::size_t i = 0; i < queue.size(); ++i) {
      for (Symbol a = 0; a < dfa_.alphabet.size(); ++a) {
        std::vector<State> next = queue[i];
        for (State& q : next) q = dfa_.step(q, a);
        if (a == b_) {
          block_maps_.insert(std::move(next));
        } else if (seen.insert(next).second) {
          maps.spend();
          queue.push_back(std::move(next));
        }
      }
    }
    return block_maps_;
  }

  // "From `entry` after the first b, the whole blocks since then lead into `targets`."
  NodeId whole_blocks(State entry, const std::vector<State>& targets) {
    const std::set<State> domain = image();
    const std::vector<State> states(domain.begin(), domain.end());
    std::map<State, State> index;
    for (const State q : states) index.emplace(q, static_cast<State>(index.size()));
    const auto& maps = block_maps();

    Dfa raw;
    raw.states = static_cast<State>(states.size());
    raw.start = index.at(entry);
    raw.alphabet = numbered_alphabet(static_cast<int>(maps.size()));
    for (const State q : states)
      raw.accepting.push_back(std::find(targets.begin(), targets.end(), q) != targets.end());
    raw.next.resize(states.size() * maps.size());
    std::size_t letter = 0;
    for (const auto& map : maps) {
      for (std::size_t q = 0; q < states.size(); ++q) raw.next[q * maps.size() + letter] = index.at(map[q]);
      ++letter;
    }
    const Dfa minimal = automata::minimise(raw);

    // Which minimal state each raw state is, and one original state for each minimal one.
    std::vector<State> class_of(states.size(), -1), queue{raw.start};
    class_of[raw.start] = minimal.start;
    for (std::size_t i = 0; i < queue.size(); ++i) {
      for (Symbol a = 0; a < raw.alphabet.size(); ++a) {
        const State to = raw.step(queue[i], a);
        if (class_of[to] >= 0) continue;
        class_of[to] = minimal.step(class_of[queue[i]], a);
        queue.push_back(to);
      }
    }
    std::vector<State> representative(minimal.states, -1);
    for (std::size_t q = 0; q < states.size(); ++q) {
      if (class_of[q] >= 0 && representative[class_of[q]] < 0) representative[class_of[q]] = states[q];
    }

    // Letters that act alike become one.
    std::set<std::vector<State>> columns;
    for (Symbol a = 0; a < minimal.alphabet.size(); ++a) {
      std::vector<State> column;
      for (State q = 0; q < minimal.states; ++q) column.push_back(minimal.step(q, a));
      columns.insert(column);
    }
    Dfa quotient = minimal;
    quotient.alphabet = numbered_alphabet(static_cast<int>(columns.size()));
    quotient.next.clear();
    for (State q = 0; q < minimal.states; ++q) {
      for (const auto& column : columns) quotient.next.push_back(column[q]);
    }

    std::vector<NodeId> atoms;
    for (const auto& column : columns) {
      std::vector<NodeId> clues;
      for (const State q : telling_states(column, columns)) {
        clues.push_back(block(representative[q], states_with([&](State r) {
                                const auto at = index.find(dfa_.step(r, b_));
                                return class_of[at->second] == column[q];
                              })));
      }
      atoms.push_back(graph_.conjunction(clues));
    }
    return on_the_later_bs(solver_.formula(automata::minimise(quotient)), atoms);
  }

  // Some states at which `column` differs from every other column: to recognise a letter, its effect there is
  // enough.
  static std::vector<State> telling_states(const std::vector<State>& column,
                                           const std::set<std::vector<State>>& columns) {
    std::vector<const std::vector<State>*> confused;
    for (const auto& other : columns) {
      if (other != column) confused.push_back(&other);
    }
    std::vector<State> chosen;
    while (!confused.empty()) {
      const auto agreeing = [&](State q) {
        return std::count_if(confused.begin(), confused.end(),
                             [&](const auto* other) { return (*other)[q] == column[q]; });
      };
      State best = 0;
      for (State q = 1; q < static_cast<State>(column.size()); ++q) {
        if (agreeing(q) < agreeing(best)) best = q;
      }
      chosen.push_back(best);
      std::erase_if(confused, [&](const auto* other) { return (*other)[best] != column[best]; });
    }
    return chosen;
  }

  // A formula about the sequence of whole blocks after the first b, each standing at its closing b; atoms[c]
  // says "the block that ends here acts as letter c".
  NodeId on_the_later_bs(const Formula& inner, const std::vector<NodeId>& atoms) {
    solver_.count_work(inner.graph.size());
    const NodeId b = graph_.letter(b_);
    const NodeId moved = of_visible(graph_, inner, atoms, graph_.conjunction({b, graph_.before(b)}));
    count_nodes(graph_, nodes_);
    return moved;
  }

  StarFree& solver_;
  const Dfa& dfa_;
  Symbol b_;
  base::Budget nodes_;
  FormulaGraph graph_;
  std::set<std::vector<State>> block_maps_;
  std::map<std::vector<State>, NodeId> blocks_;  // formulas of block automata, by their key
};

// For an automaton in which some letters move no state (those off a tier, say): a formula for the others'
// words, to which such letters are hidden. Their words may well be of LTL[P,Y]; with idle letters, which lead
// any two states back to themselves, only an automaton whose components are single states is. Nothing if
// every letter moves some state.
std::optional<Formula> StarFree::past_idle_letters(const Dfa& dfa) {
  std::vector<Symbol> moving, idle;
  for (Symbol a = 0; a < dfa.alphabet.size(); ++a) {
    bool moves = false;
    for (State q = 0; q < dfa.states && !moves; ++q) moves = dfa.step(q, a) != q;
    (moves ? moving : idle).push_back(a);
  }
  if (idle.empty()) return std::nullopt;
  Dfa fewer = dfa;
  fewer.alphabet = numbered_alphabet(static_cast<int>(moving.size()));
  fewer.next.clear();
  for (State q = 0; q < dfa.states; ++q)
    for (const Symbol a : moving) fewer.next.push_back(dfa.step(q, a));
  const Formula& inner = formula(fewer);
  count_work(inner.graph.size());
  FormulaGraph graph;
  const auto one_of = [&](const std::vector<Symbol>& letters) {
    std::vector<NodeId> atoms;
    for (const Symbol a : letters) atoms.push_back(graph.letter(a));
    return graph.disjunction(atoms);
  };
  std::vector<NodeId> atoms;
  for (const Symbol a : moving) atoms.push_back(graph.letter(a));
  const NodeId visible = moving.size() <= idle.size() ? one_of(moving) : graph.negation(one_of(idle));
  base::Budget nodes = formula_budget(max_nodes_);
  const NodeId root = of_visible(graph, inner, atoms, visible);
  count_nodes(graph, nodes);
  return compacted(graph, root, dfa.alphabet);
}

// Where that takes too many pairs to see, the induction, which does without it, goes on.
bool is_hybrid(const Dfa& dfa) {
  try {
    return !walk_component_pairs(dfa, automata::components(dfa), kMaxHybridPairs).on_cycle;
  } catch (const base::BudgetError&) {
    return false;
  }
}

const Formula& StarFree::formula(const Dfa& dfa) {
  auto key = key_of(dfa);
  if (const auto found = memo_.find(key); found != memo_.end()) return found->second;
  Formula result;
  if (is_hybrid(dfa)) {
    result = synthesise(dfa, !never_merging_pair(dfa), max_nodes_);
  } else if (auto found = past_idle_letters(dfa)) {
    result = std::move(*found);
  } else {
    // The letter that leaves the fewest states.
    Symbol best = -1;
    std::size_t fewest = dfa.states;
    for (Symbol a = 0; a < dfa.alphabet.size(); ++a) {
      std::set<State> image;
      for (State q = 0; q < dfa.states; ++q) image.insert(dfa.step(q, a));
      if (image.size() < fewest) {
        fewest = image.size();
        best = a;
      }
    }
    if (best < 0) throw std::invalid_argument("synthesise_star_free: the automaton has a counter");
    result = Split(*this, dfa, best).formula();
  }
  return memo_.emplace(std::move(key), std::move(result)).first->second;
}

}  // namespace

Formula synthesise_star_free(const Dfa& dfa, std::size_t max_nodes) {
  Dfa numbered = dfa;
  numbered.alphabet = numbered_alphabet(dfa.alphabet.size());
  Formula formula = StarFree(max_nodes).formula(numbered);
  formula.alphabet = dfa.alphabet;
  return formula;
}

}  // namespace yore::expressivity
