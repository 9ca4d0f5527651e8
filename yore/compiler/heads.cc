// Which head computes what. All Y nodes of a block share one head of lookback 1: it sees one key, so its
// output is that key's values, whatever the scores. A sharp P node needs a head of its own, since its scores
// are its argument; uniform ones of one lookback share a head, whose scores are all equal.
#include <algorithm>
#include <map>

#include "yore/compiler/compiler.h"

namespace yore::compiler {
namespace {

constexpr int kWidestHead = 256;  // what the attention kernel takes
/// All heads are of one width, so a wide Y head makes every P head wide. Past this factor over the least
/// possible the Y nodes are spread over several heads instead.
constexpr int kWaste = 4;

/// Nodes that may share a head, by lookback, and the number of heads that share nothing.
struct Groups {
  std::map<int, std::vector<NodeId>> shared;
  std::vector<NodeId> alone;

  int largest() const {
    std::size_t most = 1;
    for (const auto& [lookback, nodes] : shared) most = std::max(most, nodes.size());
    return static_cast<int>(most);
  }
  int heads(int width) const {
    auto count = static_cast<int>(alone.size());
    for (const auto& [lookback, nodes] : shared)
      count += (static_cast<int>(nodes.size()) + width - 1) / width;
    return count;
  }
};

int lookback_of(const logic::Node& node) {
  return node.op == logic::Op::Before ? -1 : node.value;
}

}  // namespace

void assign_heads(Plan& plan) {
  if (plan.recurrent()) {  // a latch a head
    for (const NodeId id : logic::reachable_nodes(plan.formula.graph, plan.formula.root))
      if (is_temporal(plan.node(id)))
        plan.blocks[static_cast<std::size_t>((plan.stage[static_cast<std::size_t>(id)] - 1) / 2)]
            .latches.push_back(id);
    plan.head_width = plan.heads = 1;
    for (const Block& block : plan.blocks)
      plan.heads = std::max(plan.heads, static_cast<int>(block.latches.size()));
    return;
  }
  std::vector<Groups> groups(plan.blocks.size());
  for (const NodeId id : logic::reachable_nodes(plan.formula.graph, plan.formula.root)) {
    const logic::Node& node = plan.node(id);
    if (!is_temporal(node)) continue;
    Groups& here = groups[static_cast<std::size_t>((plan.stage[static_cast<std::size_t>(id)] - 1) / 2)];
    if (is_once(node) && plan.options.once == Once::Sharp)
      here.alone.push_back(id);
    else
      here.shared[lookback_of(node)].push_back(id);
  }
  int widest = 1;
  for (const Groups& g : groups) widest = std::max(widest, g.largest());
  const auto heads = [&](int width) {
    int most = 1;
    for (const Groups& g : groups) most = std::max(most, g.heads(width));
    return most;
  };
  int width = std::min(widest, kWidestHead);
  while (width > 1 && heads(width) * width > kWaste * heads(1)) --width;
  plan.head_width = width;
  plan.heads = heads(width);
  for (std::size_t b = 0; b < groups.size(); ++b) {
    Block& block = plan.blocks[b];
    for (const auto& [lookback, nodes] : groups[b].shared) {
      for (std::size_t i = 0; i < nodes.size(); i += static_cast<std::size_t>(width)) {
        const std::size_t end = std::min(nodes.size(), i + static_cast<std::size_t>(width));
        block.heads.push_back({lookback,
                               false,
                               {nodes.begin() + static_cast<std::ptrdiff_t>(i),
                                nodes.begin() + static_cast<std::ptrdiff_t>(end)}});
      }
      for (const NodeId id : nodes)
        if (is_once(plan.node(id))) block.thresholds.push_back(id);
    }
    for (const NodeId id : groups[b].alone) block.heads.push_back({lookback_of(plan.node(id)), true, {id}});
    // Local heads first, global ones last: the order in which attention kinds are usually written.
    std::stable_sort(block.heads.begin(), block.heads.end(), [](const Head& a, const Head& c) {
      return static_cast<unsigned>(a.lookback) < static_cast<unsigned>(c.lookback);
    });
  }
}

}  // namespace yore::compiler
