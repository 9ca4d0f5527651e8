#include "yore/automata/formula_by_state.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <utility>

#include "yore/automata/lengths.h"
#include "yore/base/budget.h"
#include "yore/base/error.h"

namespace yore::automata {
namespace {

using logic::FormulaGraph;
using logic::Node;
using logic::NodeId;
using logic::Op;

struct NoProof {};  // thrown when a formula is none for this proof

// Truth values something may have, for 64 columns at once: the columns are the letters and, after them, EOS.
struct Possible {
  std::uint64_t no = 0, yes = 0;
};

constexpr std::uint64_t kAll = ~std::uint64_t{0};
constexpr char kNo = 1, kYes = 2;
// All tables that are kept together, in bytes.
constexpr std::size_t kMaxBytes = 400'000'000;

// Where a run can be: the automaton's state, and whether the component that is watched was never entered, is
// where it is, or was left. Where runs begin is a place of its own, which none comes back to; so is where
// they are as long as they have read nothing but letters that move no state ("idle").
enum class Phase : char { Never, Inside, After };
enum class Read : char { Nothing, Idle, Else };
struct Place {
  State state;
  Phase phase;
};

// Letters that lead from one place to another, or from one state to another, handled together.
struct Move {
  std::size_t word;    // of the columns
  int to;              // place or state
  std::uint64_t mask;  // the letters, within that word
};

// The places, and what subformulas may be in them.
struct View {
  std::vector<Place> places;       // the first is where runs begin
  std::vector<Move> moves;         // place by place
  std::vector<std::size_t> first;  // place -> its first move; one more for the end
  std::span<const Move> moves_of(std::size_t place) const {
    return {moves.data() + first[place], first[place + 1] - first[place]};
  }
  // By node; a temporal operator's value is the same in all columns.
  std::vector<std::vector<char>> past;          // place -> kNo | kYes
  std::vector<std::vector<Possible>> anything;  // place * words + word
};

class Collector {
 public:
  Collector(const logic::Formula& formula, const Dfa& dfa, std::size_t max_work)
      : graph_(formula.graph),
        root_(formula.root),
        dfa_(dfa),
        budget_("following what a formula says through the automaton's states",
                {.count = max_work, .bytes = kMaxBytes}),
        letters_(dfa.alphabet.size()),
        words_(static_cast<std::size_t>(letters_ / 64 + 1)),
        components_(automata::components(dfa)),
        known_(graph_.size()),
        sources_(graph_.size(), -1),
        seen_(graph_.size(), 0),
        users_(graph_.size(), 0),
        steps_(dfa.states),
        idle_(words_, 0) {
    for (Symbol a = 0; a < letters_; ++a) {
      bool moves = false;
      for (State q = 0; q < dfa.states && !moves; ++q) moves = dfa.step(q, a) != q;
      if (!moves) idle_[static_cast<std::size_t>(a / 64)] |= std::uint64_t{1} << a % 64;
    }
    for (State q = 0; q < dfa.states; ++q) {
      std::map<std::pair<std::size_t, State>, std::uint64_t> masks;
      for (Symbol a = 0; a < letters_; ++a)
        masks[{static_cast<std::size_t>(a / 64), dfa.step(q, a)}] |= std::uint64_t{1} << a % 64;
      for (const auto& [key, mask] : masks) steps_[q].push_back({key.first, key.second, mask});
    }
  }

  std::optional<bool> run() {
    try {
      std::vector<NodeId> order = logic::reachable_nodes(graph_, root_);
      std::sort(order.begin(), order.end());
      for (const NodeId id : order)
        for (const NodeId arg : graph_.node(id).args) ++users_[arg];
      std::vector<int> readers = users_;  // of what is known: those who are not known themselves stay
      View all = view(-1);
      for (const NodeId id : order)
        if (graph_.node(id).op == Op::Position) know_position(id);
      for (const NodeId id : order) {
        if (graph_.node(id).args.empty()) continue;
        collect(all, id);
        if (graph_.node(id).op == Op::Before) sources_[id] = first_component(all, graph_.node(id).args[0]);
        if (!settle(all, id)) watch(id);
        if (!known_[id].empty()) drop(all, id);
        for (const NodeId arg : graph_.node(id).args) {
          if (--users_[arg] == 0) drop(all, arg);
          if (!known_[id].empty() && --readers[arg] == 0) forget(arg);
        }
      }
      return judge(all);
    } catch (const NoProof&) {
      return std::nullopt;
    } catch (const base::BudgetError&) {
      return std::nullopt;
    }
  }

