// Sizes, depths and the fragment, in one pass over the reachable nodes (arguments come first in the arena).
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "yore/logic/formula.h"

namespace yore::logic {

std::vector<NodeId> reachable_nodes(const FormulaGraph& graph, NodeId root) {
  std::vector<char> reached(static_cast<std::size_t>(graph.size()), 0);
  reached[static_cast<std::size_t>(root)] = 1;
  std::vector<NodeId> nodes;
  for (NodeId id = root; id >= 0; --id) {
    if (!reached[static_cast<std::size_t>(id)]) continue;
    nodes.push_back(id);
    for (const NodeId arg : graph.node(id).args) reached[static_cast<std::size_t>(arg)] = 1;
  }
  std::reverse(nodes.begin(), nodes.end());
  return nodes;
}

FormulaMeasure measure(const Formula& formula) {
  struct Below {
    double tree_nodes = 1;
    int all = 0, before = 0, yesterday = 0, since = 0;
  };
  std::vector<Below> below(static_cast<std::size_t>(formula.root) + 1);
  FormulaMeasure total;
  for (const NodeId id : reachable_nodes(formula.graph, formula.root)) {
    const Node& node = formula.graph.node(id);
    Below here;
    for (const NodeId arg : node.args) {
      const Below& under = below[static_cast<std::size_t>(arg)];
      here.tree_nodes += under.tree_nodes;
      here.all = std::max(here.all, under.all);
      here.before = std::max(here.before, under.before);
      here.yesterday = std::max(here.yesterday, under.yesterday);
      here.since = std::max(here.since, under.since);
    }
    if (node.op == Op::Before) {
      ++here.all, ++here.before;
      total.uses_before = true;
    } else if (node.op == Op::Yesterday) {
      ++here.all, ++here.yesterday;
      total.uses_yesterday = true;
      total.largest_lookback = std::max(total.largest_lookback, node.value);
    } else if (node.op == Op::Since) {
      ++here.all, ++here.since;
      total.uses_since = true;
    } else if (node.op == Op::Position) {
      total.uses_position = true;
    }
    ++total.nodes;
    below[static_cast<std::size_t>(id)] = here;
  }
  const Below& root = below[static_cast<std::size_t>(formula.root)];
  total.tree_nodes = root.tree_nodes;
  total.depth = root.all;
  total.depth_before = root.before;
  total.depth_yesterday = root.yesterday;
  total.depth_since = root.since;
  return total;
}

std::string fragment(const Formula& formula) {
  bool before = false, since = false;
  std::set<std::int32_t> lookbacks, periods;
  for (const NodeId id : reachable_nodes(formula.graph, formula.root)) {
    const Node& node = formula.graph.node(id);
    before |= node.op == Op::Before;
    since |= node.op == Op::Since;
    if (node.op == Op::Yesterday) lookbacks.insert(node.value);
    if (node.op == Op::Position) periods.insert(period_of(node.value));
  }
  std::vector<std::string> operators;
  if (before) operators.emplace_back("P");
  for (const std::int32_t k : lookbacks) operators.push_back(k == 1 ? "Y" : fmt::format("Y<={}", k));
  if (since) operators.emplace_back("S");
  for (const std::int32_t period : periods) operators.push_back(fmt::format("MOD_{}", period));
  return fmt::format("LTL[{}]", fmt::join(operators, ","));
}

}  // namespace yore::logic
