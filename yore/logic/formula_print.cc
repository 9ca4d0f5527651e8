// Writes a formula as text, shared parts named by let where that pays. Works bottom-up over the nodes in an
// order that depends on their structure alone, never on the order in which they were built: equal formulas
// print alike.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "yore/logic/formula.h"
#include "yore/logic/formula_words.h"

namespace yore::logic {
namespace {

// Parts deeper than this are named even in flat form: the parser bounds its recursion, and deep texts are
// unreadable.
constexpr int kMaxTextHeight = 200;
// A shared part this short is repeated rather than named.
constexpr std::size_t kShortText = 8;

std::size_t index(NodeId id) {
  return static_cast<std::size_t>(id);
}

// Reachable nodes by height, then operator, value and arguments, with each node's place in that order.
struct StructuralOrder {
  std::vector<NodeId> nodes;
  std::vector<int> rank;
};

StructuralOrder structural_order(const Formula& formula) {
  const FormulaGraph& graph = formula.graph;
  StructuralOrder order{reachable_nodes(graph, formula.root), std::vector<int>(index(formula.root) + 1, 0)};
  std::vector<int> height(index(formula.root) + 1, 0);
  for (const NodeId id : order.nodes)
    for (const NodeId arg : graph.node(id).args)
      height[index(id)] = std::max(height[index(id)], height[index(arg)] + 1);
  std::stable_sort(order.nodes.begin(), order.nodes.end(),
                   [&](NodeId a, NodeId b) { return height[index(a)] < height[index(b)]; });
  // Level by level: the ranks of the arguments are known by then. Nodes are shared, so keys are distinct.
  std::vector<std::vector<int>> argument_ranks(index(formula.root) + 1);
  const auto key = [&](NodeId id) {
    return std::tie(graph.node(id).op, graph.node(id).value, argument_ranks[index(id)]);
  };
  for (std::size_t begin = 0, end = 0; begin < order.nodes.size(); begin = end) {
    for (; end < order.nodes.size() && height[index(order.nodes[end])] == height[index(order.nodes[begin])];
         ++end) {
      const Node& node = graph.node(order.nodes[end]);
      std::vector<int>& ranks = argument_ranks[index(order.nodes[end])];
      for (const NodeId arg : node.args) ranks.push_back(order.rank[index(arg)]);
      if (node.op == Op::And || node.op == Op::Or) std::sort(ranks.begin(), ranks.end());
    }
    std::sort(order.nodes.begin() + static_cast<std::ptrdiff_t>(begin),
              order.nodes.begin() + static_cast<std::ptrdiff_t>(end),
              [&](NodeId a, NodeId b) { return key(a) < key(b); });
    for (std::size_t k = begin; k < end; ++k) order.rank[index(order.nodes[k])] = static_cast<int>(k);
  }
  return order;
}

enum FormulaBinding { kOr, kAnd, kSince, kTight };

// A node as it is written: with the abbreviations first, Z, O and H where they fit exactly.
struct View {
  FormulaBinding binding = kTight;
  std::string sign;          // a whole leaf, a prefix, or what stands between the arguments
  std::vector<NodeId> args;  // empty = leaf, one = prefix
};

// f, if the node is Not f.
std::optional<NodeId> negated(const FormulaGraph& graph, NodeId id) {
  return graph.node(id).op == Op::Not ? std::optional(graph.node(id).args[0]) : std::nullopt;
}

// f, if the node is f | P f.
std::optional<NodeId> once(const FormulaGraph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (node.op != Op::Or || node.args.size() != 2) return std::nullopt;
  for (const std::size_t k : {0U, 1U}) {
    const Node& arg = graph.node(node.args[1 - k]);
    if (arg.op == Op::Before && arg.args[0] == node.args[k]) return node.args[k];
  }
  return std::nullopt;
}

View view_negation(const FormulaGraph& graph, NodeId f) {
  const Node& node = graph.node(f);
  if (node.op == Op::Yesterday && node.value == 1) {
    if (graph.node(node.args[0]).op == Op::True) return {kTight, "first", {}};
    if (const auto g = negated(graph, node.args[0])) return {kTight, "Z ", {*g}};
  }
  if (const auto g = once(graph, f))
    if (const auto h = negated(graph, *g)) return {kTight, "H ", {*h}};
  return {kTight, "!", {f}};
}

View view(const Formula& formula, NodeId id) {
  const Node& node = formula.graph.node(id);
  switch (node.op) {
    case Op::False:
      return {kTight, "false", {}};
    case Op::True:
      return {kTight, "true", {}};
    case Op::Letter:
      return {kTight, spelled_letter(formula.alphabet.name(node.value)), {}};
    case Op::Position:
      return {kTight, fmt::format("pos={}/{}", residue_of(node.value), period_of(node.value)), {}};
    case Op::Not:
      return view_negation(formula.graph, node.args[0]);
    case Op::Before:
      return {kTight, "P ", node.args};
    case Op::Yesterday:
      return {kTight, node.value == 1 ? "Y " : fmt::format("Y<={} ", node.value), node.args};
    case Op::Since:
      return {kSince, " S ", node.args};
    case Op::And:
      return {kAnd, " & ", node.args};
    case Op::Or:
      if (const auto f = once(formula.graph, id)) return {kTight, "O ", {*f}};
      return {kOr, " | ", node.args};
  }
  return {};
}

// x1, x2 .. with a stem that no letter of the alphabet starts with.
std::string variable_stem(const Alphabet& alphabet) {
  std::string stem = "x";
  while (std::any_of(alphabet.names().begin(), alphabet.names().end(), [&](const std::string& name) {
    return name.size() > stem.size() && name.starts_with(stem);
  }))
    stem += "_";
  return stem;
}

class Printer {
 public:
  Printer(const Formula& formula, bool flat)
      : formula_(formula), flat_(flat), order_(structural_order(formula)), parts_(index(formula.root) + 1) {}

