// Truth twice: once in one sweep a node, for use; once straight from the definitions, for doubt. The two
// share no code.
#include <algorithm>
#include <stdexcept>

#include "yore/logic/formula.h"

namespace yore::logic {
namespace {

// Fills `value` for one node from its arguments' values.
void sweep(const Node& node, const Word& word, const std::vector<std::vector<char>>& values,
           std::vector<char>& value) {
  const std::size_t length = word.size();
  const auto arg = [&](std::size_t k) -> const std::vector<char>& {
    return values[static_cast<std::size_t>(node.args[k])];
  };
  switch (node.op) {
    case Op::False:
      break;
    case Op::True:
      std::fill(value.begin(), value.end(), 1);
      break;
    case Op::Letter:
      for (std::size_t i = 0; i < length; ++i) value[i] = word[i] == node.value;
      break;
    case Op::Position:
      for (std::size_t i = static_cast<std::size_t>(residue_of(node.value)); i <= length;
           i += static_cast<std::size_t>(period_of(node.value)))
        value[i] = 1;
      break;
    case Op::Not:
      for (std::size_t i = 0; i <= length; ++i) value[i] = !arg(0)[i];
      break;
    case Op::And:
    case Op::Or:
      value = arg(0);
      for (std::size_t k = 1; k < node.args.size(); ++k)
        for (std::size_t i = 0; i <= length; ++i)
          value[i] = node.op == Op::And ? value[i] && arg(k)[i] : value[i] || arg(k)[i];
      break;
    case Op::Before:
      for (std::size_t i = 1; i <= length; ++i) value[i] = value[i - 1] || arg(0)[i - 1];
      break;
    case Op::Yesterday: {
      // How many positions ago the argument last held; 0 = never.
      std::size_t ago = 0;
      for (std::size_t i = 1; i <= length; ++i) {
        ago = arg(0)[i - 1] ? 1 : ago == 0 ? 0 : ago + 1;
        value[i] = ago != 0 && ago <= static_cast<std::size_t>(node.value);
      }
      break;
    }
    case Op::Since:
      for (std::size_t i = 1; i <= length; ++i) value[i] = arg(1)[i - 1] || (arg(0)[i - 1] && value[i - 1]);
      break;
  }
}

// "node holds at position i of word", operator by operator as the header defines them.
class Definition {
 public:
  Definition(const FormulaGraph& graph, const Word& word) : graph_(graph), word_(word) {}

  bool holds(NodeId id, int i) const {
    const Node& f = graph_.node(id);
    switch (f.op) {
      case Op::False:
        return false;
      case Op::True:
        return true;
      case Op::Letter:
        return i < length() && word_[static_cast<std::size_t>(i)] == f.value;
      case Op::Position:
        return i % period_of(f.value) == residue_of(f.value);
      case Op::Not:
        return !holds(f.args[0], i);
      case Op::And:
        return std::all_of(f.args.begin(), f.args.end(), [&](NodeId g) { return holds(g, i); });
      case Op::Or:
        return std::any_of(f.args.begin(), f.args.end(), [&](NodeId g) { return holds(g, i); });
      case Op::Before:
        return exists(0, i, [&](int j) { return holds(f.args[0], j); });
      case Op::Yesterday:
        return exists(std::max(0, i - f.value), i, [&](int j) { return holds(f.args[0], j); });
      case Op::Since:
        return exists(0, i, [&](int j) {
          return holds(f.args[1], j) && !exists(j + 1, i, [&](int m) { return !holds(f.args[0], m); });
        });
    }
    throw std::logic_error("accepts_by_definition: unknown operator");
  }
  int length() const { return static_cast<int>(word_.size()); }

 private:
  // Some j with from <= j < to satisfies the condition.
  template <class Condition>
  static bool exists(int from, int to, Condition condition) {
    for (int j = from; j < to; ++j)
      if (condition(j)) return true;
    return false;
  }

  const FormulaGraph& graph_;
  const Word& word_;
};

int height(const Formula& formula) {
  std::vector<int> heights(static_cast<std::size_t>(formula.root) + 1, 0);
  for (const NodeId id : reachable_nodes(formula.graph, formula.root))
    for (const NodeId arg : formula.graph.node(id).args)
      heights[static_cast<std::size_t>(id)] =
          std::max(heights[static_cast<std::size_t>(id)], heights[static_cast<std::size_t>(arg)] + 1);
  return heights.back();
}

}  // namespace

std::vector<std::vector<char>> evaluate_all(const FormulaGraph& graph, const Word& word) {
  std::vector<std::vector<char>> values(static_cast<std::size_t>(graph.size()),
                                        std::vector<char>(word.size() + 1, 0));
  for (NodeId id = 0; id < graph.size(); ++id) {
    // Arguments precede their users, so they are done.
    sweep(graph.node(id), word, values, values[static_cast<std::size_t>(id)]);
  }
  return values;
}

bool accepts(const Formula& formula, const Word& word) {
  return evaluate_all(formula.graph, word)[static_cast<std::size_t>(formula.root)].back() != 0;
}

bool accepts_by_definition(const Formula& formula, const Word& word) {
  constexpr int kMaxHeight = 5000;  // the recursion is as deep as the graph
  if (height(formula) > kMaxHeight)
    throw std::invalid_argument(
        "accepts_by_definition: the formula nests too deeply for an evaluation by recursion");
  const Definition definition(formula.graph, word);
  return definition.holds(formula.root, definition.length());
}

}  // namespace yore::logic
