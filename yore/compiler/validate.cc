#include "yore/base/error.h"
#include "yore/base/text.h"
#include "yore/compiler/compiler.h"
#include "yore/compiler/names.h"

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
  for (const NodeId id : logic::reachable_nodes(formula.graph, formula.root)) {
    if (formula.graph.node(id).op == logic::Op::Since)
      list.push_back({text_of(formula, id),
                      "S needs a head that finds the last position of its kind: unique hard attention, which "
                      "no softmax over content alone gives"});
  }
  return list;
}

Since as_since(const logic::Node& node) {
  if (node.op == logic::Op::Since) return {node.args[0], false, node.args[1]};
  return {std::nullopt, node.op == logic::Op::Before, node.args[0]};
}

Formula without_lookbacks(const Formula& formula) {
  Formula result{FormulaGraph(false), 0, formula.alphabet};
  std::vector<NodeId> moved(static_cast<std::size_t>(formula.graph.size()));
  for (const NodeId id : logic::reachable_nodes(formula.graph, formula.root)) {
    const logic::Node& node = formula.graph.node(id);
    std::vector<NodeId> args;
    for (const NodeId arg : node.args) args.push_back(moved[static_cast<std::size_t>(arg)]);
    NodeId& to = moved[static_cast<std::size_t>(id)];
    if (node.op != logic::Op::Yesterday) {
      to = add_node(result.graph, node.op, node.value, std::move(args));
      continue;
    }
    to = result.graph.yesterday(args[0]);
    for (int k = 1; k < node.value; ++k) to = result.graph.yesterday(result.graph.disjunction({args[0], to}));
  }
  result.root = moved[static_cast<std::size_t>(formula.root)];
  return result;
}

namespace {

/// Of a recurrence, whose gates add no roundings up: junctions that take several nets are told by cases, as
/// long as that can save a block and the formula does not become kMostGrowth times as large (dyck-4 would
/// become 24 times as large, with 23 blocks instead of 27).
Plan fewest_blocks(Plan best) {
  constexpr std::size_t kMostGrowth = 4;
  const std::size_t most = kMostGrowth * logic::reachable_nodes(best.formula.graph, best.formula.root).size();
  const auto depth = static_cast<std::size_t>(logic::measure(best.formula).depth);
  Plan now = best;
  for (std::size_t round = 0; !now.cut.empty() && now.blocks.size() > depth && round < depth; ++round) {
    Plan next;
    next.options = now.options;
    next.period = now.period;
    next.formula = expanded(now.formula, now.cut);
    if (logic::reachable_nodes(next.formula.graph, next.formula.root).size() > most) break;
    schedule(next);
    now = std::move(next);
    if (now.blocks.size() < best.blocks.size()) best = now;
  }
  return best;
}

}  // namespace

Plan plan(const Formula& formula, const CompileOptions& options) {
  const bool recurrent = options.mixer != kAttentionMixer;
  if (recurrent && options.encoding == Encoding::PlusMinus) throw base::InputError("--encoding", kNoNorm);
  if (const std::vector<Obstacle> list = recurrent ? std::vector<Obstacle>() : obstacles(formula);
      !list.empty()) {
    std::string text = "it cannot be compiled:";
    for (std::size_t i = 0; i < std::min(list.size(), kObstaclesNamed); ++i)
      text += "\n  " + list[i].subformula + ": " + list[i].reason;
    if (list.size() > kObstaclesNamed)
      text += "\n  and " + std::to_string(list.size() - kObstaclesNamed) + " more like these";
    throw base::InputError("formula", text);
  }
  if (options.length < 1) throw base::InputError("length", "expected at least 1");
  const std::optional<int> period = common_period(formula);
  if (!period)
    throw base::InputError("formula", "the least common multiple of the m of its pos=r/m is above " +
                                          std::to_string(arch::kMostPeriod) +
                                          ", the most rows that a table of positions has");
  Plan result;
  result.period = *period;
  result.formula = recurrent ? without_lookbacks(formula) : formula;
  result.options = options;
  schedule(result);
  if (recurrent) result = fewest_blocks(std::move(result));
  assign_heads(result);
  assign_coordinates(result);
  if (result.parameters() > options.max_parameters)
    throw base::BudgetError(
        "max-parameters", static_cast<std::size_t>(options.max_parameters),
        "packing a compiled model of " + std::to_string(result.parameters()) + " parameters");
  return result;
}

}  // namespace yore::compiler
