#include "yore/automata/formula_by_parts.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "yore/base/budget.h"
#include "yore/base/error.h"

namespace yore::automata {
namespace {

using logic::FormulaGraph;
using logic::Node;
using logic::NodeId;
using logic::Op;

// What a subformula says at every position: its truth there follows from the state after the letters before
// it and from the letter that stands there, or EOS. State 0 is the start.
struct Part {
  State states = 0;
  std::vector<State> next;  // [state, letter]
  std::vector<char> truth;  // [state, letter or EOS]
};

class Parts {
 public:
  Parts(const logic::Formula& formula, std::size_t max_states, std::size_t max_work)
      : graph_(formula.graph),
        letters_(static_cast<std::size_t>(formula.alphabet.size())),
        max_states_(max_states),
        work_("the automaton of a formula, part by part", {.count = max_work, .option = "max-states"}) {}

  const Part& of(NodeId root) {
    const std::vector<NodeId> nodes = logic::reachable_nodes(graph_, root);
    std::vector<int> users(static_cast<std::size_t>(graph_.size()), 0);
    for (const NodeId id : nodes)
      for (const NodeId arg : graph_.node(id).args) ++users[static_cast<std::size_t>(arg)];
    parts_.resize(static_cast<std::size_t>(graph_.size()));
    for (const NodeId id : nodes) {
      parts_[static_cast<std::size_t>(id)] = made(graph_.node(id));
      for (const NodeId arg : graph_.node(id).args)
        if (--users[static_cast<std::size_t>(arg)] == 0) parts_[static_cast<std::size_t>(arg)] = {};
    }
    return parts_[static_cast<std::size_t>(root)];
  }

 private:
  const Part& part(NodeId id) const { return parts_[static_cast<std::size_t>(id)]; }
  bool truth(const Part& p, State q, std::size_t letter) const {
    return p.truth[static_cast<std::size_t>(q) * (letters_ + 1) + letter] != 0;
  }
  State next(const Part& p, State q, std::size_t letter) const {
    return p.next[static_cast<std::size_t>(q) * letters_ + letter];
  }

  Part made(const Node& node) {
    switch (node.op) {
      case Op::Before:
        return remembering(part(node.args[0]), [](int memory, bool now) { return memory | int{now}; });
      case Op::Yesterday:
        return remembering(part(node.args[0]), [k = node.value](int memory, bool now) {
          return now ? k : std::max(0, memory - 1);
        });
      case Op::Since: {
        // Both arguments at once.
        const Part &holds = part(node.args[0]), &target = part(node.args[1]);
        return joined(
            holds, target, true, [](bool, bool, int memory) { return memory != 0; },
            [](bool held, bool met, int memory) { return int{met || (held && memory != 0)}; });
      }
      case Op::And:
      case Op::Or:
        return junction(node);
      case Op::Not: {
        Part negated = part(node.args[0]);
        for (char& t : negated.truth) t = t == 0;
        return negated;
      }
      case Op::Position: {
        const int period = logic::period_of(node.value);
        Part counter{static_cast<State>(period), {}, {}};
        for (State q = 0; q < period; ++q) {
          counter.next.insert(counter.next.end(), letters_, (q + 1) % period);
          counter.truth.insert(counter.truth.end(), letters_ + 1, q == logic::residue_of(node.value));
        }
        return counter;
      }
      default: {  // one state says it all
        Part leaf{1, std::vector<State>(letters_, 0), std::vector<char>(letters_ + 1, node.op == Op::True)};
        if (node.op == Op::Letter) leaf.truth[static_cast<std::size_t>(node.value)] = 1;
        return leaf;
      }
    }
  }

  // Smallest first: what is joined stays small for longest.
  Part junction(const Node& node) {
    std::vector<NodeId> args = node.args;
    std::stable_sort(args.begin(), args.end(),
                     [&](NodeId a, NodeId b) { return part(a).states < part(b).states; });
    const bool both = node.op == Op::And;
    Part result = part(args[0]);
    for (std::size_t i = 1; i < args.size(); ++i)
      result = joined(
          result, part(args[i]), false, [both](bool x, bool y, int) { return both ? x && y : x || y; },
          [](bool, bool, int) { return 0; });
    return result;
  }

