#include "yore/compiler/names.h"

#include <algorithm>
#include <limits>
#include <map>
#include <stdexcept>

namespace yore::compiler {
namespace {

using logic::Formula;
using logic::FormulaGraph;
using logic::NodeId;
using logic::Op;

constexpr std::size_t kLongestName = 16;

std::size_t index(NodeId id) {
  return static_cast<std::size_t>(id);
}

/// No letter starts with it, but for a letter that is the stem itself.
std::string stem_for(const logic::Alphabet& alphabet) {
  std::string stem = "f";
  while (std::any_of(alphabet.names().begin(), alphabet.names().end(), [&](const std::string& name) {
    return name.size() > stem.size() && name.starts_with(stem);
  }))
    stem += "_";
  return stem;
}

}  // namespace

NodeId add_node(FormulaGraph& graph, Op op, int value, std::vector<NodeId> args) {
  switch (op) {
    case Op::False:
    case Op::True:
      return graph.constant(op == Op::True);
    case Op::Letter:
      return graph.letter(value);
    case Op::Position:
      return graph.position(logic::residue_of(value), logic::period_of(value));
    case Op::Not:
      return graph.negation(args[0]);
    case Op::And:
      return graph.conjunction(std::move(args));
    case Op::Or:
      return graph.disjunction(std::move(args));
    case Op::Before:
      return graph.before(args[0]);
    case Op::Yesterday:
      return graph.yesterday(args[0], value);
    case Op::Since:
      return graph.since(args[0], args[1]);
  }
  throw std::logic_error("add_node: unknown operator");
}

std::vector<std::string> short_names(const Formula& formula, const std::vector<NodeId>& kept) {
  const std::string stem = stem_for(formula.alphabet);
  std::vector<std::string> names(static_cast<std::size_t>(formula.graph.size()));
  int number = 0;
  Formula part = formula;
  for (const NodeId id : kept) {
    if (!names[index(id)].empty()) continue;
    part.root = id;
    std::string text = logic::format_formula(part);
    names[index(id)] = text.size() <= kLongestName ? std::move(text) : stem + std::to_string(++number);
  }
  return names;
}

std::string definition(const Formula& formula, const std::vector<std::string>& names, NodeId root) {
  const std::string stem = stem_for(formula.alphabet);
  // Shortened parts become letters of a larger alphabet, which print as their names.
  std::vector<std::string> letters = formula.alphabet.names();
  Formula shortened;
  shortened.graph = FormulaGraph(false);
  std::map<NodeId, NodeId> renamed;
  for (const NodeId id : logic::reachable_nodes(formula.graph, root)) {
    const logic::Node& node = formula.graph.node(id);
    const std::string& name = names[index(id)];
    const bool generated = name.size() > stem.size() && name.starts_with(stem) &&
                           std::all_of(name.begin() + static_cast<std::ptrdiff_t>(stem.size()), name.end(),
                                       [](char c) { return '0' <= c && c <= '9'; });
    if (generated && id != root) {
      letters.push_back(name);
      renamed[id] = shortened.graph.letter(static_cast<logic::Symbol>(letters.size() - 1));
      continue;
    }
    std::vector<NodeId> args;
    for (const NodeId arg : node.args) args.push_back(renamed.at(arg));
    renamed[id] = add_node(shortened.graph, node.op, node.value, std::move(args));
  }
  shortened.root = renamed.at(root);
  shortened.alphabet = logic::Alphabet(std::move(letters));
  return logic::format_formula(shortened, std::numeric_limits<int>::max());
}

std::string as_operand(const Formula& formula, NodeId id, const std::string& name) {
  const Op op = formula.graph.node(id).op;
  const bool infix =
      name.find(' ') != std::string::npos && (op == Op::And || op == Op::Or || op == Op::Since);
  return infix ? "(" + name + ")" : name;
}

}  // namespace yore::compiler
