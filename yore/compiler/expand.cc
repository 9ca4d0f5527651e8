// Junctions that fit no single feed-forward net, told by cases of their newest temporal operators: with x and
// y of the last block, f is x & y & f11 | x & !y & f10 | !x & .., where each f.. looks at older operators
// alone, so that the net before has formed it. One path is taken at a time, which is a sum of gates. What is
// left of f is smaller, and may be told by cases in its turn: so a model has as many blocks as its formula is
// deep, but where that would make the formula many times as large.
#include <algorithm>
#include <map>
#include <optional>

#include "yore/compiler/compiler.h"
#include "yore/compiler/names.h"

namespace yore::compiler {
namespace {

using logic::Node;
using logic::Op;

/// Gates of one sum.
constexpr std::size_t kMostPaths = 256;

class Expander {
 public:
  Expander(const Formula& from, const std::vector<NodeId>& junctions) : from_(from), junctions_(junctions) {
    to_.alphabet = from.alphabet;
    to_.graph = FormulaGraph(false);
  }

  Formula run() {
    std::vector<NodeId> moved(static_cast<std::size_t>(from_.graph.size()));
    for (const NodeId id : logic::reachable_nodes(from_.graph, from_.root)) {
      const Node& node = from_.graph.node(id);
      std::vector<NodeId> args;
      for (const NodeId arg : node.args) args.push_back(moved[static_cast<std::size_t>(arg)]);
      NodeId& here = moved[static_cast<std::size_t>(id)];
      here = add_node(to_.graph, node.op, node.value, std::move(args));
      if (std::find(junctions_.begin(), junctions_.end(), id) != junctions_.end())
        here = by_cases(here).value_or(here);
    }
    to_.root = moved[static_cast<std::size_t>(from_.root)];
    return std::move(to_);
  }

 private:
  struct Path {
    std::vector<NodeId> literals;
    NodeId rest = 0;
  };

  bool is_junction(NodeId id) const {
    const Op op = to_.graph.node(id).op;
    return op == Op::And || op == Op::Or || op == Op::Not;
  }
  bool is(NodeId id, Op constant) const { return to_.graph.node(id).op == constant; }

  /// Nothing past kMostPaths.
  std::optional<NodeId> by_cases(NodeId id) {
    std::vector<Path> paths;
    Path begun{{}, id};
    if (!split(begun, depth(id), paths)) return std::nullopt;
    std::size_t yes = 0, no = 0;
    for (const Path& path : paths) {
      yes += !is(path.rest, Op::False);
      no += !is(path.rest, Op::True);
    }
    const bool negated = no < yes;
    std::vector<NodeId> parts;
    for (Path& path : paths) {
      const NodeId rest = negated ? negation(path.rest) : path.rest;
      if (is(rest, Op::False)) continue;
      path.literals.push_back(rest);
      parts.push_back(junction(Op::And, std::move(path.literals)));
    }
    const NodeId all = junction(Op::Or, std::move(parts));
    return negated ? negation(all) : all;
  }

  bool split(Path& path, int newest, std::vector<Path>& paths) {
    const std::optional<NodeId> open = newest_in(path.rest, newest);
    if (!open) {
      paths.push_back(path);
      return paths.size() <= kMostPaths;
    }
    const NodeId before = path.rest;
    for (const bool value : {true, false}) {
      std::map<NodeId, NodeId> known = {{*open, to_.graph.constant(value)}};
      path.rest = with(before, known);
      path.literals.push_back(value ? *open : negation(*open));
      const bool fine = split(path, newest, paths);
      path.literals.pop_back();
      if (!fine) return false;
    }
    path.rest = before;
    return true;
  }

  /// A temporal node of this depth that the junction is made of.
  std::optional<NodeId> newest_in(NodeId id, int newest) {
    if (depth(id) < newest || is_constant(to_.graph.node(id))) return std::nullopt;
    if (!is_junction(id)) return id;
    for (const NodeId arg : to_.graph.node(id).args)
      if (const auto found = newest_in(arg, newest)) return found;
    return std::nullopt;
  }

  /// What is left of a junction when some nodes are known.
  NodeId with(NodeId id, std::map<NodeId, NodeId>& known) {
    if (const auto found = known.find(id); found != known.end()) return found->second;
    if (!is_junction(id)) return id;
    const Node node = to_.graph.node(id);
    std::vector<NodeId> args;
    for (const NodeId arg : node.args) args.push_back(with(arg, known));
    return known[id] = node.op == Op::Not ? negation(args[0]) : junction(node.op, std::move(args));
  }

  NodeId negation(NodeId id) {
    const Node& node = to_.graph.node(id);
    if (node.op == Op::Not) return node.args[0];
    if (is_constant(node)) return to_.graph.constant(node.op == Op::False);
    return to_.graph.negation(id);
  }

  NodeId junction(Op op, std::vector<NodeId> args) {
    const Op neutral = op == Op::And ? Op::True : Op::False, decisive = op == Op::And ? Op::False : Op::True;
    std::erase_if(args, [&](NodeId arg) { return is(arg, neutral); });
    for (const NodeId arg : args)
      if (is(arg, decisive)) return arg;
    std::sort(args.begin(), args.end());
    args.erase(std::unique(args.begin(), args.end()), args.end());
    if (args.empty()) return to_.graph.constant(op == Op::And);
    if (args.size() == 1) return args[0];
    return add_node(to_.graph, op, 0, std::move(args));
  }

  /// Temporal nesting depth.
  int depth(NodeId id) {
    while (depth_.size() <= static_cast<std::size_t>(id)) {
      const Node& node = to_.graph.node(static_cast<NodeId>(depth_.size()));
      int deepest = 0;
      for (const NodeId arg : node.args) deepest = std::max(deepest, depth_[static_cast<std::size_t>(arg)]);
      depth_.push_back(deepest + is_temporal(node));
    }
    return depth_[static_cast<std::size_t>(id)];
  }

  const Formula& from_;
  const std::vector<NodeId>& junctions_;
  Formula to_;
  std::vector<int> depth_;  // of the nodes of to_, as far as it was asked
};

}  // namespace

Formula expanded(const Formula& formula, const std::vector<NodeId>& junctions) {
  return Expander(formula, junctions).run();
}

}  // namespace yore::compiler
