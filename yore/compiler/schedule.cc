// Which block computes what. Temporal nodes of one nesting depth share one block's attention, so a model has
// as many blocks with working heads as the formula is deep. What stands between them, And and Or, is folded
// into as few feed-forward layers as the forms below allow: one, unless alternations branch. A letter joined
// with a remainder ("a & pos=0/2") is no table's, so it takes the first block's feed-forward net, and what
// looks back at it a later block.
#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "yore/compiler/compiler.h"

namespace yore::compiler {
namespace {

using logic::Node;
using logic::Op;

/// Largest distance between the sums a gate can meet: keeps the error of a sum of inexact truth values far
/// from the gate's margin of 1/4.
constexpr int kLargestRange = 256;

/// Largest decision tree that is written out to save a net.
constexpr int kMostLeaves = 256;
/// And the nodes that are looked at meanwhile: parts that are shared are looked at again.
constexpr int kMostVisits = 200'000;

/// The first feed-forward net that can read what stands at `stage`.
int next_mlp(int stage) {
  return stage % 2 == 1 ? stage + 1 : stage + 2;
}

/// A gate whose sums lie in low .. high, and the stage at which its terms stand.
struct Wired {
  Gate gate;
  int low = 0, high = 0;
  int inputs = 0;
};

Wired negation(Wired w) {
  for (Term& term : w.gate.terms) term.weight = -term.weight;
  w.gate.threshold = 1 - w.gate.threshold;
  std::swap(w.low, w.high);
  w.low = -w.low, w.high = -w.high;
  return w;
}

class Scheduler {
 public:
  explicit Scheduler(Plan& plan) : plan_(plan), graph_(plan.formula.graph) {}

  void run() {
    const auto size = static_cast<std::size_t>(graph_.size());
    plan_.stage.assign(size, kNever);
    plan_.form.assign(size, {});
    depth_.assign(size, 0);
    ready_.assign(size, kNever);
    nodes_ = logic::reachable_nodes(graph_, plan_.formula.root);
    dependence_ = dependences(graph_);
    if (plan_.recurrent()) {
      by_letter_ = truth_by_letter(plan_.formula);
      by_remainder_ = truth_by_remainder(plan_.formula, plan_.period);
    }
    int deepest = 0;
    for (const NodeId id : nodes_) {
      const Node& node = graph_.node(id);
      for (const NodeId arg : node.args) at(depth_, id) = std::max(at(depth_, id), at(depth_, arg));
      if (is_temporal(node))
        ++at(depth_, id);
      else if (!at(dependence_, id).embedded())
        at(depth_, id) = std::max(at(depth_, id), 1);
      deepest = std::max(deepest, at(depth_, id));
    }
    int block = -1;
    for (int depth = 1; depth <= deepest; ++depth) {
      int inputs = 0;
      for (const NodeId id : temporal(depth))
        for (const NodeId arg : graph_.node(id).args) inputs = std::max(inputs, ready(arg));
      // Attention of block b reads what stands at stage 2b.
      block = std::max(block + 1, (inputs + 1) / 2);
      for (const NodeId id : temporal(depth)) {
        const bool mean =
            is_once(graph_.node(id)) && plan_.options.once == Once::Uniform && !plan_.recurrent();
        at(ready_, id) = mean ? mlp_stage(block) : attention_stage(block);
      }
    }
    keep(plan_.formula.root);
    for (const NodeId id : nodes_)
      if (is_temporal(graph_.node(id))) {
        at(plan_.stage, id) = at(ready_, id);
        for (const NodeId arg : graph_.node(id).args) keep(arg);
      }
    int last = 2;
    for (const NodeId id : nodes_) last = std::max(last, at(plan_.stage, id) + at(plan_.stage, id) % 2);
    plan_.blocks.resize(static_cast<std::size_t>(last / 2));
    for (const NodeId id : nodes_)
      if (const int stage = at(plan_.stage, id); stage > 0 && !is_temporal(graph_.node(id))) {
        plan_.blocks[static_cast<std::size_t>(stage / 2 - 1)].formed.push_back(id);
        if (stage > next_mlp(inputs_of(id))) plan_.cut.push_back(id);
      }
  }