  // What holds where the memory of the argument's truth is not 0.
  template <class Update>
  Part remembering(const Part& argument, Update&& update) {
    Part nothing{1, std::vector<State>(letters_, 0), std::vector<char>(letters_ + 1, 0)};
    return joined(
        argument, nothing, true, [](bool, bool, int memory) { return memory != 0; },
        [&](bool now, bool, int memory) { return update(memory, now); });
  }

  // Both parts side by side with a memory, which begins with 0: `say` gives the truth, `update` the memory
  // after a letter. Made minimal. (`strict`: truth does not depend on the letter, so it is asked once.)
  template <class Say, class Update>
  Part joined(const Part& a, const Part& b, bool strict, Say&& say, Update&& update) {
    struct Place {
      State a, b;
      int memory;
      auto operator<=>(const Place&) const = default;
    };
    std::map<Place, State> numbers{{{0, 0, 0}, 0}};
    std::vector<Place> places{{0, 0, 0}};
    Part joint;
    for (std::size_t i = 0; i < places.size(); ++i) {
      work_.spend(letters_ + 1);
      const Place here = places[i];
      for (std::size_t letter = 0; letter <= letters_; ++letter) {
        const bool x = truth(a, here.a, letter), y = truth(b, here.b, letter);
        joint.truth.push_back(strict ? say(false, false, here.memory) : say(x, y, here.memory));
        if (letter == letters_) break;
        const Place there{next(a, here.a, letter), next(b, here.b, letter), update(x, y, here.memory)};
        const auto [entry, fresh] = numbers.emplace(there, static_cast<State>(places.size()));
        if (fresh) places.push_back(there);
        joint.next.push_back(entry->second);
      }
      if (places.size() > max_states_)
        throw base::BudgetError("max-states", max_states_, "the automaton of a formula, part by part");
    }
    joint.states = static_cast<State>(places.size());
    return minimal(joint);
  }

  // Moore's refinement. Every state can be reached.
  Part minimal(const Part& p) {
    const auto n = static_cast<std::size_t>(p.states);
    std::vector<State> of(n, 0);
    std::size_t classes = 0;
    for (bool first = true;; first = false) {
      work_.spend(n * (letters_ + 1));
      std::map<std::vector<State>, State> numbers;
      std::vector<State> finer(n), key;
      for (std::size_t q = 0; q < n; ++q) {
        key.clear();
        if (first) {
          for (std::size_t letter = 0; letter <= letters_; ++letter)
            key.push_back(p.truth[q * (letters_ + 1) + letter]);
        } else {
          key.push_back(of[q]);
          for (std::size_t letter = 0; letter < letters_; ++letter)
            key.push_back(of[static_cast<std::size_t>(p.next[q * letters_ + letter])]);
        }
        finer[q] = numbers.emplace(key, static_cast<State>(numbers.size())).first->second;
      }
      of = std::move(finer);
      if (numbers.size() == n) return p;
      if (!first && numbers.size() == classes) break;
      classes = numbers.size();
    }
    // Classes are numbered in the order of their first states, so that of the start is 0.
    Part small;
    small.states = static_cast<State>(classes);
    for (std::size_t q = 0; q < n; ++q) {
      if (static_cast<std::size_t>(of[q]) * (letters_ + 1) != small.truth.size()) continue;
      for (std::size_t letter = 0; letter <= letters_; ++letter) {
        small.truth.push_back(p.truth[q * (letters_ + 1) + letter]);
        if (letter < letters_)
          small.next.push_back(of[static_cast<std::size_t>(p.next[q * letters_ + letter])]);
      }
    }
    return small;
  }

  const FormulaGraph& graph_;
  std::size_t letters_;
  std::size_t max_states_;
  base::Budget work_;
  std::vector<Part> parts_;
};

}  // namespace

Dfa dfa_by_parts(const logic::Formula& formula, std::size_t max_states, std::size_t max_work) {
  Parts parts(formula, max_states, max_work);
  const Part& root = parts.of(formula.root);
  const auto letters = static_cast<std::size_t>(formula.alphabet.size());
  Dfa dfa{formula.alphabet, root.states, 0, {}, root.next};
  for (std::size_t q = 0; q < static_cast<std::size_t>(root.states); ++q)
    dfa.accepting.push_back(root.truth[q * (letters + 1) + letters]);
  return minimise(dfa);
}

}  // namespace yore::automata