 private:
  // Where the position modulo a period follows from the state, it is known from the start.
  void know_position(NodeId id) {
    const auto lengths = length_by_state(dfa_, logic::period_of(graph_.node(id).value));
    if (!lengths) throw NoProof{};
    budget_.hold(lengths->size() * words_ * sizeof(std::uint64_t));
    for (const int length : *lengths)
      known_[id].insert(known_[id].end(), words_,
                        length == logic::residue_of(graph_.node(id).value) ? kAll : 0);
  }

  // The automaton with one component watched (-1: none).
  View view(int component) {
    View v;
    v.past.resize(graph_.size());
    v.anything.resize(graph_.size());
    constexpr int kPhases = 3, kReads = 3;
    std::vector<int> numbers(kReads * kPhases * static_cast<std::size_t>(dfa_.states), -1);
    std::vector<Read> reads;
    const auto number = [&](State q, Phase before, Read read) {
      Phase phase = before == Phase::Never ? before : Phase::After;
      if (component >= 0 && components_.of[q] == component) phase = Phase::Inside;
      int& known = numbers[(kReads * static_cast<std::size_t>(q) + static_cast<std::size_t>(read)) * kPhases +
                           static_cast<std::size_t>(phase)];
      if (known < 0) {
        known = static_cast<int>(v.places.size());
        v.places.push_back({q, phase});
        reads.push_back(read);
      }
      return known;
    };
    number(dfa_.start, Phase::Never, Read::Nothing);
    for (std::size_t i = 0; i < v.places.size(); ++i) {
      const Place here = v.places[i];
      v.first.push_back(v.moves.size());
      for (const Move& step : steps_[here.state]) {
        const std::uint64_t idle = reads[i] == Read::Else ? 0 : step.mask & idle_[step.word];
        if (idle != 0) v.moves.push_back({step.word, number(step.to, here.phase, Read::Idle), idle});
        if (idle != step.mask)
          v.moves.push_back({step.word, number(step.to, here.phase, Read::Else), step.mask & ~idle});
      }
      budget_.spend(1 + steps_[here.state].size());
    }
    v.first.push_back(v.moves.size());
    return v;
  }

  Possible possible(const View& v, NodeId id, std::size_t place, std::size_t word) const {
    if (!known_[id].empty()) {
      const std::uint64_t yes = known_[id][static_cast<std::size_t>(v.places[place].state) * words_ + word];
      return {~yes, yes};
    }
    if (!v.past[id].empty()) return in_all_columns(v.past[id][place]);
    if (!v.anything[id].empty()) return v.anything[id][place * words_ + word];
    const std::uint64_t yes = said_by_letter(graph_.node(id), word);
    return {~yes, yes};
  }
  static Possible in_all_columns(char may) {
    return {(may & kNo) != 0 ? kAll : 0, (may & kYes) != 0 ? kAll : 0};
  }
  static std::uint64_t said_by_letter(const Node& node, std::size_t word) {
    if (node.op == Op::Letter)
      return static_cast<std::size_t>(node.value / 64) == word ? std::uint64_t{1} << node.value % 64 : 0;
    return node.op == Op::True ? kAll : 0;
  }

  // possible() in all places, visit(place * words + word, what): the innermost loop of all.
  template <class Visit>
  void for_each_place(const View& v, NodeId id, Visit&& visit) const {
    const std::size_t size = v.places.size();
    const auto loop = [&](auto&& value) {
      for (std::size_t place = 0, at = 0; place < size; ++place)
        for (std::size_t word = 0; word < words_; ++word, ++at) visit(at, value(place, word, at));
    };
    if (!known_[id].empty())
      loop([&, table = known_[id].data()](std::size_t place, std::size_t word, std::size_t) {
        const std::uint64_t yes = table[static_cast<std::size_t>(v.places[place].state) * words_ + word];
        return Possible{~yes, yes};
      });
    else if (!v.past[id].empty())
      loop([&, table = v.past[id].data()](std::size_t place, std::size_t, std::size_t) {
        return in_all_columns(table[place]);
      });
    else if (!v.anything[id].empty())
      loop(
          [&, table = v.anything[id].data()](std::size_t, std::size_t, std::size_t at) { return table[at]; });
    else
      loop([&](std::size_t, std::size_t word, std::size_t) {
        const std::uint64_t yes = said_by_letter(graph_.node(id), word);
        return Possible{~yes, yes};
      });
  }