 private:
  template <class T>
  static T& at(std::vector<T>& v, NodeId id) {
    return v[static_cast<std::size_t>(id)];
  }

  std::vector<NodeId> temporal(int depth) {
    std::vector<NodeId> list;
    for (const NodeId id : nodes_)
      if (is_temporal(graph_.node(id)) && at(depth_, id) == depth) list.push_back(id);
    return list;
  }

  /// The stage at which the node's truth stands, once it is kept.
  int ready(NodeId id) {
    id = literal(graph_, id).node;
    if (at(depth_, id) == 0) return 0;
    if (at(ready_, id) == kNever) at(ready_, id) = best_form(id);
    return at(ready_, id);
  }

  /// Chooses the form of an And or Or node; returns its stage.
  int best_form(NodeId id) {
    const Wired single = gate(id);
    int stage = next_mlp(single.inputs);
    Form form{{single.gate}, false};
    if (const auto parts = exclusive_parts(id); !parts.empty()) {
      int inputs = 0;
      Form sum;
      sum.complement = graph_.node(id).op == Op::And;
      for (const NodeId part : parts) {
        Wired w = gate(part);
        if (sum.complement) w = negation(std::move(w));
        inputs = std::max(inputs, w.inputs);
        sum.gates.push_back(std::move(w.gate));
      }
      if (next_mlp(inputs) < stage) {
        stage = next_mlp(inputs);
        form = std::move(sum);
      }
    }
    if (plan_.recurrent() && next_mlp(inputs_of(id)) < stage)
      if (std::optional<Form> tree = decision_tree(id); tree && next_mlp(inputs_of(*tree)) < stage) {
        stage = next_mlp(inputs_of(*tree));
        form = std::move(*tree);
      }
    at(plan_.form, id) = std::move(form);
    return stage;
  }

  /// The node in one net whatever it alternates: a gate for each leaf of a decision tree over the temporal
  /// nodes and letters it is made of, of which one path is taken at a time. Nothing past kMostLeaves.
  std::optional<Form> decision_tree(NodeId id) {
    Form yes, no;
    no.complement = true;
    std::vector<Term> path;
    std::map<NodeId, bool> known;
    int leaves = 0;
    visits_ = 0;
    if (!descend(id, known, path, yes, no, leaves)) return std::nullopt;
    return yes.gates.size() <= no.gates.size() ? yes : no;
  }

  bool descend(NodeId id, std::map<NodeId, bool>& known, std::vector<Term>& path, Form& yes, Form& no,
               int& leaves) {
    NodeId open = kNever;
    if (const std::optional<bool> value = value_of(id, known, open)) {
      Gate gate{path, 0};
      for (const Term& term : path) gate.threshold += term.weight > 0;
      (*value ? yes : no).gates.push_back(std::move(gate));
      return ++leaves <= kMostLeaves && visits_ <= kMostVisits;
    }
    if (visits_ > kMostVisits) return false;
    for (const bool value : {true, false}) {
      known[open] = value;
      const Node& node = graph_.node(open);
      const bool letter = value && node.op == Op::Letter;
      const bool remainder = value && node.op == Op::Position && logic::period_of(node.value) == plan_.period;
      if (letter) token_ = node.value;
      if (remainder) remainder_ = logic::residue_of(node.value);
      path.push_back({open, value ? 1 : -1});
      const bool fine = descend(id, known, path, yes, no, leaves);
      path.pop_back();
      known.erase(open);
      if (letter) token_ = kNever;
      if (remainder) remainder_ = kNever;
      if (!fine) return false;
    }
    return true;
  }

