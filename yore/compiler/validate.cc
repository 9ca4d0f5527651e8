#include "yore/base/error.h"
#include "yore/base/text.h"
#include "yore/compiler/compiler.h"

namespace yore::compiler {
namespace {

constexpr std::size_t kObstaclesNamed = 3;

std::string text_of(const Formula& formula, NodeId id) {
  Formula part = formula;
  part.root = id;
  return base::shortened(logic::format_formula(part), 80);
}

}  // namespace

const char* name(Encoding encoding) {
  return encoding == Encoding::ZeroOne ? "0/1" : "+-1";
}

const char* name(Once once) {
  return once == Once::Sharp ? "sharp" : "uniform";
}

Literal literal(const FormulaGraph& graph, NodeId id) {
  bool negated = false;
  while (graph.node(id).op == logic::Op::Not) {
    negated = !negated;
    id = graph.node(id).args[0];
  }
  return {id, negated};
}

std::vector<Obstacle> obstacles(const Formula& formula) {
  std::vector<Obstacle> list;
  for (const NodeId id : logic::reachable_nodes(formula.graph, formula.root))
    if (formula.graph.node(id).op == logic::Op::Since)
      list.push_back({text_of(formula, id),
                      "S needs a head that finds the last position of its kind: unique hard attention, which "
                      "no softmax over content alone gives"});
  return list;
}

Plan plan(const Formula& formula, const CompileOptions& options) {
  if (const std::vector<Obstacle> list = obstacles(formula); !list.empty()) {
    std::string text = "it cannot be compiled:";
    for (std::size_t i = 0; i < std::min(list.size(), kObstaclesNamed); ++i)
      text += "\n  " + list[i].subformula + ": " + list[i].reason;
    if (list.size() > kObstaclesNamed)
      text += "\n  and " + std::to_string(list.size() - kObstaclesNamed) + " more like these";
    throw base::InputError("formula", text);
  }
  if (options.length < 1) throw base::InputError("length", "expected at least 1");
  Plan result;
  result.formula = formula;
  result.options = options;
  schedule(result);
  assign_heads(result);
  assign_coordinates(result);
  if (result.parameters() > options.max_parameters)
    throw base::BudgetError(
        "max-parameters", static_cast<std::size_t>(options.max_parameters),
        "packing a compiled model of " + std::to_string(result.parameters()) + " parameters");
  return result;
}

}  // namespace yore::compiler