  // What the node may be in every place, from what its arguments may be.
  void collect(View& v, NodeId id) {
    const Node& node = graph_.node(id);
    if (node.args.empty()) return;
    if (is_temporal(node.op)) {
      budget_.hold(v.places.size());
      v.past[id] = remembered(v, node);
      return;
    }
    budget_.spend(v.places.size() * words_ * (1 + node.args.size()));
    budget_.hold(v.places.size() * words_ * sizeof(Possible));
    std::vector<Possible> table(v.places.size() * words_,
                                node.op == Op::Or ? Possible{kAll, 0} : Possible{0, kAll});
    for (const NodeId arg : node.args)
      for_each_place(v, arg, [&](std::size_t at, const Possible& more) {
        Possible& all = table[at];
        if (node.op == Op::Not)
          all = {more.yes, more.no};
        else if (node.op == Op::And)
          all = {all.no | more.no, all.yes & more.yes};
        else
          all = {all.no & more.no, all.yes | more.yes};
      });
    v.anything[id] = std::move(table);
  }

  // A temporal operator, by what it may remember in every place: P and S one bit, Y<=k for how many more
  // positions its argument's last truth counts. Bit m of a set: it may remember m.
  std::vector<char> remembered(const View& v, const Node& node) {
    if (node.op == Op::Yesterday && node.value > 63) throw NoProof{};
    std::vector<std::uint64_t> memory(v.places.size(), 0);
    std::vector<int> queue{0};
    std::vector<char> waiting(v.places.size(), 0);
    memory.at(0) = waiting.at(0) = 1;
    while (!queue.empty()) {
      const int from = queue.back();
      queue.pop_back();
      waiting[from] = 0;
      budget_.spend(1 + v.moves_of(from).size());
      for (const Move& move : v.moves_of(from)) {
        const Possible now = possible(v, node.args.back(), from, move.word);
        std::uint64_t next = 0;
        if (node.op == Op::Yesterday) {
          if ((now.yes & move.mask) != 0) next |= std::uint64_t{1} << node.value;
          if ((now.no & move.mask) != 0) next |= memory[from] >> 1 | (memory[from] & 1);
        } else {
          // By which letters it may stay true, and after which it may be false unless the argument holds.
          std::uint64_t stays = (memory[from] & 2) != 0 ? kAll : 0, ends = (memory[from] & 1) != 0 ? kAll : 0;
          if (node.op == Op::Since && stays != 0) {
            const Possible holding = possible(v, node.args[0], from, move.word);
            stays = holding.yes;
            ends |= holding.no;
          }
          if (((now.yes | stays) & move.mask) != 0) next |= 2;
          if ((now.no & ends & move.mask) != 0) next |= 1;
        }
        if ((memory[move.to] | next) == memory[move.to]) continue;
        memory[move.to] |= next;
        if (!waiting[move.to]) queue.push_back(move.to);
        waiting[move.to] = 1;
      }
    }
    std::vector<char> may(v.places.size());
    for (std::size_t i = 0; i < may.size(); ++i)
      may[i] = static_cast<char>(((memory[i] & 1) != 0 ? kNo : 0) | (memory[i] > 1 ? kYes : 0));
    return may;
  }

  // If what the view says of the node follows from the automaton's state: keeps that, for all views.
  bool settle(const View& v, NodeId id) {
    std::vector<Possible> by_state(static_cast<std::size_t>(dfa_.states) * words_);
    for (std::size_t place = 0; place < v.places.size(); ++place)
      for (std::size_t word = 0; word < words_; ++word) {
        const Possible here = possible(v, id, place, word);
        Possible& all = by_state[static_cast<std::size_t>(v.places[place].state) * words_ + word];
        all.no |= here.no, all.yes |= here.yes;
      }
    budget_.spend(v.places.size() * words_);
    const std::size_t columns = static_cast<std::size_t>(letters_) + 1;
    for (std::size_t i = 0; i < by_state.size(); ++i) {
      const std::size_t end = columns - 64 * (i % words_);
      const std::uint64_t used = end >= 64 ? kAll : (std::uint64_t{1} << end) - 1;
      if ((by_state[i].no & by_state[i].yes & used) != 0) return false;
    }
    std::vector<std::uint64_t> table(by_state.size());
    std::transform(by_state.begin(), by_state.end(), table.begin(), [](const Possible& p) { return p.yes; });
    budget_.hold(table.size() * sizeof(std::uint64_t));
    known_[id] = std::move(table);
    return true;
  }