  /// From what is known of the nodes that are no junctions; `open` is the first that would tell more.
  std::optional<bool> value_of(NodeId id, const std::map<NodeId, bool>& known, NodeId& open) {
    const Literal lit = literal(graph_, id);
    const Node& node = graph_.node(lit.node);
    if (++visits_ > kMostVisits) return std::nullopt;
    if (is_constant(node)) return (node.op == Op::True) != lit.negated;
    if (!is_junction(lit.node)) {
      // What depends on the letter alone is known with it, and so with the remainder.
      if (at(depth_, lit.node) == 0) {
        const bool positional = at(dependence_, lit.node).position;
        if (const int row = positional ? remainder_ : token_; row != kNever)
          return (at((positional ? by_remainder_ : by_letter_)[static_cast<std::size_t>(row)], lit.node) !=
                  0) != lit.negated;
      }
      const auto it = known.find(lit.node);
      if (it != known.end()) return it->second != lit.negated;
      if (open == kNever) open = lit.node;
      return std::nullopt;
    }
    const bool decisive = node.op == Op::Or;
    bool all = true;
    for (const NodeId arg : node.args) {
      const std::optional<bool> value = value_of(arg, known, open);
      if (value == decisive) return decisive != lit.negated;
      all = all && value;
    }
    return all ? std::optional(decisive == lit.negated) : std::nullopt;
  }

  /// Of the nodes that are no junctions: when a decision tree over them can be read at the earliest.
  int inputs_of(NodeId id) {
    id = literal(graph_, id).node;
    if (!is_junction(id)) return is_constant(graph_.node(id)) ? 0 : ready(id);
    if (const auto it = inputs_.find(id); it != inputs_.end()) return it->second;
    int inputs = 0;
    for (const NodeId arg : graph_.node(id).args) inputs = std::max(inputs, inputs_of(arg));
    return inputs_[id] = inputs;
  }

  int inputs_of(const Form& form) {
    int inputs = 0;
    for (const Gate& gate : form.gates)
      for (const Term& term : gate.terms) inputs = std::max(inputs, ready(term.node));
    return inputs;
  }

  bool is_junction(NodeId id) {
    const Op op = graph_.node(id).op;
    return (op == Op::And || op == Op::Or) && at(depth_, id) > 0;
  }

  /// A kept node (or its negation) as a gate.
  Wired alone(const Literal& lit) {
    Wired w;
    w.gate.terms.push_back({lit.node, 1});
    w.gate.threshold = 1;
    w.high = 1;
    w.inputs = ready(lit.node);
    return lit.negated ? negation(std::move(w)) : w;
  }

  /// Any node as one gate. A junction of literals and at most one other junction is a threshold of a
  /// weighted sum: in "x & rest" x weighs so much that no sum of the rest makes up for it, in "x | rest" so
  /// much that x alone is enough. Where there are several junctions all but the latest are kept apart.
  Wired gate(NodeId id) {
    const Literal lit = literal(graph_, id);
    if (!is_junction(lit.node)) {
      return alone(lit);
    }
    if (lit.negated) return negation(gate(lit.node));
    if (const auto known = gates_.find(id); known != gates_.end()) return known->second;
    const bool conjunction = graph_.node(id).op == Op::And;
    std::vector<NodeId> args = graph_.node(id).args;
    const auto nested = [&](NodeId arg) { return is_junction(literal(graph_, arg).node); };
    // Latest first: folding it in saves the most.
    std::stable_sort(args.begin(), args.end(), [&](NodeId a, NodeId b) {
      const int ready_a = nested(a) ? ready(a) : kNever, ready_b = nested(b) ? ready(b) : kNever;
      return ready_a > ready_b;
    });
    Wired sum;
    std::size_t rest = 0;
    if (nested(args[0])) {
      sum = gate(args[0]);
      rest = 1;
    } else {
      sum.gate.threshold = conjunction ? 0 : 1;  // the empty And is true, the empty Or false
    }
    const auto literals = static_cast<int>(args.size() - rest);
    const auto weight_of = [&] {
      return conjunction ? sum.high - sum.gate.threshold + 1 : sum.gate.threshold - sum.low;
    };
    if (rest == 1 && sum.high - sum.low + weight_of() * literals > kLargestRange) {
      sum = alone(literal(graph_, args[0]));
    }
    const int weight = weight_of();
    for (std::size_t i = rest; i < args.size(); ++i) {
      const Literal arg = literal(graph_, args[i]);
      sum.inputs = std::max(sum.inputs, ready(arg.node));
      sum.gate.terms.push_back({arg.node, arg.negated ? -weight : weight});
      (arg.negated ? sum.low : sum.high) += arg.negated ? -weight : weight;
      if (arg.negated) sum.gate.threshold -= weight;
    }
    if (conjunction) sum.gate.threshold += weight * literals;
    gates_.emplace(id, sum);
    return sum;
  }

