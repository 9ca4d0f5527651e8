#include "yore/compiler/cases.h"

#include <algorithm>

namespace yore::compiler {

using logic::Node;
using logic::Op;

Cases::Cases(const logic::Formula& formula) : graph_(formula.graph), tokens_(formula.alphabet.size() + 1) {
  const auto size = static_cast<std::size_t>(graph_.size());
  past_.assign(size, 0);
  assumed_.assign(size, Truth::Unknown);
  for (NodeId id = 0; id < graph_.size(); ++id) {
    const Node& node = graph_.node(id);
    char& past = past_[static_cast<std::size_t>(id)];
    past = is_temporal(node.op);
    for (const NodeId arg : node.args) past = past != 0 || past_[static_cast<std::size_t>(arg)] != 0;
  }
  for (int t = 0; t < tokens_; ++t) {
    const auto values = logic::evaluate_all(graph_, t + 1 < tokens_ ? logic::Word{t} : logic::Word{});
    by_token_.emplace_back();
    for (const auto& value : values) by_token_.back().push_back(value[0]);
  }
}

Truth Cases::truth(NodeId id) const {
  if (in_letters(id) && token_ >= 0)
    return by_token_[static_cast<std::size_t>(token_)][static_cast<std::size_t>(id)] != 0 ? Truth::True
                                                                                          : Truth::False;
  if (const Truth known = assumed_[static_cast<std::size_t>(id)]; known != Truth::Unknown) return known;
  return derived(id);
}

Truth Cases::derived(NodeId id) const {
  const Node& node = graph_.node(id);
  switch (node.op) {
    case Op::False:
      return Truth::False;
    case Op::True:
      return Truth::True;
    case Op::Not: {
      const Truth t = truth(node.args[0]);
      return t == Truth::Unknown ? t : t == Truth::True ? Truth::False : Truth::True;
    }
    case Op::And:
    case Op::Or: {
      const Truth decisive = node.op == Op::And ? Truth::False : Truth::True;
      Truth all = decisive == Truth::False ? Truth::True : Truth::False;
      for (const NodeId arg : node.args) {
        const Truth t = truth(arg);
        if (t == decisive) return decisive;
        if (t == Truth::Unknown) all = Truth::Unknown;
      }
      return all;
    }
    default:
      return Truth::Unknown;
  }
}

bool Cases::impossible() const {
  return std::any_of(junctions_.begin(), junctions_.end(), [&](NodeId id) {
    const Truth below = derived(id);
    return below != Truth::Unknown && below != assumed_[static_cast<std::size_t>(id)];
  });
}

bool Cases::split(std::vector<NodeId> nodes, base::Budget& cases, const std::function<Next()>& visit,
                  const std::function<std::optional<NodeId>()>& prefer) {
  needs_token_ = std::any_of(nodes.begin(), nodes.end(), [&](NodeId id) { return in_letters(id); });
  std::erase_if(nodes, [&](NodeId id) { return in_letters(id); });
  nodes_ = std::move(nodes);
  return descend(0, cases, visit, prefer);
}

bool Cases::descend(std::size_t next, base::Budget& cases, const std::function<Next()>& visit,
                    const std::function<std::optional<NodeId>()>& prefer) {
  if (impossible()) return true;
  if (!cases.afford()) return false;
  while (next < nodes_.size() && truth(nodes_[next]) != Truth::Unknown) ++next;
  const bool by_token = needs_token_ && token_ < 0;
  complete_ = !by_token && next == nodes_.size();
  const Next answer = visit();
  if (answer == Next::Stop) return false;
  if (answer == Next::Done || (!by_token && next == nodes_.size())) return true;
  bool fine = true;
  if (by_token) {
    for (token_ = 0; fine && token_ < tokens_; ++token_) fine = descend(next, cases, visit, prefer);
    token_ = -1;
    return fine;
  }
  const NodeId id = (prefer ? prefer() : std::nullopt).value_or(nodes_[next]);
  Truth& value = assumed_[static_cast<std::size_t>(id)];
  const bool junction = graph_.node(id).op == Op::And || graph_.node(id).op == Op::Or;
  if (junction) junctions_.push_back(id);
  for (const Truth t : {Truth::False, Truth::True}) {
    if (!fine) break;
    value = t;
    fine = descend(next, cases, visit, prefer);
  }
  value = Truth::Unknown;
  if (junction) junctions_.pop_back();
  return fine;
}

}  // namespace yore::compiler
