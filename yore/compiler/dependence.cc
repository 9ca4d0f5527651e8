#include "yore/compiler/dependence.h"

#include <numeric>

namespace yore::compiler {

using logic::Node;
using logic::NodeId;
using logic::Op;

namespace {

/// The truths of all nodes at one position.
std::vector<char> at_position(const std::vector<std::vector<char>>& truths, std::size_t position) {
  std::vector<char> row;
  row.reserve(truths.size());
  for (const std::vector<char>& truth : truths) row.push_back(truth[position]);
  return row;
}

}  // namespace

std::vector<Dependence> dependences(const logic::FormulaGraph& graph) {
  std::vector<Dependence> list(static_cast<std::size_t>(graph.size()));
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Node& node = graph.node(id);
    Dependence& here = list[static_cast<std::size_t>(id)];
    here = {node.op == Op::Letter, node.op == Op::Position, logic::is_temporal(node.op)};
    for (const NodeId arg : node.args) {
      const Dependence& below = list[static_cast<std::size_t>(arg)];
      here.letter |= below.letter;
      here.position |= below.position;
      here.past |= below.past;
    }
  }
  return list;
}

std::optional<int> common_period(const logic::Formula& formula) {
  int period = 1;
  for (const NodeId id : logic::reachable_nodes(formula.graph, formula.root)) {
    const Node& node = formula.graph.node(id);
    if (node.op == Op::Position) period = std::lcm(period, logic::period_of(node.value));
    if (period > logic::kMaxPeriod) return std::nullopt;
  }
  return period;
}

TruthTable truth_by_letter(const logic::Formula& formula) {
  TruthTable table;
  const int letters = formula.alphabet.size();
  for (int a = 0; a <= letters; ++a)
    table.push_back(
        at_position(logic::evaluate_all(formula.graph, a < letters ? logic::Word{a} : logic::Word{}), 0));
  return table;
}

TruthTable truth_by_remainder(const logic::Formula& formula, int period) {
  // Letters say nothing of these nodes: any word that is long enough will do.
  const auto truths =
      logic::evaluate_all(formula.graph, logic::Word(static_cast<std::size_t>(period - 1), 0));
  TruthTable table;
  for (int r = 0; r < period; ++r) table.push_back(at_position(truths, static_cast<std::size_t>(r)));
  return table;
}

}  // namespace yore::compiler