  /// The arguments of an Or that are pairwise exclusive for all to see (or of an And, whose negations are);
  /// empty if they are not.
  std::vector<NodeId> exclusive_parts(NodeId id) {
    const Node& node = graph_.node(id);
    std::vector<std::set<std::pair<NodeId, bool>>> facts;
    for (const NodeId arg : node.args) facts.push_back(implied(arg, node.op == Op::And));
    for (std::size_t i = 0; i < facts.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (!contradict(facts[i], facts[j])) return {};
    return node.args;
  }

  /// Literals that must hold where the node (or its negation) does.
  std::set<std::pair<NodeId, bool>> implied(NodeId id, bool negate) {
    const Literal lit = literal(graph_, id);
    const bool negated = lit.negated != negate;
    std::set<std::pair<NodeId, bool>> facts = {{lit.node, negated}};
    const Node& node = graph_.node(lit.node);
    if (node.op == (negated ? Op::Or : Op::And))
      for (const NodeId arg : node.args) {
        const Literal part = literal(graph_, arg);
        facts.insert({part.node, part.negated != negated});
      }
    return facts;
  }

  bool contradict(const std::set<std::pair<NodeId, bool>>& a, const std::set<std::pair<NodeId, bool>>& b) {
    for (const auto& x : a)
      for (const auto& y : b)
        if (x.first == y.first
                ? x.second != y.second
                : !x.second && !y.second && exclusive(graph_.node(x.first), graph_.node(y.first)))
          return true;
    return false;
  }

  /// Two letters, or remainders that no position has both.
  static bool exclusive(const Node& a, const Node& b) {
    if (a.op != b.op) return false;
    if (a.op != Op::Position) return a.op == Op::Letter && a.value != b.value;
    const int common = std::gcd(logic::period_of(a.value), logic::period_of(b.value));
    return logic::residue_of(a.value) % common != logic::residue_of(b.value) % common;
  }

  /// Gives the node, and what its form reads, a stage.
  void keep(NodeId id) {
    id = literal(graph_, id).node;
    if (is_constant(graph_.node(id)) || at(plan_.stage, id) != kNever) return;
    at(plan_.stage, id) = ready(id);
    if (!is_junction(id)) return;
    for (const Gate& g : at(plan_.form, id).gates)
      for (const Term& term : g.terms) keep(term.node);
  }

  Plan& plan_;
  const FormulaGraph& graph_;
  std::vector<NodeId> nodes_;
  std::vector<int> depth_, ready_;
  std::map<NodeId, Wired> gates_;
  std::map<NodeId, int> inputs_;
  std::vector<Dependence> dependence_;
  TruthTable by_letter_, by_remainder_;      ///< of a recurrence
  int token_ = kNever, remainder_ = kNever;  ///< what the decision tree in hand has chosen
  int visits_ = 0;                           ///< of nodes, by the decision tree in hand
};

}  // namespace

void schedule(Plan& plan) {
  Scheduler(plan).run();
}

}  // namespace yore::compiler