  std::string print() {
    // From the root down: which nodes are written at all (abbreviations skip some), and how often.
    parts_[index(formula_.root)].uses = 1;
    for (auto id = order_.nodes.rbegin(); id != order_.nodes.rend(); ++id) {
      Part& part = parts_[index(*id)];
      if (part.uses == 0) continue;
      part.view = view(formula_, *id);
      if (part.view.sign == " & " || part.view.sign == " | ")
        std::sort(part.view.args.begin(), part.view.args.end(),
                  [&](NodeId a, NodeId b) { return order_.rank[index(a)] < order_.rank[index(b)]; });
      for (const NodeId arg : part.view.args) ++parts_[index(arg)].uses;
    }
    const std::string stem = variable_stem(formula_.alphabet);
    std::string out;
    int names = 0;
    for (const NodeId id : order_.nodes) {
      Part& part = parts_[index(id)];
      if (part.uses == 0) continue;
      write(part);
      if (id == formula_.root || !wants_name(part)) continue;
      const std::string name = stem + std::to_string(++names);
      out += fmt::format("let {} = {} in ", name, part.text);
      part.text = name;
      part.view.binding = kTight;
      part.height = 0;
    }
    return out + parts_[index(formula_.root)].text;
  }

 private:
  struct Part {
    int uses = 0;
    View view;
    std::string text;
    int height = 0;  // of the text: nested parts since the last name
  };

  void write(Part& part) {
    const View& v = part.view;
    if (v.args.size() <= 1) part.text = v.sign;
    for (std::size_t k = 0; k < v.args.size(); ++k) {
      const Part& arg = parts_[index(v.args[k])];
      // Prefixes take tight operands; the others only operands that bind more tightly than themselves.
      const bool enclosed = arg.view.binding != kTight && arg.view.binding <= v.binding;
      if (k > 0) part.text += v.sign;
      part.text += enclosed ? "(" + arg.text + ")" : arg.text;
      part.height = std::max(part.height, arg.height + 1);
    }
  }

  bool wants_name(const Part& part) const {
    const bool shared = !flat_ && part.uses > 1 && !part.view.args.empty() && part.text.size() > kShortText;
    return shared || part.height >= kMaxTextHeight;
  }

  const Formula& formula_;
  bool flat_;
  StructuralOrder order_;
  std::vector<Part> parts_;
};

}  // namespace

std::string format_formula(const Formula& formula, int flat_limit) {
  const FormulaMeasure size = measure(formula);
  const bool flat = size.tree_nodes <= flat_limit || size.tree_nodes < 2.0 * size.nodes;
  return Printer(formula, flat).print();
}

}  // namespace yore::logic