  // The first component, in the order in which runs pass them, where some letter may make the node true.
  int first_component(const View& v, NodeId id) {
    int first = -1;
    for (std::size_t place = 0; place < v.places.size(); ++place)
      for (const Move& move : v.moves_of(place))
        if ((possible(v, id, place, move.word).yes & move.mask) != 0) {
          const int component = components_.of[v.places[place].state];
          if (first < 0 || component < first) first = component;
        }
    return first;
  }

  // "... & !P f", where f says that a component is left: tries what that tells apart.
  void watch(NodeId id) {
    const Node& node = graph_.node(id);
    if (node.op != Op::And && node.op != Op::Or) return;
    std::vector<int> candidates;
    for (const NodeId arg : node.args) {
      const Node& part = graph_.node(arg);
      const NodeId inner = part.op == Op::Not ? part.args[0] : arg;
      if (graph_.node(inner).op == Op::Before && known_[inner].empty() && sources_[inner] >= 0)
        candidates.push_back(sources_[inner]);
    }
    // What was entered last is what may have been left since.
    std::sort(candidates.begin(), candidates.end(), std::greater<>());
    candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
    for (std::size_t i = 0; i < candidates.size() && i < kCandidates && known_[id].empty(); ++i) {
      if (watched_ != candidates[i]) {
        for (const auto& table : watching_.past) budget_.release(table.size());
        watching_ = view(candidates[i]);
        watched_ = candidates[i];
      }
      collect_below(watching_, id);
      settle(watching_, id);
      drop(watching_, id);
    }
  }

  // Collects for the node and all below it that is neither known nor collected.
  void collect_below(View& v, NodeId root) {
    std::vector<NodeId> region, stack{root};
    std::vector<int> users(graph_.size(), 0);
    seen_.assign(graph_.size(), 0);
    seen_[root] = 1;
    while (!stack.empty()) {
      const NodeId id = stack.back();
      stack.pop_back();
      region.push_back(id);
      for (const NodeId arg : graph_.node(id).args) {
        ++users[arg];
        if (seen_[arg] || !known_[arg].empty() || !v.past[arg].empty() || graph_.node(arg).args.empty())
          continue;
        seen_[arg] = 1;
        stack.push_back(arg);
      }
    }
    budget_.spend(static_cast<std::size_t>(graph_.size()) / 16);
    std::sort(region.begin(), region.end());
    // Junctions are dropped when read; temporal operators stay for the next formula about this component.
    for (const NodeId id : region) {
      collect(v, id);
      for (const NodeId arg : graph_.node(id).args)
        if (--users[arg] == 0 && v.past[arg].empty()) drop(v, arg);
    }
  }

  void drop(View& v, NodeId id) {
    budget_.release(v.past[id].size() + v.anything[id].size() * sizeof(Possible));
    std::vector<char>().swap(v.past[id]);
    std::vector<Possible>().swap(v.anything[id]);
  }
  void forget(NodeId id) {
    budget_.release(known_[id].size() * sizeof(std::uint64_t));
    std::vector<std::uint64_t>().swap(known_[id]);
  }

  // At EOS the root is true in the states that accept and in no other, or cannot be said.
  std::optional<bool> judge(const View& v) const {
    const auto word = static_cast<std::size_t>(letters_ / 64);
    bool same = true;
    for (std::size_t place = 0; place < v.places.size(); ++place) {
      const Possible truth = possible(v, root_, place, word);
      const bool no = (truth.no >> letters_ % 64 & 1) != 0, yes = (truth.yes >> letters_ % 64 & 1) != 0;
      if (no && yes) return std::nullopt;
      same = same && yes == (dfa_.accepting[v.places[place].state] != 0);
    }
    return same;
  }

  // One attempt nearly always does it; more are for formulas that were simplified out of their shape.
  static constexpr std::size_t kCandidates = 3;

  const FormulaGraph& graph_;
  NodeId root_;
  const Dfa& dfa_;
  base::Budget budget_;
  int letters_;
  std::size_t words_;
  Components components_;
  std::vector<std::vector<std::uint64_t>> known_;  // by node: its truth, state * words + word
  std::vector<int> sources_;  // of temporal nodes: the first component where the argument may hold
  std::vector<char> seen_;
  std::vector<int> users_;
  std::vector<std::vector<Move>> steps_;  // by state
  std::vector<std::uint64_t> idle_;       // the letters that move no state, by word of the columns
  View watching_;
  int watched_ = -1;
};

}  // namespace

std::optional<bool> says_by_state(const logic::Formula& formula, const Dfa& dfa, std::size_t max_work) {
  return Collector(formula, dfa, max_work).run();
}

}  // namespace yore::automata
