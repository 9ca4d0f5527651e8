#include "yore/expressivity/graph_tools.h"

#include <map>
#include <set>
#include <utility>

namespace yore::expressivity {

using logic::Node;
using logic::Op;

namespace {

// P (f & !P f) = P f: the first time is a time.
NodeId lean_before(FormulaGraph& graph, NodeId f) {
  const std::vector<NodeId> args = graph.node(f).args;
  if (graph.node(f).op == Op::And) {
    for (const NodeId arg : args) {
      if (graph.node(arg).op != Op::Not) continue;
      const Node& inner = graph.node(graph.node(arg).args[0]);
      if (inner.op != Op::Before) continue;
      const NodeId earlier = inner.args[0];
      std::vector<NodeId> rest = args;
      std::erase(rest, arg);
      // Compared, not built: what is built only to be compared stays in the graph.
      const bool same = rest.size() == 1
                            ? rest[0] == earlier
                            : graph.node(earlier).op == Op::And && graph.node(earlier).args == rest;
      if (same) return graph.before(earlier);
    }
  }
  return graph.before(f);
}

// f | (!f & g) = f | g, and the same with & and | exchanged, until nothing changes: what is left of one
// argument may shorten the next. (As it stood before, it still counts as an argument: beside what replaced
// it, it changes nothing.)
NodeId lean_junction(FormulaGraph& graph, Op op, std::vector<NodeId> args) {
  const Op dual = op == Op::And ? Op::Or : Op::And;
  std::set<NodeId> siblings, negated;
  const auto add = [&](NodeId id) {
    siblings.insert(id);
    if (graph.node(id).op == Op::Not) negated.insert(graph.node(id).args[0]);
  };
  const auto refuted = [&](NodeId part) {
    const Node& node = graph.node(part);
    return node.op == Op::Not ? siblings.count(node.args[0]) != 0 : negated.count(part) != 0;
  };
  for (const NodeId arg : args) add(arg);
  for (bool changed = true; changed;) {
    changed = false;
    for (NodeId& arg : args) {
      if (graph.node(arg).op != dual) continue;
      std::vector<NodeId> parts = graph.node(arg).args;
      if (std::erase_if(parts, refuted) == 0) continue;
      arg = dual == Op::And ? graph.conjunction(parts) : graph.disjunction(parts);
      add(arg);
      changed = true;
    }
  }
  return op == Op::And ? graph.conjunction(args) : graph.disjunction(args);
}

Formula rebuilt(const FormulaGraph& graph, NodeId root, const logic::Alphabet& alphabet) {
  std::vector<char> needed(graph.size(), 0);
  needed[root] = 1;
  for (NodeId id = root; id >= 0; --id) {  // arguments precede their users
    if (!needed[id]) continue;
    for (const NodeId arg : graph.node(id).args) needed[arg] = 1;
  }
  Formula formula;
  formula.alphabet = alphabet;
  std::vector<NodeId> moved(graph.size(), -1);
  for (NodeId id = 0; id <= root; ++id) {
    if (!needed[id]) continue;
    const Node& node = graph.node(id);
    std::vector<NodeId> args;
    for (const NodeId arg : node.args) args.push_back(moved[arg]);
    FormulaGraph& to = formula.graph;
    switch (node.op) {
      case Op::False:
        moved[id] = to.constant(false);
        break;
      case Op::True:
        moved[id] = to.constant(true);
        break;
      case Op::Letter:
        moved[id] = to.letter(node.value);
        break;
      case Op::Position:
        moved[id] = to.position(logic::residue_of(node.value), logic::period_of(node.value));
        break;
      case Op::Not:
        moved[id] = to.negation(args.at(0));
        break;
      case Op::And:
      case Op::Or:
        moved[id] = lean_junction(to, node.op, args);
        break;
      case Op::Before:
        moved[id] = lean_before(to, args.at(0));
        break;
      case Op::Yesterday:
        moved[id] = to.yesterday(args.at(0), node.value);
        break;
      case Op::Since:
        moved[id] = to.since(args.at(0), args.at(1));
        break;
    }
  }
  formula.root = moved[root];
  return formula;
}

}  // namespace

Formula compacted(const FormulaGraph& graph, NodeId root, const logic::Alphabet& alphabet) {
  // A rewriting may leave unused nodes and allow another: repeat while it helps.
  Formula best = rebuilt(graph, root, alphabet);
  for (;;) {
    Formula next = rebuilt(best.graph, best.root, alphabet);
    if (next.graph.size() >= best.graph.size()) return best;
    best = std::move(next);
  }
}

NodeId case_of_letter(FormulaGraph& graph, const std::vector<NodeId>& by_letter) {
  std::map<NodeId, std::vector<NodeId>> letters_of;
  for (std::size_t a = 0; a < by_letter.size(); ++a) {
    letters_of[by_letter[a]].push_back(graph.letter(static_cast<logic::Symbol>(a)));
  }
  if (letters_of.size() == 1) return by_letter.front();
  // Where fewer letters are left out than named, "none of the others" is shorter.
  std::vector<NodeId> cases;
  for (const auto& [formula, letters] : letters_of) {
    if (graph.node(formula).op == Op::False) continue;
    NodeId letter_is_one_of = graph.disjunction(letters);
    if (letters.size() * 2 > by_letter.size() + 1) {
      std::vector<NodeId> others;
      for (const auto& [other, other_letters] : letters_of) {
        if (other != formula) others.insert(others.end(), other_letters.begin(), other_letters.end());
      }
      letter_is_one_of = graph.negation(graph.disjunction(others));
    }
    cases.push_back(graph.conjunction({letter_is_one_of, formula}));
  }
  return graph.disjunction(cases);
}

base::Budget formula_budget(std::size_t max_nodes) {
  return base::Budget("writing the formula", {.count = max_nodes, .option = "max-formula"});
}

void count_nodes(const FormulaGraph& graph, base::Budget& nodes) {
  nodes.spend(static_cast<std::size_t>(graph.size()) - nodes.count());
}

}  // namespace yore::expressivity
